#include "passes/linalg/FoldPack.h"

#include "dialects/kernel/Kernel.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"

using namespace mlir;

/// Whether the blocks are known to fill the dims that they split.
static bool isWhole(linalg::UnPackOp unpack) {
  auto type = dyn_cast<RankedTensorType>(unpack.getDestType());
  if (!type)
    return false;
  for (auto [dim, size] :
       llvm::zip_equal(unpack.getInnerDimsPos(), unpack.getStaticInnerTiles()))
    if (ShapedType::isDynamic(size) || type.isDynamicDim(dim) ||
        type.getDimSize(dim) % size != 0)
      return false;
  return true;
}

namespace {

/// Per loop the size of its blocks, 0 for a loop that is not split.
using Blocks = SmallVector<int64_t>;

/// op(unpack(x), ...) -> unpack(op'(x, pack(...)))
///
/// Any number of operands may be unpacked, if they agree; the packs of the
/// others meet an unpack, a constant or the border further up.
///
/// Exact: only parallel loops are split, so every element is computed as
/// before. Worth it because two convolutions with ops between them then share a
/// layout.
struct PropagateUnpack final : OpInterfaceRewritePattern<linalg::LinalgOp> {
  PropagateUnpack(MLIRContext *context)
      // Before upstream's pattern, which stops where two operands are unpacked.
      : OpInterfaceRewritePattern(context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(linalg::LinalgOp op,
                                PatternRewriter &rewriter) const override {
    if (isa<linalg::FillOp>(op) || !op.hasPureTensorSemantics() ||
        op.hasIndexSemantics() || op->getParentOfType<nacre::kernel::GroupOp>())
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
    // At once: a pack that has become a reshape no longer meets its unpack.
    for (linalg::PackOp pack : packed->packOps)
      if (auto unpack = pack.getSource().getDefiningOp<linalg::UnPackOp>();
          unpack && unpack.getSourceType() == pack.getDestType() &&
          unpack.getInnerDimsPos() == pack.getInnerDimsPos())
        rewriter.replaceOp(pack, unpack.getSource());
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
    for (auto [dim, size] : llvm::zip_equal(unpack.getInnerDimsPos(),
                                            unpack.getStaticInnerTiles())) {
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
          if (!isa<AffineDimExpr>(subscript) && subscript.isFunctionOfDim(loop))
            return false;
    }
    return true;
  }
};

/// collapse_shape(unpack(x)) -> unpack(collapse_shape(x))
///
/// Exact: only dims that are not in blocks are joined. Worth it for what
/// follows: a resize joins the pixels that it has repeated.
struct UnpackThroughCollapse final : OpRewritePattern<tensor::CollapseShapeOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::CollapseShapeOp op,
                                PatternRewriter &rewriter) const override {
    auto unpack = op.getSrc().getDefiningOp<linalg::UnPackOp>();
    if (!unpack || !isWhole(unpack) ||
        !isIdentityPermutation(unpack.getOuterDimsPerm()))
      return rewriter.notifyMatchFailure(op, "not of whole blocks");
    SmallVector<ReassociationIndices> groups = op.getReassociationIndices();
    SmallVector<int64_t> positions;
    for (int64_t dim : unpack.getInnerDimsPos()) {
      auto group = llvm::find_if(groups, [&](const ReassociationIndices &dims) {
        return llvm::is_contained(dims, dim);
      });
      if (group->size() != 1)
        return rewriter.notifyMatchFailure(op, "joins a dim of blocks");
      positions.push_back(group - groups.begin());
    }
    Location loc = op.getLoc();
    // The blocks are dims of their own behind all others.
    for (int64_t dim = op.getSrcType().getRank();
         dim < unpack.getSourceType().getRank(); ++dim)
      groups.push_back({dim});
    Value blocks = tensor::CollapseShapeOp::create(rewriter, loc,
                                                   unpack.getSource(), groups);
    Value empty = linalg::UnPackOp::createDestinationTensor(
        rewriter, loc, blocks, unpack.getMixedTiles(), positions, {});
    rewriter.replaceOpWithNewOp<linalg::UnPackOp>(op, blocks, empty, positions,
                                                  unpack.getMixedTiles());
    return success();
  }
};

/// if { yield unpack(x) } else { yield y }
///   -> unpack(if { yield x } else { yield pack(y) })
///
/// Exact: only whole blocks. Worth it because the branch that unpacks is one
/// that computes in blocks; the other is most often the slow path of sizes that
/// are seen at run time.
struct UnpackThroughIf final : OpRewritePattern<scf::IfOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(scf::IfOp op,
                                PatternRewriter &rewriter) const override {
    for (OpResult result : op.getResults()) {
      unsigned index = result.getResultNumber();
      for (Region *region : op.getRegions()) {
        auto unpack = region->front()
                          .getTerminator()
                          ->getOperand(index)
                          .getDefiningOp<linalg::UnPackOp>();
        if (!unpack || !isWhole(unpack))
          continue;
        move(op, index, unpack, rewriter);
        return success();
      }
    }
    return rewriter.notifyMatchFailure(op, "no branch unpacks");
  }

