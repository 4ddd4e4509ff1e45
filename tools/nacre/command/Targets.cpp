#include "codegen/target/Target.h"
#include "compiler/pipeline/Pipeline.h"
#include "tools/nacre/command/Commands.h"
#include "tools/nacre/command/Common.h"

#include "nacre/runtime.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace nacre;
using namespace nacre::command;
using llvm::outs;

static bool printTarget(const codegen::Target &target,
                        mlir::MLIRContext &context,
                        const std::string &processor) {
  kernel::TargetAttr facts = target.describe(
      context, {processor}, mlir::UnknownLoc::get(&context));
  if (!facts)
    return false;
  outs() << target.name << ": " << target.summary << "\n";
  for (mlir::NamedAttribute fact : facts.getFacts()) {
    // The list below is shorter and says what an artifact asks for.
    if (fact.getName() == "features")
      continue;
    outs() << "  " << fact.getName().getValue() << ": ";
    if (auto number = mlir::dyn_cast<mlir::IntegerAttr>(fact.getValue()))
      outs() << number.getValue().getSExtValue();
    else if (auto text = mlir::dyn_cast<mlir::StringAttr>(fact.getValue()))
      outs() << text.getValue();
    else
      fact.getValue().print(outs());
    outs() << "\n";
  }
  char device[96] = "";
  bool isHere =
      nacre_device_find(target.name.data(), device, sizeof(device)) == NACRE_OK;
  outs() << "  on this machine: "
         << (!isHere   ? std::string("none, ") + nacre_last_error()
             : *device ? device
                       : "yes")
         << "\n";
  std::vector<std::string> features = target.features(facts);
  outs() << "  features: " << (features.empty() ? "none" : "")
         << llvm::join(features, " ") << "\n";
  return true;
}

int command::targets(Arguments arguments) {
  std::string processor, only;
  Options options("targets",
                  "Lists the chips that code can be made for, with the facts "
                  "that the compiler decides by.",
                  "[OPTION...]");
  options.text("target", "NAME", "only this one", only);
  options.text("cpu", "NAME", "processor to describe (default: this one)",
               processor);
  if (std::optional<int> code = options.parse(arguments))
    return *code;
  mlir::DialectRegistry registry;
  registry.insert<kernel::KernelDialect>();
  mlir::MLIRContext context(registry, mlir::MLIRContext::Threading::DISABLED);
  context.loadDialect<kernel::KernelDialect>();
  context.getDiagEngine().registerHandler([](mlir::Diagnostic &diagnostic) {
    llvm::errs() << "nacre targets: error: " << diagnostic << "\n";
  });
  if (!processor.empty() && only.empty())
    only = codegen::hostTarget().name.str();
  if (!only.empty() && !codegen::findTarget(only))
    return options.misuse("unknown target '" + only + "'");
  for (const codegen::Target &target : codegen::targets())
    if ((only.empty() || target.name == only) &&
        !printTarget(target, context, processor))
      return 2;
  return 0;
}
