#include "tools/nacre/command/Common.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

using namespace nacre;
using namespace nacre::command;
using llvm::StringRef;

void command::printMessage(Severity, StringRef text) {
  llvm::errs() << text << "\n";
}

int command::reportError(StringRef path, const llvm::Twine &text) {
  llvm::errs() << path << ": error: " << text << "\n";
  return int(Outcome::BadModel);
}

void command::declareCompileOptions(Options &options, CompileOptions &compile) {
  options.text("target", "NAME", "see 'nacre targets' (default: cpu)",
               compile.target);
  options.text("cpu", "NAME", "processor to compile for (default: this one)",
               compile.processor);
  options.each("O", "LEVEL", "0: only passes that are needed; 1: all (default)",
               [&compile](StringRef level) {
                 compile.optimize = level == "1";
                 return std::string(
                     level == "0" || level == "1" ? "" : "expected 0 or 1");
               });
  options.each("sanitize", "WHAT",
               "bounds: the model checks each access of memory against its\n"
               "buffer, and a run fails with the kernel and the buffer",
               [&compile](StringRef what) {
                 compile.checkBounds |= what == "bounds";
                 return std::string(what == "bounds" ? "" : "expected bounds");
               });
  options.each("dim", "NAME=VALUE", "size of an open dim of the model's inputs",
               [&compile](StringRef text) {
                 StringRef name, value;
                 int64_t size = 0;
                 if (!splitPair(text, name, value) ||
                     value.getAsInteger(10, size) || size < 0)
                   return std::string("expected NAME=VALUE");
                 compile.dims[name] = size;
                 return std::string();
               });
  options.each("shape", "NAME=SHAPE",
               "shape of an input: 2x3, 2x? with an open dim, or scalar",
               [&compile](StringRef text) {
                 StringRef name, value;
                 llvm::SmallVector<int64_t> shape;
                 if (!splitPair(text, name, value) || !parseShape(value, shape))
                   return std::string("expected NAME=2x3x? or NAME=scalar");
                 compile.shapes[name] = shape;
                 return std::string();
               });
}

std::vector<std::string>
command::compileArguments(const CompileOptions &compile) {
  std::vector<std::string> list{"--target=" + compile.target};
  if (!compile.processor.empty())
    list.push_back("--cpu=" + compile.processor);
  if (!compile.optimize)
    list.push_back("-O0");
  if (compile.checkBounds)
    list.push_back("--sanitize=bounds");
  for (const auto &dim : compile.dims)
    list.push_back(
        ("--dim=" + dim.first() + "=" + llvm::Twine(dim.second)).str());
  for (const auto &[name, shape] : compile.shapes)
    list.push_back(("--shape=" + name + "=" + shapeText(shape)).str());
  return list;
}

std::string command::bytesText(uint64_t bytes) {
  if (bytes < 10000)
    return std::to_string(bytes) + " bytes";
  if (bytes < 10'000'000)
    return llvm::formatv("{0:f1} KB", double(bytes) / 1e3).str();
  return llvm::formatv("{0:f1} MB", double(bytes) / 1e6).str();
}