private:
  static void move(scf::IfOp op, unsigned index, linalg::UnPackOp unpack,
                   PatternRewriter &rewriter) {
    SmallVector<Type> types(op.getResultTypes());
    types[index] = unpack.getSourceType();
    Location loc = op.getLoc();
    auto blocked = scf::IfOp::create(rewriter, loc, types, op.getCondition(),
                                     /*addThenBlock=*/false,
                                     /*addElseBlock=*/false);
    for (auto [from, to] :
         llvm::zip_equal(op.getRegions(), blocked.getRegions())) {
      rewriter.inlineRegionBefore(*from, *to, to->end());
      pack(to->front().getTerminator()->getOpOperand(index), unpack, rewriter);
    }
    rewriter.setInsertionPointAfter(blocked);
    SmallVector<Value> results(blocked.getResults());
    // The sizes in use outside are known there; a dim of the result says less.
    SmallVector<OpFoldResult> sizes;
    auto empty = unpack.getDest().getDefiningOp<tensor::EmptyOp>();
    if (empty && llvm::all_of(empty.getDynamicSizes(), [&](Value size) {
          return !blocked->isAncestor(size.getParentRegion()->getParentOp());
        }))
      sizes = empty.getMixedSizes();
    Value dest =
        sizes.empty()
            ? linalg::UnPackOp::createDestinationTensor(
                  rewriter, loc, results[index], unpack.getMixedTiles(),
                  unpack.getInnerDimsPos(), unpack.getOuterDimsPerm())
            : tensor::EmptyOp::create(rewriter, loc, sizes,
                                      unpack.getDestType().getElementType());
    results[index] = linalg::UnPackOp::create(
        rewriter, loc, results[index], dest, unpack.getInnerDimsPos(),
        unpack.getMixedTiles(), unpack.getOuterDimsPerm());
    rewriter.replaceOp(op, results);
  }

  /// What `yielded` yields, in the blocks of `unpack`.
  static void pack(OpOperand &yielded, linalg::UnPackOp unpack,
                   PatternRewriter &rewriter) {
    Value value = yielded.get();
    rewriter.setInsertionPoint(yielded.getOwner());
    Value blocks = unpack.getSource();
    if (value != unpack.getResult()) {
      Location loc = unpack.getLoc();
      Value dest = linalg::PackOp::createDestinationTensor(
          rewriter, loc, value, unpack.getMixedTiles(),
          unpack.getInnerDimsPos(), unpack.getOuterDimsPerm());
      blocks = linalg::PackOp::create(
          rewriter, loc, value, dest, unpack.getInnerDimsPos(),
          unpack.getMixedTiles(), std::nullopt, unpack.getOuterDimsPerm());
    }
    rewriter.modifyOpInPlace(yielded.getOwner(), [&] { yielded.set(blocks); });
  }
};

/// concat(unpack(x), unpack(y)) -> unpack(concat(x, y))
///
/// Exact: only whole blocks of one size. Worth it because what is put together
/// comes out of convolutions, and goes into one.
struct UnpackThroughConcat final : OpRewritePattern<tensor::ConcatOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(tensor::ConcatOp op,
                                PatternRewriter &rewriter) const override {
    SmallVector<Value> blocks;
    linalg::UnPackOp first;
    for (Value input : op.getInputs()) {
      auto unpack = input.getDefiningOp<linalg::UnPackOp>();
      if (!unpack || !isWhole(unpack) ||
          !isIdentityPermutation(unpack.getOuterDimsPerm()))
        return rewriter.notifyMatchFailure(op, "not of whole blocks");
      if (!first)
        first = unpack;
      if (unpack.getInnerDimsPos() != first.getInnerDimsPos() ||
          unpack.getStaticInnerTiles() != first.getStaticInnerTiles())
        return rewriter.notifyMatchFailure(op, "blocks differ");
      blocks.push_back(unpack.getSource());
    }
    Location loc = op.getLoc();
    Value joined = tensor::ConcatOp::create(rewriter, loc, op.getDim(), blocks);
    Value empty = linalg::UnPackOp::createDestinationTensor(
        rewriter, loc, joined, first.getMixedTiles(), first.getInnerDimsPos(),
        {});
    rewriter.replaceOpWithNewOp<linalg::UnPackOp>(
        op, joined, empty, first.getInnerDimsPos(), first.getMixedTiles());
    return success();
  }
};

} // namespace

void nacre::lower::populatePropagateUnpackPatterns(
    RewritePatternSet &patterns) {
  patterns.add<PropagateUnpack, UnpackThroughCollapse, UnpackThroughConcat,
               UnpackThroughIf>(patterns.getContext());
}
