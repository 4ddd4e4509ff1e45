#include "codegen/common/Passes.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENGENERALIZEPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;

/// unpack -> transpose and collapse, where tiles divide their dims: nothing has
/// to be cut off, and the collapse can be a view of the output.
static FailureOr<Value> lowerWholeUnpack(RewriterBase &b, linalg::UnPackOp op) {
  RankedTensorType source = op.getSourceType(), result = op.getDestType();
  SmallVector<int64_t> tiles = op.getStaticTiles();
  ArrayRef<int64_t> positions = op.getInnerDimsPos();
  ArrayRef<int64_t> outer = op.getOuterDimsPerm();
  for (auto [dim, tile] : llvm::zip_equal(positions, tiles))
    if (ShapedType::isDynamic(tile) || result.isDynamicDim(dim) ||
        result.getDimSize(dim) % tile != 0)
      return failure();
  // Order: each dim of the result, with its tile behind.
  SmallVector<int64_t> order;
  SmallVector<ReassociationIndices> groups(result.getRank());
  for (int64_t dim = 0; dim < result.getRank(); ++dim) {
    auto add = [&](int64_t from) {
      groups[dim].push_back(order.size());
      order.push_back(from);
    };
    add(outer.empty() ? dim : llvm::find(outer, dim) - outer.begin());
    for (auto [i, position] : llvm::enumerate(positions))
      if (position == dim)
        add(result.getRank() + i);
  }
  SmallVector<OpFoldResult> sizes =
      tensor::getMixedSizes(b, op.getLoc(), op.getSource());
  Value empty = tensor::EmptyOp::create(
      b, op.getLoc(), applyPermutation(sizes, order), source.getElementType());
  Value turned =
      linalg::TransposeOp::create(b, op.getLoc(), op.getSource(), empty, order)
          ->getResult(0);
  return tensor::CollapseShapeOp::create(b, op.getLoc(), result, turned, groups)
      .getResult();
}

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
      if (auto whole = lowerWholeUnpack(rewriter, unpack); succeeded(whole))
        rewriter.replaceOp(op, *whole);
      else if (failed(linalg::lowerUnPack(rewriter, unpack)))
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

/// An op without reductions that reads the element it writes, which a fill
/// made: the body reads what filled. Merging such an op into another would lose
/// the fill.
static void inlineFills(func::FuncOp func) {
  func.walk([](linalg::GenericOp op) {
    if (op.getNumReductionLoops() != 0)
      return;
    for (OpOperand &init : op.getDpsInitsMutable()) {
      auto fill = init.get().getDefiningOp<linalg::FillOp>();
      BlockArgument element = op.getMatchingBlockArgument(&init);
      if (!fill || element.use_empty())
        continue;
      element.replaceAllUsesWith(fill.getInputs().front());
      init.set(fill.getOutputs().front());
    }
  });
}

namespace {
struct Generalize final
    : nacre::codegen::impl::CodegenGeneralizePassBase<Generalize> {
  void runOnOperation() override {
    IRRewriter rewriter(&getContext());
    if (failed(generalize(getOperation(), rewriter)))
      return signalPassFailure();
    inlineFills(getOperation());
  }
};
} // namespace
