#include "codegen/common/BorderReshapes.h"
#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"
#include "codegen/common/TileAndFuse.h"

#include "mlir/Analysis/SliceAnalysis.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENTILEGRIDPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using namespace nacre::codegen;

namespace {

/// One dim of the grid: a loop of the root and its tile.
struct GridDim {
  unsigned loop;
  int64_t tile;
  /// The size of the output if that has a border around the loop's steps: tiles
  /// are counted by it, so the last ones may have no steps.
  OpFoldResult outputSize = {};
};

/// Makes the one loop over grid points that all tiled loops become.
struct GridLoop {
  SmallVector<GridDim> dims;
  Value begin, end;

  FailureOr<scf::SCFTilingOptions::CustomLoopHeaderInfo>
  header(RewriterBase &b, Location loc, ArrayRef<Range> ranges,
         ValueRange destinations) const {
    SmallVector<OpFoldResult> counts;
    AffineExpr size = getAffineSymbolExpr(0, b.getContext());
    for (const GridDim &dim : dims)
      counts.push_back(affine::makeComposedFoldedAffineApply(
          b, loc, size.ceilDiv(dim.tile),
          {dim.outputSize ? dim.outputSize : ranges[dim.loop].size}));
    Value step = arith::ConstantIndexOp::create(b, loc, 1);
    auto loop = scf::ForOp::create(b, loc, begin, end, step, destinations);
    b.setInsertionPointToStart(loop.getBody());
    auto point = affine::AffineDelinearizeIndexOp::create(
        b, loc, loop.getInductionVar(), counts);

    scf::SCFTilingOptions::CustomLoopHeaderInfo info;
    info.loops = {cast<LoopLikeOpInterface>(loop.getOperation())};
    info.destinationTensors =
        llvm::to_vector_of<Value>(loop.getRegionIterArgs());
    for (const Range &range : ranges) {
      info.tileOffset.push_back(b.getIndexAttr(0));
      info.tileSizes.push_back(range.size);
    }
    for (auto [dim, position] : llvm::zip_equal(dims, point.getResults()))
      placeTile(b, loc, dim, position, ranges[dim.loop].size, info);
    return info;
  }

private:
  static void placeTile(RewriterBase &b, Location loc, const GridDim &dim,
                        Value position, OpFoldResult size,
                        scf::SCFTilingOptions::CustomLoopHeaderInfo &info) {
    AffineExpr d0 = getAffineDimExpr(0, b.getContext());
    AffineExpr s0 = getAffineSymbolExpr(0, b.getContext());
    OpFoldResult offset = affine::makeComposedFoldedAffineApply(
        b, loc, d0 * dim.tile, {OpFoldResult(position)});
    std::optional<int64_t> known = getConstantIntValue(size);
    std::optional<int64_t> output =
        dim.outputSize ? getConstantIntValue(dim.outputSize) : known;
    bool isFull = known && output &&
                  llvm::divideCeil(*known, dim.tile) ==
                      llvm::divideCeil(*output, dim.tile);
    if (!isFull && dim.outputSize)
      offset = affine::makeComposedFoldedAffineMin(
          b, loc, AffineMap::get(1, 1, {d0 * dim.tile, s0}, b.getContext()),
          {OpFoldResult(position), size});
    info.tileOffset[dim.loop] = offset;
    if (isFull && *known % dim.tile == 0) {
      info.tileSizes[dim.loop] = b.getIndexAttr(dim.tile);
      return;
    }
    AffineMap rest = AffineMap::get(
        1, 1, {s0 - d0, getAffineConstantExpr(dim.tile, b.getContext())},
        b.getContext());
    info.tileSizes[dim.loop] =
        affine::makeComposedFoldedAffineMin(b, loc, rest, {offset, size});
  }
};

LogicalResult closeGridLoop(RewriterBase &b, Location loc,
                            ArrayRef<LoopLikeOpInterface> loops,
                            ValueRange tiles,
                            ArrayRef<SmallVector<OpFoldResult>> offsets,
                            ArrayRef<SmallVector<OpFoldResult>> sizes,
                            ValueRange destinations) {
  SmallVector<Value> results;
  for (auto [tile, offset, size, into] :
       llvm::zip_equal(tiles, offsets, sizes, destinations)) {
    SmallVector<OpFoldResult> strides(offset.size(), b.getIndexAttr(1));
    results.push_back(tensor::InsertSliceOp::create(b, loc, tile, into, offset,
                                                    size, strides));
  }
  scf::YieldOp::create(b, loc, results);
  return success();
}

struct TileGrid final
    : nacre::codegen::impl::CodegenTileGridPassBase<TileGrid> {
  void runOnOperation() override {
    KernelFunction kernel(getOperation());
    if (!kernel || !kernel.schedule())
      return markSinglePoint();
    ArrayRef<int64_t> given = kernel.schedule().getGrid();
    FailureOr<SmallVector<int64_t>> mapped = gridOfStored(kernel, 0, given);
    if (failed(mapped)) {
      (void)miss("map", "a dim of output 0 is not a loop of its op");
      return markSinglePoint();
    }
    ArrayRef<int64_t> grid = *mapped;
    if (llvm::all_of(grid, [](int64_t tile) { return tile == 0; }))
      return markSinglePoint();
    // An order of other dims than those of the op says nothing.
    ArrayRef<int64_t> order =
        grid == given ? kernel.schedule().getOrder() : ArrayRef<int64_t>();
    if (failed(tile(kernel, grid, order)))
      return markSinglePoint();
    simplify(getOperation());
  }

private:
  void markSinglePoint() {
    getOperation()->setAttr(KernelFunction::kSinglePoint,
                            UnitAttr::get(&getContext()));
  }

  LogicalResult miss(StringRef reason, const char *text) {
    remark::missed(getOperation().getLoc(),
                   remark::RemarkOpts::name(reason).category(getArgument()))
        << remark::reason("{0}", text);
    return failure();
  }

  /// The grid's dims as loops of `root`, which computes output 0; in `order`,
  /// or row-major if that is empty.
  FailureOr<SmallVector<GridDim>>
  gridDims(KernelFunction kernel, linalg::LinalgOp root, OpResult result,
           ArrayRef<int64_t> grid, ArrayRef<int64_t> order) {
    auto border = kernel.store(0).getDest().getDefiningOp<memref::SubViewOp>();
    SmallVector<OpFoldResult> sizes;
    OpBuilder b(root);
    if (border)
      sizes = memref::getMixedSizes(b, root.getLoc(), border.getSource());
    AffineMap map = root.getIndexingMapMatchingResult(result);
    SmallVector<int64_t> tiled(order);
    if (tiled.empty())
      tiled = llvm::to_vector(llvm::seq<int64_t>(0, grid.size()));
    SmallVector<GridDim> dims;
    for (int64_t d : tiled) {
      int64_t tile = grid[d];
      if (tile == 0)
        continue;
      if (d >= int64_t(map.getNumResults()) ||
          !isa<AffineDimExpr>(map.getResult(d)))
        return miss("map", "a dim of output 0 is not a loop of its op");
      dims.push_back({map.getDimPosition(d), tile});
      if (border)
        dims.back().outputSize = sizes[d];
    }
    return dims;
  }

  /// Whether every output is computed by the tiles of `root`.
  bool coversOutputs(KernelFunction kernel, linalg::LinalgOp root,
                     ArrayRef<GridDim> dims) {
    llvm::SetVector<Operation *> group = producersOf(root);
    bool others = false;
    for (unsigned i = 0; i < kernel.numOutputs(); ++i) {
      Operation *op = kernel.store(i).getSource().getDefiningOp();
      others |= op != root;
      if (!op || !group.contains(op))
        return false;
    }
    SmallVector<bool> shared = sharedLoops(root);
    return !others || llvm::all_of(dims, [&](const GridDim &dim) {
      return shared[dim.loop];
    });
  }

  LogicalResult tile(KernelFunction kernel, ArrayRef<int64_t> grid,
                     ArrayRef<int64_t> order) {
    auto result = dyn_cast<OpResult>(kernel.store(0).getSource());
    auto root =
        result ? dyn_cast<linalg::LinalgOp>(result.getOwner()) : nullptr;
    if (!root || !isa<TilingInterface>(root.getOperation()))
      return miss("root", "output 0 is not computed by a structured op");
    FailureOr<SmallVector<GridDim>> dims =
        gridDims(kernel, root, result, grid, order);
    if (failed(dims))
      return failure();
    if (!coversOutputs(kernel, root, *dims))
      return miss("shared", "the outputs do not share tiles");

    GridLoop loop{*dims, kernel.begin(), kernel.end()};
    SmallVector<OpFoldResult> sizes(root.getNumLoops(),
                                    OpBuilder(root).getIndexAttr(0));
    for (const GridDim &dim : *dims)
      sizes[dim.loop] = OpBuilder(root).getIndexAttr(dim.tile);
    scf::SCFTilingOptions options;
    options.setTileSizes(sizes);
    options.setLoopType(scf::SCFTilingOptions::LoopType::CustomOp);
    options.setCustomLoopGenerationFns(
        [&loop](RewriterBase &b, Location loc, ArrayRef<Range> ranges,
                ArrayRef<OpFoldResult>, ValueRange destinations) {
          return loop.header(b, loc, ranges, destinations);
        },
        closeGridLoop);
    IRRewriter rewriter(&getContext());
    FailureOr<scf::SCFTileAndFuseResult> tiled = tileAndFuse(
        rewriter, cast<TilingInterface>(root.getOperation()), options);
    if (failed(tiled))
      return miss("root",
                  "output 0 is not computed by an op that can be tiled");
    fillBorders(rewriter, cast<scf::ForOp>(tiled->loops.front()));
    return success();
  }

  /// Point 0 writes all borders of outputs.
  void fillBorders(RewriterBase &rewriter, scf::ForOp loop) {
    SmallVector<linalg::FillOp> fills;
    for (auto fill : getOperation().front().getOps<linalg::FillOp>())
      if (fill.hasPureBufferSemantics())
        fills.push_back(fill);
    if (fills.empty())
      return;
    Location loc = loop.getLoc();
    rewriter.setInsertionPointToStart(loop.getBody());
    Value zero = arith::ConstantIndexOp::create(rewriter, loc, 0);
    Value isFirst = arith::CmpIOp::create(
        rewriter, loc, arith::CmpIPredicate::eq, loop.getInductionVar(), zero);
    auto once = scf::IfOp::create(rewriter, loc, isFirst);
    llvm::SetVector<Operation *> slice;
    BackwardSliceOptions options;
    options.filter = [&](Operation *op) {
      return op->getBlock() == loop->getBlock() && !op->isBeforeInBlock(loop);
    };
    for (linalg::FillOp fill : fills)
      (void)getBackwardSlice(fill, &slice, options);
    for (Operation *op : slice)
      rewriter.moveOpBefore(op, loop);
    for (linalg::FillOp fill : fills)
      rewriter.moveOpBefore(fill, once.thenYield());
  }
};

} // namespace
