#include "compiler/api/Crash.h"
#include "tools/nacre/command/Commands.h"
#include "tools/nacre/command/Common.h"
#include "tools/nacre/io/Tensor.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace nacre;
using namespace nacre::command;
using llvm::StringRef;

namespace {
struct Settings {
  std::string model, output, emit;
  CompileOptions compile;
};
} // namespace

static std::optional<Text> textNamed(StringRef name) {
  return llvm::StringSwitch<std::optional<Text>>(name)
      .Case("graph", Text::Graph)
      .Case("tensor", Text::Tensor)
      .Case("kernel", Text::Kernel)
      .Case("program", Text::Program)
      .Case("llvm", Text::LLVM)
      .Case("asm", Text::Assembly)
      .Default(std::nullopt);
}

/// Prints to standard output, or to a file that is kept only if all went well.
static Outcome printText(Compilation &compilation, Text text,
                         const std::string &output) {
  if (output.empty() || output == "-")
    return compilation.print(text, llvm::outs());
  std::string printed;
  llvm::raw_string_ostream os(printed);
  Outcome outcome = compilation.print(text, os);
  std::string error;
  if (outcome != Outcome::Ok)
    return outcome;
  if (io::writeFile(output, printed, error))
    return outcome;
  printMessage(Severity::Error, "nacre: error: " + error);
  return Outcome::BadModel;
}

static int compileModel(const Settings &settings) {
  handleCrashes();
  Compilation compilation(settings.compile, printMessage);
  Outcome outcome = compilation.import(settings.model);
  if (outcome != Outcome::Ok)
    return int(outcome);
  if (!settings.emit.empty())
    return int(
        printText(compilation, *textNamed(settings.emit), settings.output));
  return int(compilation.writeArtifact(settings.output));
}

int command::compile(Arguments arguments) {
  Settings settings;
  CompileOptions &compile = settings.compile;
  Options options("compile",
                  "Compiles an ONNX model to native code, by default for this "
                  "machine's processor.",
                  "MODEL.onnx [OPTION...]");
  options.positional(settings.model);
  options.text("o", "FILE",
               "what to write, by its name: model.so, model.a (and model.h),\n"
               "or model, an executable (default: MODEL.so)",
               settings.output);
  options.each("emit", "STAGE",
               "print graph, tensor, kernel, program, llvm or asm instead",
               [&](StringRef name) {
                 settings.emit = name.str();
                 return std::string(textNamed(name) ? ""
                                                    : "expected graph, tensor, "
                                                      "kernel, program, llvm or "
                                                      "asm");
               });
  declareCompileOptions(options, compile);
  options.number("threads", "N",
                 "threads that compile (default: one per CPU)",
                 compile.threads);
  options.text("save-temps", "DIR", "keep the IR and objects of all steps",
               compile.saveTemps);
  options.flag("print-pass-timing", "show how long each pass took",
               compile.passTiming);
  if (std::optional<int> code = options.parse(arguments))
    return *code;
  if (settings.emit.empty() && settings.output.empty())
    settings.output =
        (llvm::sys::path::stem(settings.model) + ".so").str();
  StringRef kind = llvm::sys::path::extension(settings.output);
  if (settings.emit.empty() && kind != ".so" && kind != ".a" && !kind.empty())
    return options.misuse("'" + settings.output +
                          "' ends in neither .so nor .a; an executable has no "
                          "ending");
  return compileModel(settings);
}
