#include "codegen/common/ExpandAddresses.h"

#include "mlir/Conversion/AffineToStandard/AffineToStandard.h"
#include "mlir/Dialect/Affine/Transforms/Transforms.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/Transforms/Transforms.h"

using namespace mlir;

/// The result of `expand` as a view of its own: upstream expects one open size
/// per dim that is split.
static void castExpanded(memref::ExpandShapeOp expand) {
  OpBuilder b(expand);
  Location loc = expand.getLoc();
  MemRefType type = expand.getResultType();
  auto source =
      memref::ExtractStridedMetadataOp::create(b, loc, expand.getSrc());
  SmallVector<OpFoldResult> sizes = expand.getMixedOutputShape();
  SmallVector<OpFoldResult> strides(sizes.size());
  auto [known, offset] = type.getStridesAndOffset();
  for (auto [dim, group] : llvm::enumerate(expand.getReassociationIndices())) {
    Value stride = source.getStrides()[dim];
    for (int64_t k : llvm::reverse(group)) {
      strides[k] = ShapedType::isDynamic(known[k]) ? OpFoldResult(stride)
                                                   : b.getIndexAttr(known[k]);
      stride = arith::MulIOp::create(
          b, loc, stride, getValueOrCreateConstantIndexOp(b, loc, sizes[k]));
    }
  }
  OpFoldResult start = ShapedType::isDynamic(offset)
                           ? OpFoldResult(source.getOffset())
                           : b.getIndexAttr(offset);
  auto view = memref::ReinterpretCastOp::create(
      b, loc, type, source.getBaseBuffer(), start, sizes, strides);
  expand.replaceAllUsesWith(view.getResult());
  expand.erase();
}

LogicalResult nacre::codegen::expandAddresses(Operation *op) {
  op->walk(castExpanded);
  RewritePatternSet patterns(op->getContext());
  memref::populateExpandStridedMetadataPatterns(patterns);
  memref::populateExpandOpsPatterns(patterns);
  affine::populateAffineExpandIndexOpsPatterns(patterns);
  populateAffineToStdConversionPatterns(patterns);
  arith::populateCeilFloorDivExpandOpsPatterns(patterns);
  return applyPatternsGreedily(op, std::move(patterns));
}
