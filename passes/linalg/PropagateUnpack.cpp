#include "passes/linalg/FoldPack.h"

#include "dialects/kernel/Kernel.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

namespace {

/// Per loop the size of its blocks, 0 for a loop that is not split.
using Blocks = SmallVector<int64_t>;

/// op(unpack(x), ...) -> unpack(op'(x, pack(...)))
///
/// Any number of operands may be unpacked, if they agree; the packs of the
/// others meet an unpack, a constant or the border further up.
///
/// Exact: only parallel loops are split, so every element is computed as before.
/// Worth it because two convolutions with ops between them then share a layout.
struct PropagateUnpack final
    : OpInterfaceRewritePattern<linalg::LinalgOp> {
  PropagateUnpack(MLIRContext *context)
      // Before upstream's pattern, which stops where two operands are unpacked.
      : OpInterfaceRewritePattern(context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<linalg::FillOp>(op) || !op.hasPureTensorSemantics() ||
        op.hasIndexSemantics() ||
        op->getParentOfType<nacre::kernel::GroupOp>())
      return rewriter.notifyMatchFailure(op, "not a loop nest on tensors");
    Blocks blocks(op.getNumLoops(), 0);
    for (OpOperand *input : op.getDpsInputOperands())
      if (auto unpack = input->get().getDefiningOp<linalg::UnPackOp>())
        if (failed(addBlocks(op, *input, unpack, blocks)))
          return rewriter.notifyMatchFailure(op, "operands do not agree");
    if (llvm::all_of(blocks, [](int64_t size) { return size == 0; }))
      return rewriter.notifyMatchFailure(op, "no operand is unpacked");
    if (!canSplit(op, blocks))
      return rewriter.notifyMatchFailure(op, "loops cannot be split");
    Location loc = op.getLoc();
    FailureOr<linalg::PackResult> packed = linalg::pack(
        rewriter, op, getAsIndexOpFoldResult(op->getContext(), blocks));
    if (failed(packed))
      return rewriter.notifyMatchFailure(op, "subscripts cannot be split");
    packed->packedLinalgOp->setLoc(loc);
    return success();
  }

private:
  /// Splits the loops of `op` as the dims of `input` are; fails if they are
  /// split otherwise already.
  static LogicalResult addBlocks(linalg::LinalgOp op, OpOperand &input,
                                 linalg::UnPackOp unpack, Blocks &blocks) {
    if (!isIdentityPermutation(unpack.getOuterDimsPerm()))
      return failure();
    AffineMap map = op.getMatchingIndexingMap(&input);
    for (auto [dim, size] :
         llvm::zip_equal(unpack.getInnerDimsPos(), unpack.getStaticInnerTiles())) {
      auto loop = dyn_cast<AffineDimExpr>(map.getResult(dim));
      if (!loop || ShapedType::isDynamic(size))
        return failure();
      int64_t &block = blocks[loop.getPosition()];
      if (block != 0 && block != size)
        return failure();
      block = size;
    }
    return success();
  }

  /// Whether the loops are parallel and whole blocks, and every subscript of
  /// them is the loop itself.
  static bool canSplit(linalg::LinalgOp op, ArrayRef<int64_t> blocks) {
    SmallVector<int64_t> ranges = op.getStaticLoopRanges();
    auto iterators = op.getIteratorTypesArray();
    for (auto [loop, block] : llvm::enumerate(blocks)) {
      if (block == 0)
        continue;
      if (!linalg::isParallelIterator(iterators[loop]) ||
          ShapedType::isDynamic(ranges[loop]) || ranges[loop] % block != 0)
        return false;
      for (AffineMap map : op.getIndexingMapsArray())
        for (AffineExpr subscript : map.getResults())
          if (!isa<AffineDimExpr>(subscript) &&
              subscript.isFunctionOfDim(loop))
            return false;
    }
    return true;
  }
};

} // namespace

void nacre::lower::populatePropagateUnpackPatterns(
    RewritePatternSet &patterns) {
  patterns.add<PropagateUnpack>(patterns.getContext());
}
