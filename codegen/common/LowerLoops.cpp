#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENLOWERLOOPSPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;

namespace {
struct LowerLoops final
    : nacre::codegen::impl::CodegenLowerLoopsPassBase<LowerLoops> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    // A copy of strided buffers would become a call of a runtime library.
    getOperation().walk([&](memref::CopyOp copy) {
      rewriter.setInsertionPoint(copy);
      if (copy.getSource() != copy.getTarget())
        linalg::makeMemRefCopyOp(rewriter, copy.getLoc(), copy.getSource(),
                                 copy.getTarget());
      rewriter.eraseOp(copy);
    });
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) { ops.push_back(op); });
    for (linalg::LinalgOp op : ops) {
      rewriter.setInsertionPoint(op);
      if (failed(linalg::linalgOpToLoops(rewriter, op))) {
        op.emitError("cannot be written as loops");
        return signalPassFailure();
      }
      rewriter.eraseOp(op);
    }
    nacre::codegen::simplify(getOperation());
  }
};
} // namespace
