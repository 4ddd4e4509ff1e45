#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"
#include "codegen/common/ReuseInput.h"
#include "codegen/common/VectorBody.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENVECTORIZEPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using namespace nacre::codegen;

namespace {
struct Vectorize final
    : nacre::codegen::impl::CodegenVectorizePassBase<Vectorize> {
  void runOnOperation() override {
    KernelFunction kernel(getOperation());
    if (kernel && kernel.emitsLoops())
      return;
    SmallVector<linalg::GenericOp> ops;
    getOperation().walk([&](linalg::GenericOp op) { ops.push_back(op); });
    for (linalg::GenericOp op : ops)
      reuseInput(op);
    IRRewriter rewriter(&getContext());
    llvm::DenseSet<Operation *> done;
    bool changed = false;
    // Last op first: it takes its producers into its loops.
    for (linalg::GenericOp op : llvm::reverse(ops)) {
      if (done.contains(op))
        continue;
      VectorMiss miss;
      FailureOr<VectorPlan> plan =
          planVectors(op, kernel ? kernel.target() : nullptr,
                      kernel ? kernel.schedule() : nullptr, miss);
      if (failed(plan)) {
        remark::missed(
            op.getLoc(),
            remark::RemarkOpts::name(reasonOf(miss)).category(getArgument()))
            << remark::reason("left to scalar loops");
        continue;
      }
      done.insert(plan->group.begin(), plan->group.end());
      emitPlan(*plan, rewriter);
      changed = true;
    }
    if (changed)
      simplify(getOperation());
  }
};
} // namespace
