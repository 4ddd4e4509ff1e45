#include "compiler/pipeline/Pipeline.h"
#include "dialects/kernel/Kernel.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace nacre;

namespace {

/// The dialects whose ops may appear once a stage is reached: in functions, and
/// in the bodies of kernels, which are tensor code until they are generated.
struct StageDialects {
  StringLiteral name;
  std::initializer_list<StringLiteral> functions, kernels;
};

const StageDialects kStages[] = {
    {"graph", {"builtin", "func", "graph"}, {}},
    {"tensor",
     {"builtin", "func", "affine", "arith", "kernel", "linalg", "math",
      "program", "scf", "tensor"},
     {}},
    {"kernel",
     {"builtin", "func", "affine", "arith", "kernel", "math", "program", "scf",
      "tensor"},
     {"affine", "arith", "kernel", "linalg", "math", "scf", "tensor"}},
    {"program",
     {"builtin", "func", "affine", "arith", "math", "memref", "program", "scf"},
     {"affine", "arith", "kernel", "linalg", "math", "scf", "tensor"}}};

/// Requires: anything.
/// Ensures:  the module holds only ops of the stage; changes nothing.
struct VerifyStagePass
    : public PassWrapper<VerifyStagePass, OperationPass<ModuleOp>> {
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(VerifyStagePass)

  VerifyStagePass() = default;
  VerifyStagePass(const VerifyStagePass &other) : PassWrapper(other) {}
  explicit VerifyStagePass(StringRef name) { stage = name.str(); }

  StringRef getArgument() const override { return "verify-stage"; }
  StringRef getDescription() const override {
    return "Check that a module holds only the dialects of a stage";
  }

  LogicalResult check(Operation *op, const StageDialects &allowed) {
    bool inKernel = op->getParentOfType<kernel::FuncOp>() != nullptr;
    const auto &list = inKernel ? allowed.kernels : allowed.functions;
    StringRef dialect = op->getName().getDialectNamespace();
    if (isa<kernel::FuncOp>(op) ? !std::empty(allowed.kernels)
                                : llvm::is_contained(list, dialect))
      return success();
    return op->emitOpError()
           << "is of dialect '" << dialect << "', which stage '"
           << allowed.name << "' does not have in "
           << (inKernel ? "kernels" : "functions") << "; expected "
           << llvm::join(list, ", ");
  }

  void runOnOperation() override {
    const auto *allowed = llvm::find_if(
        kStages, [&](const StageDialects &one) { return one.name == stage; });
    if (allowed == std::end(kStages)) {
      getOperation().emitError()
          << "verify-stage: unknown stage '" << stage
          << "'; expected graph, tensor, kernel or program";
      return signalPassFailure();
    }
    bool failed = false;
    getOperation().walk([&](Operation *op) {
      failed |= mlir::failed(check(op, *allowed));
    });
    if (failed)
      signalPassFailure();
  }

  Option<std::string> stage{*this, "stage",
                            llvm::cl::desc("graph, tensor, kernel or program")};
};

} // namespace

std::unique_ptr<Pass> nacre::createVerifyStagePass(Stage stage) {
  return std::make_unique<VerifyStagePass>(kStages[size_t(stage)].name);
}

void nacre::registerVerifyStagePass() {
  PassRegistration<VerifyStagePass>();
}
