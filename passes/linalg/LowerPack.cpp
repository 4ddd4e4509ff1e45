#include "passes/linalg/FoldPack.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace nacre::lower;

namespace {

/// A tensor in blocks of its own dims, still in the order of its elements: each
/// blocked dim is two, the number of blocks and the block.
struct Blocked {
  SmallVector<ReassociationIndices> groups; ///< dims per dim of the tensor
  SmallVector<OpFoldResult> sizes;
  /// Dims in the order of the packed layout: outer dims, then blocks.
  SmallVector<int64_t> packedOrder;
};

/// The blocked form of the tensor that `op` packs, or unpacks to, which has
/// `sizes`. Fails if a block does not divide its dim.
template <typename OpT>
FailureOr<Blocked> blockedForm(OpT op, RankedTensorType type,
                               ArrayRef<OpFoldResult> sizes, OpBuilder &b) {
  int64_t rank = type.getRank();
  SmallVector<int64_t> tiles(rank, 0);
  for (auto [dim, tile] :
       llvm::zip_equal(op.getInnerDimsPos(), op.getStaticInnerTiles())) {
    if (ShapedType::isDynamic(tile) || type.isDynamicDim(dim) ||
        type.getDimSize(dim) % tile != 0)
      return failure();
    tiles[dim] = tile;
  }
  Blocked blocked;
  SmallVector<int64_t> outer(rank), inner(rank, -1);
  for (int64_t dim = 0; dim < rank; ++dim) {
    outer[dim] = blocked.sizes.size();
    ReassociationIndices &group = blocked.groups.emplace_back();
    group.push_back(outer[dim]);
    if (tiles[dim] == 0) {
      blocked.sizes.push_back(sizes[dim]);
      continue;
    }
    blocked.sizes.push_back(b.getIndexAttr(type.getDimSize(dim) / tiles[dim]));
    inner[dim] = blocked.sizes.size();
    group.push_back(inner[dim]);
    blocked.sizes.push_back(b.getIndexAttr(tiles[dim]));
  }
  for (int64_t k = 0; k < rank; ++k)
    blocked.packedOrder.push_back(
        outer[op.getOuterDimsPerm().empty() ? k : op.getOuterDimsPerm()[k]]);
  for (int64_t dim : op.getInnerDimsPos())
    blocked.packedOrder.push_back(inner[dim]);
  return blocked;
}

RankedTensorType typeOf(ArrayRef<OpFoldResult> sizes, Type elementType) {
  SmallVector<int64_t> shape;
  SmallVector<Value> dynamic;
  dispatchIndexOpFoldResults(sizes, dynamic, shape);
  return RankedTensorType::get(shape, elementType);
}

/// pack(x) -> transpose(expand_shape(x))
///
/// Exact: only blocks that divide their dim, so nothing is padded. Worth it
/// because a transpose is a loop nest that fuses with what is around it.
struct PackToTranspose final : OpRewritePattern<linalg::PackOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::PackOp pack,
                                PatternRewriter &rewriter) const override {
    Location loc = pack.getLoc();
    auto type = dyn_cast<RankedTensorType>(pack.getSource().getType());
    if (!type)
      return rewriter.notifyMatchFailure(pack, "not on tensors");
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, pack.getSource());
    FailureOr<Blocked> blocked = blockedForm(pack, type, sizes, rewriter);
    if (failed(blocked))
      return rewriter.notifyMatchFailure(pack, "a block does not divide");
    Value expanded = tensor::ExpandShapeOp::create(
        rewriter, loc, typeOf(blocked->sizes, type.getElementType()),
        pack.getSource(), blocked->groups, blocked->sizes);
    rewriter.replaceOp(pack, linalg::TransposeOp::create(
                                 rewriter, loc, expanded, pack.getDest(),
                                 blocked->packedOrder));
    return success();
  }
};

/// unpack(x) -> collapse_shape(transpose(x)), exact and worth it as above.
struct UnpackToTranspose final : OpRewritePattern<linalg::UnPackOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(linalg::UnPackOp unpack,
                                PatternRewriter &rewriter) const override {
    Location loc = unpack.getLoc();
    auto type = dyn_cast<RankedTensorType>(unpack.getDest().getType());
    if (!type)
      return rewriter.notifyMatchFailure(unpack, "not on tensors");
    SmallVector<OpFoldResult> sizes =
        tensor::getMixedSizes(rewriter, loc, unpack.getDest());
    FailureOr<Blocked> blocked = blockedForm(unpack, type, sizes, rewriter);
    if (failed(blocked))
      return rewriter.notifyMatchFailure(unpack, "a block does not divide");
    Value empty = tensor::EmptyOp::create(rewriter, loc, blocked->sizes,
                                          type.getElementType());
    Value transposed = linalg::TransposeOp::create(
                           rewriter, loc, unpack.getSource(), empty,
                           invertPermutationVector(blocked->packedOrder))
                           ->getResult(0);
    rewriter.replaceOpWithNewOp<tensor::CollapseShapeOp>(
        unpack, type, transposed, blocked->groups);
    return success();
  }
};

} // namespace

void nacre::lower::populateLowerPackPatterns(RewritePatternSet &patterns) {
  patterns.add<PackToTranspose, UnpackToTranspose>(patterns.getContext());
}
