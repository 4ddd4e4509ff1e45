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
  options.text("cpu", "NAME", "processor to compile for (default: this one)",
               compile.processor);
  options.each("dim", "NAME=VALUE",
               "size of an open dim of the model's inputs",
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

std::string command::bytesText(uint64_t bytes) {
  if (bytes < 10000)
    return std::to_string(bytes) + " bytes";
  if (bytes < 10'000'000)
    return llvm::formatv("{0:f1} KB", double(bytes) / 1e3).str();
  return llvm::formatv("{0:f1} MB", double(bytes) / 1e6).str();
}
