#include "codegen/common/BorderReshapes.h"

using namespace mlir;

namespace nacre::codegen {

/// The grid's tile of each loop of `op`, which computes output 0; 0 = whole.
static SmallVector<int64_t> loopTiles(KernelFunction kernel,
                                      linalg::GenericOp op) {
  SmallVector<int64_t> tiles(op.getNumLoops(), 0);
  auto result = dyn_cast<OpResult>(kernel.store(0).getSource());
  if (!kernel.schedule() || !result || result.getOwner() != op)
    return tiles;
  AffineMap map = op.getIndexingMapMatchingResult(result);
  for (auto [expr, tile] :
       llvm::zip(map.getResults(), kernel.schedule().getGrid()))
    if (auto dim = dyn_cast<AffineDimExpr>(expr))
      tiles[dim.getPosition()] = tile;
  return tiles;
}

/// Runs of adjacent loops of `op` that can be one loop.
static SmallVector<ReassociationIndices>
mergeableLoops(linalg::GenericOp op, ArrayRef<int64_t> tiles) {
  auto iterators = op.getIteratorTypesArray();
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  SmallVector<ReassociationIndices> runs;
  ReassociationIndices run;
  auto flush = [&] {
    if (run.size() > 1)
      runs.push_back(run);
    run.clear();
  };
  for (int64_t loop = 0; loop < int64_t(op.getNumLoops()); ++loop) {
    ReassociationIndices longer = run;
    longer.push_back(loop);
    bool fits =
        !run.empty() && iterators[run.back()] == iterators[loop] &&
        tiles[loop] == 0 &&
        (tiles[run.front()] == 0 || !ShapedType::isDynamic(sizes[loop])) &&
        linalg::areDimSequencesPreserved(op.getIndexingMapsArray(), longer);
    if (!fits) {
      flush();
      longer = {loop};
    }
    run = longer;
  }
  flush();
  return runs;
}

/// Whether `tensor` is dense, so that reshaping it moves nothing.
static bool isDense(Value tensor) {
  Operation *op = tensor.getDefiningOp();
  if (!op)
    return false;
  if (isa<bufferization::ToTensorOp, tensor::EmptyOp, arith::ConstantOp>(op))
    return true;
  if (isa<tensor::ExpandShapeOp, tensor::CollapseShapeOp>(op))
    return isDense(op->getOperand(0));
  if (auto fill = dyn_cast<linalg::FillOp>(op))
    return isDense(fill.getOutputs()[0]);
  return false;
}

void mergeLoops(func::FuncOp func, RewriterBase &rewriter) {
  KernelFunction kernel(func);
  SmallVector<linalg::LinalgOp> ops;
  func.walk([&](linalg::LinalgOp op) {
    if (!isa<linalg::FillOp>(op.getOperation()))
      ops.push_back(op);
  });
  if (!kernel || ops.size() != 1 ||
      kernel.store(0).getDest().getDefiningOp<memref::SubViewOp>())
    return;
  auto op = dyn_cast<linalg::GenericOp>(ops.front().getOperation());
  if (!op || op->getBlock() != &func.front() || op.hasIndexSemantics() ||
      op.getNumLoops() < 2)
    return;
  for (AffineMap map : op.getIndexingMapsArray())
    if (!map.isProjectedPermutation())
      return;
  if (!llvm::all_of(op->getOperands(), isDense))
    return;
  SmallVector<ReassociationIndices> runs =
      mergeableLoops(op, loopTiles(kernel, op));
  if (runs.empty())
    return;
  rewriter.setInsertionPoint(op);
  FailureOr<linalg::CollapseResult> merged =
      linalg::collapseOpIterationDims(op, runs, rewriter);
  if (succeeded(merged))
    rewriter.replaceOp(op, merged->results);
}

/// Whether the dims of what is collapsed follow from those of the result.
static bool hasInferableDims(tensor::CollapseShapeOp collapse) {
  ArrayRef<int64_t> sizes = collapse.getSrcType().getShape();
  return llvm::all_of(collapse.getReassociationIndices(),
                      [&](const ReassociationIndices &group) {
                        return llvm::count_if(group, [&](int64_t dim) {
                                 return ShapedType::isDynamic(sizes[dim]);
                               }) <= 1;
                      });
}

void moveReshapesToBuffers(func::FuncOp func, RewriterBase &rewriter) {
  SmallVector<bufferization::MaterializeInDestinationOp> stores;
  func.walk([&](bufferization::MaterializeInDestinationOp op) {
    stores.push_back(op);
  });
  for (bufferization::MaterializeInDestinationOp store : stores)
    while (Operation *reshape = store.getSource().getDefiningOp()) {
      Value buffer = store.getDest();
      // Rows inside of a border do not follow each other.
      if (buffer.getDefiningOp<memref::SubViewOp>())
        break;
      rewriter.setInsertionPointAfterValue(buffer);
      Value view;
      if (auto expand = dyn_cast<tensor::ExpandShapeOp>(reshape)) {
        view = memref::CollapseShapeOp::create(
            rewriter, store.getLoc(), buffer, expand.getReassociationIndices());
      } else if (auto collapse = dyn_cast<tensor::CollapseShapeOp>(reshape);
                 collapse && hasInferableDims(collapse)) {
        auto type = MemRefType::get(collapse.getSrcType().getShape(),
                                    collapse.getSrcType().getElementType());
        view = memref::ExpandShapeOp::create(
            rewriter, store.getLoc(), type, buffer,
            collapse.getReassociationIndices());
      } else {
        break;
      }
      store.getSourceMutable().assign(reshape->getOperand(0));
      store.getDestMutable().assign(view);
      if (reshape->use_empty())
        rewriter.eraseOp(reshape);
    }
}

/// The pad whose result `value` is or copies, if a structured op computes what
/// is padded.
static tensor::PadOp paddedBy(Value value) {
  if (auto copy = value.getDefiningOp<linalg::GenericOp>()) {
    Operation *yield = copy.getBody()->getTerminator();
    if (copy.getNumDpsInputs() != 1 || copy.getNumDpsInits() != 1 ||
        yield->getOperand(0) != copy.getBody()->getArgument(0) ||
        !llvm::all_of(copy.getIndexingMapsArray(),
                      [](AffineMap map) { return map.isIdentity(); }))
      return {};
    value = copy.getInputs()[0];
  }
  auto pad = value.getDefiningOp<tensor::PadOp>();
  return pad && pad.getConstantPaddingValue() &&
                 pad.getSource().getDefiningOp<linalg::LinalgOp>()
             ? pad
             : tensor::PadOp();
}

namespace {

/// A box of a buffer.
struct Box {
  SmallVector<OpFoldResult> offsets, sizes;

