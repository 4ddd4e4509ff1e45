#include "compiler/api/Compiler.h"
#include "tools/nacre/command/Commands.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace nacre::command;

namespace {
struct Command {
  llvm::StringLiteral name;
  llvm::StringLiteral summary; ///< empty: not for users
  int (*run)(Arguments);
};
} // namespace

static constexpr Command kCommands[] = {
    {"compile", "turn an ONNX model into native code", compile},
    {"run", "run a model on tensors from files", run},
    {"verify", "compare compiled code with expected outputs", verify},
    {"inspect", "show what a model or a compiled model holds", inspect},
    {"targets", "list the chips that code can be made for", targets},
    {"ops", "list the ONNX operators that models may use", ops},
    {"verify-worker", "", verifyWorker}};

static void help(llvm::raw_ostream &os) {
  os << "usage: nacre COMMAND [OPTION...]\n\n"
        "Compiles ONNX models to native code.\n\ncommands:\n";
  for (const Command &command : kCommands)
    if (!command.summary.empty())
      os << "  " << llvm::left_justify(command.name, 12) << command.summary
         << "\n";
  os << "\n'nacre COMMAND --help' shows the options of a command.\n"
        "Exit codes: 0 ok, 1 the model or an input is at fault, 2 usage, "
        "70 a fault of nacre.\n";
}

int nacre::command::dispatch(Arguments arguments) {
  llvm::StringRef name = arguments.empty() ? "" : arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    help(llvm::outs());
    return 0;
  }
  if (name == "--version") {
    llvm::outs() << "nacre " << compilerVersion() << "\n";
    return 0;
  }
  for (const Command &command : kCommands)
    if (command.name == name)
      return command.run(arguments.drop_front());
  if (name.empty())
    llvm::errs() << "nacre: error: expected a command\n\n";
  else
    llvm::errs() << "nacre: error: unknown command '" << name << "'\n\n";
  help(llvm::errs());
  return 2;
}
