#include "codegen/common/Passes.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENGENERALIZEPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;

/// Named ops other than fill become generic ones; aggregates are taken apart.
static LogicalResult generalize(func::FuncOp func, IRRewriter &rewriter) {
  SmallVector<Operation *> ops;
  func.walk([&](Operation *op) { ops.push_back(op); });
  for (Operation *op : ops) {
    rewriter.setInsertionPoint(op);
    if (auto aggregate = dyn_cast<linalg::AggregatedOpInterface>(op)) {
      FailureOr<SmallVector<Value>> parts =
          aggregate.decomposeOperation(rewriter);
      if (failed(parts))
        return op->emitError("cannot be taken apart");
      rewriter.replaceOp(op, *parts);
    } else if (auto pack = dyn_cast<linalg::PackOp>(op)) {
      if (failed(linalg::lowerPack(rewriter, pack)))
        return op->emitError("cannot be taken apart");
    } else if (auto unpack = dyn_cast<linalg::UnPackOp>(op)) {
      if (failed(linalg::lowerUnPack(rewriter, unpack)))
        return op->emitError("cannot be taken apart");
    }
  }
  ops.clear();
  func.walk([&](linalg::LinalgOp op) {
    if (!isa<linalg::GenericOp, linalg::FillOp>(op.getOperation()))
      ops.push_back(op);
  });
  for (Operation *op : ops) {
    rewriter.setInsertionPoint(op);
    if (failed(linalg::generalizeNamedOp(rewriter, cast<linalg::LinalgOp>(op))))
      return op->emitError("cannot be written as linalg.generic");
  }
  return success();
}

namespace {
struct Generalize final
    : nacre::codegen::impl::CodegenGeneralizePassBase<Generalize> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    if (failed(generalize(getOperation(), rewriter)))
      signalPassFailure();
  }
};
} // namespace