  Value viewOf(OpBuilder &b, Location loc, Value buffer) const {
    SmallVector<OpFoldResult> strides(sizes.size(), b.getIndexAttr(1));
    return memref::SubViewOp::create(b, loc, buffer, offsets, sizes, strides);
  }
};

} // namespace

void movePadsToBuffers(func::FuncOp func, RewriterBase &rewriter) {
  SmallVector<bufferization::MaterializeInDestinationOp> stores;
  func.walk([&](bufferization::MaterializeInDestinationOp op) {
    stores.push_back(op);
  });
  for (bufferization::MaterializeInDestinationOp store : stores) {
    tensor::PadOp pad = paddedBy(store.getSource());
    if (!pad)
      continue;
    Location loc = store.getLoc();
    Value buffer = store.getDest();
    rewriter.setInsertionPoint(store);
    SmallVector<OpFoldResult> low = pad.getMixedLowPad(),
                              high = pad.getMixedHighPad();
    Box inside{low, tensor::getMixedSizes(rewriter, loc, pad.getSource())};
    Box all{SmallVector<OpFoldResult>(low.size(), rewriter.getIndexAttr(0)),
            memref::getMixedSizes(rewriter, loc, buffer)};
    Value constant = pad.getConstantPaddingValue();
    if (Operation *op = constant.getDefiningOp();
        op && pad->isProperAncestor(op))
      constant = rewriter.clone(*op)->getResult(0);
    // Along dim d the border is all of the dims before, inside of those after.
    for (size_t d = 0; d < low.size(); ++d) {
      Box edge = inside;
      for (size_t before = 0; before < d; ++before) {
        edge.offsets[before] = all.offsets[before];
        edge.sizes[before] = all.sizes[before];
      }
      AffineExpr a = rewriter.getAffineSymbolExpr(0),
                 c = rewriter.getAffineSymbolExpr(1);
      OpFoldResult end = affine::makeComposedFoldedAffineApply(
          rewriter, loc, a + c, {low[d], inside.sizes[d]});
      for (auto [offset, width] :
           {std::pair(all.offsets[d], low[d]), std::pair(end, high[d])}) {
        if (isConstantIntValue(width, 0))
          continue;
        edge.offsets[d] = offset;
        edge.sizes[d] = width;
        linalg::FillOp::create(rewriter, loc, constant,
                               edge.viewOf(rewriter, loc, buffer));
      }
    }
    store.getSourceMutable().assign(pad.getSource());
    store.getDestMutable().assign(inside.viewOf(rewriter, loc, buffer));
  }
}

/// Tiles of the dims that one dim of size `sizes[0] * sizes[1] * ...` was split
/// into, from its tile.
static LogicalResult splitTile(int64_t tile, ArrayRef<int64_t> sizes,
                               MutableArrayRef<int64_t> tiles) {
  if (tile == 0)
    return success();
  for (size_t i = sizes.size(); i-- > 0;) {
    if (i == 0) {
      tiles[0] = tile;
      return success();
    }
    if (ShapedType::isDynamic(sizes[i]) || sizes[i] == 0)
      return failure();
    if (tile % sizes[i] == 0) {
      tile /= sizes[i];
      continue;
    }
    if (sizes[i] % tile != 0)
      return failure();
    tiles[i] = tile;
    for (size_t k = 0; k < i; ++k)
      tiles[k] = 1;
    return success();
  }
  return success();
}

/// The tile of a dim that merges dims of `sizes` tiled by `tiles`.
static FailureOr<int64_t> mergeTile(ArrayRef<int64_t> tiles,
                                    ArrayRef<int64_t> sizes) {
  int64_t merged = 0;
  bool whole = true;
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (tiles[i] == 0)
      continue;
    // Only the first tiled dim after dims of size 1 or tile 1 may have a tile.
    if (!whole)
      return failure();
    merged = tiles[i];
    for (int64_t inner : sizes.drop_front(i + 1)) {
      if (ShapedType::isDynamic(inner))
        return failure();
      merged *= inner;
    }
    for (int64_t outer : sizes.take_front(i))
      if (outer != 1)
        return failure();
    whole = false;
  }
  return merged;
}

FailureOr<SmallVector<int64_t>>
gridOfStored(KernelFunction kernel, unsigned output, ArrayRef<int64_t> grid) {
  SmallVector<Operation *> views;
  Value buffer = kernel.store(output).getDest();
  while (Operation *view = buffer.getDefiningOp()) {
    views.push_back(view);
    buffer = view->getOperand(0);
  }
  SmallVector<int64_t> tiles(grid);
  tiles.resize(cast<MemRefType>(buffer.getType()).getRank(), 0);
  for (Operation *view : llvm::reverse(views)) {
    if (isa<memref::SubViewOp>(view))
      continue;
    SmallVector<int64_t> next;
    if (auto expand = dyn_cast<memref::ExpandShapeOp>(view)) {
      ArrayRef<int64_t> sizes = expand.getResultType().getShape();
      next.assign(sizes.size(), 0);
      for (auto [d, group] : llvm::enumerate(expand.getReassociationIndices()))
        if (failed(splitTile(tiles[d], sizes.slice(group.front(), group.size()),
                             MutableArrayRef<int64_t>(next).slice(
                                 group.front(), group.size()))))
          return failure();
    } else {
      auto collapse = cast<memref::CollapseShapeOp>(view);
      ArrayRef<int64_t> sizes = collapse.getSrcType().getShape();
      for (const ReassociationIndices &group :
           collapse.getReassociationIndices()) {
        FailureOr<int64_t> tile = mergeTile(
            ArrayRef<int64_t>(tiles).slice(group.front(), group.size()),
            sizes.slice(group.front(), group.size()));
        if (failed(tile))
          return failure();
        next.push_back(*tile);
      }
    }
    tiles = next;
  }
  return tiles;
}

} // namespace nacre::codegen
