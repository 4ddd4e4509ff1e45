#include "passes/linalg/FoldPack.h"
#include "passes/linalg/Passes.h"

#include "dialects/kernel/Kernel.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Tensor/Transforms/Transforms.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace nacre::lower {
#define GEN_PASS_DEF_LINALGBLOCKLAYOUTPASS
#include "passes/linalg/Passes.h.inc"
} // namespace nacre::lower

using namespace nacre::lower;

/// Lanes of f32 in a vector of the target.
static int64_t vectorLanes(Operation *op) {
  auto module = op->getParentOfType<ModuleOp>();
  auto target =
      module->getAttrOfType<nacre::kernel::TargetAttr>("kernel.target");
  return (target ? target.fact("vector_bits", 512) : 512) / 32;
}

/// The widest block that divides `size`: a vector, or half of one. Fewer than 8
/// lanes of a wider vector are worse than pixels as lanes.
static int64_t blockOf(int64_t size, int64_t lanes) {
  for (int64_t block : {lanes, lanes / 2})
    if (block > 1 && block >= std::min<int64_t>(lanes, 8) && size % block == 0)
      return block;
  return 0;
}

static bool isConstant(Value value) {
  return matchPattern(value, m_Constant());
}

static void reportMiss(Operation *op, StringRef name, StringRef text) {
  remark::missed(op->getLoc(),
                 remark::RemarkOpts::name(name).category("linalg-block-layout"))
      << remark::reason("{0}", text);
}

/// Sizes to split the loops of a convolution by: channels in blocks of a
/// vector.
static SmallVector<int64_t> convolutionBlocks(linalg::LinalgOp op,
                                              int64_t lanes) {
  FailureOr<linalg::ConvolutionDimensions> dims =
      linalg::inferConvolutionDims(op);
  if (failed(dims))
    return {};
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<int64_t> blocks(op.getNumLoops(), 0);
  // In a grouped convolution the groups are the outer channels: only the
  // depthwise form, which has no others, is blocked by them.
  bool isDepthwise = dims->outputChannel.empty() && dims->inputChannel.empty();
  auto split = [&](ArrayRef<unsigned> loops) {
    if (!loops.empty())
      blocks[loops.back()] = blockOf(ranges[loops.back()], lanes);
  };
  if (isDepthwise) {
    split(dims->depth);
  } else {
    split(dims->outputChannel);
    split(dims->inputChannel);
    // Blocks of inputs alone would only move data.
    if (dims->outputChannel.empty() || blocks[dims->outputChannel.back()] == 0)
      return {};
  }
  return blocks;
}

/// Whether `op` adds products, whatever its subscripts are.
static bool sumsProducts(linalg::LinalgOp op) {
  return linalg::detail::isContractionBody(
      *op.getBlock(), [](Operation *first, Operation *second) {
        return (isa<arith::MulFOp>(first) && isa<arith::AddFOp>(second)) ||
               (isa<arith::MulIOp>(first) && isa<arith::AddIOp>(second));
      });
}

/// The loops of a sum of products by what they go along. Subscripts of the
/// input may have strides: a 1x1 convolution skips pixels.
struct ProductLoops {
  SmallVector<unsigned> columns; ///< of the weights and the output only
  SmallVector<unsigned> sums;    ///< of the input and the weights only
};

static FailureOr<ProductLoops> productLoops(linalg::LinalgOp op) {
  AffineMap input = op.getMatchingIndexingMap(op.getDpsInputOperand(0));
  AffineMap weights = op.getMatchingIndexingMap(op.getDpsInputOperand(1));
  AffineMap output = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  if (!weights.isProjectedPermutation() || !output.isProjectedPermutation())
    return failure();
  ProductLoops loops;
  auto iterators = op.getIteratorTypesArray();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop) {
    bool ofInput = input.isFunctionOfDim(loop);
    bool ofWeights = weights.isFunctionOfDim(loop);
    if (linalg::isParallelIterator(iterators[loop])) {
      if (ofWeights && !ofInput)
        loops.columns.push_back(loop);
      continue;
    }
    if (!ofInput || !ofWeights ||
        !llvm::is_contained(input.getResults(),
                            getAffineDimExpr(loop, op->getContext())))
      return failure();
    loops.sums.push_back(loop);
  }
  return loops;
}

/// Sizes to split the loops of a matrix product by: panels of two vectors where
/// columns are innermost; blocks of channels, as in a convolution, where pixels
/// are (a 1x1 convolution, or a transposed one, which has pixels of the weights
/// too).
static SmallVector<int64_t> productBlocks(linalg::LinalgOp op, int64_t lanes) {
  FailureOr<ProductLoops> loops = productLoops(op);
  if (failed(loops) || loops->columns.empty() || loops->sums.size() != 1)
    return {};
  unsigned n = loops->columns.front(), k = loops->sums.front();
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  SmallVector<int64_t> blocks(op.getNumLoops(), 0);
  AffineMap output = op.getMatchingIndexingMap(op.getDpsInitOperand(0));
  bool columnsInnermost = llvm::any_of(loops->columns, [&](unsigned loop) {
    return output.getResults().back() ==
           getAffineDimExpr(loop, op->getContext());
  });
  bool pixelsOfWeights = loops->columns.size() > 1;
  if (!columnsInnermost || pixelsOfWeights) {
    blocks[n] = blockOf(ranges[n], lanes);
    blocks[k] = blocks[n] == 0 ? 0 : blockOf(ranges[k], lanes);
    return blocks;
  }
  blocks[n] =
      ranges[n] % (2 * lanes) == 0 ? 2 * lanes : blockOf(ranges[n], lanes);
  // One panel is the whole matrix.
  return ranges[n] > blocks[n] ? blocks : SmallVector<int64_t>{};
}

/// Reads weights that are a transposed constant as they are stored.
static void readAsStored(linalg::LinalgOp op) {
  auto generic = dyn_cast<linalg::GenericOp>(op.getOperation());
  OpOperand *weights = op.getDpsInputOperand(1);
  auto copy = weights->get().getDefiningOp<linalg::LinalgOp>();
  if (!generic || !copy || copy.getNumDpsInputs() != 1 ||
      copy.getNumDpsInits() != 1 ||
      !isConstant(copy.getDpsInputOperand(0)->get()) ||
      copy.getBlock()->getTerminator()->getOperand(0) !=
          copy.getBlock()->getArgument(0))
    return;
  SmallVector<AffineMap> of = copy.getIndexingMapsArray();
  if (!of[0].isPermutation() || !of[1].isPermutation())
    return;
  SmallVector<AffineMap> maps = generic.getIndexingMapsArray();
  AffineMap &map = maps[weights->getOperandNumber()];
  map = of[0].compose(inversePermutation(of[1])).compose(map);
  generic.setIndexingMapsAttr(
      Builder(op.getContext()).getAffineMapArrayAttr(maps));
  weights->set(copy.getDpsInputOperand(0)->get());
}

/// Puts weights into the order in which the loops read them. The larger of the
/// blocks of outputs and of inputs is innermost: it is the lanes of a vector.
/// Outputs are better: they are loaded for one input after the other, and need
/// no sum of lanes. A panel of columns has its rows together.
static void orderWeights(RewriterBase &rewriter, linalg::LinalgOp op) {
  auto pack = op.getDpsInputOperand(1)->get().getDefiningOp<linalg::PackOp>();
  if (!pack)
    return;
  int64_t rank = pack.getSourceRank();
  ArrayRef<int64_t> blocked = pack.getInnerDimsPos();
  SmallVector<int64_t> outer, inner;
  ArrayRef<int64_t> sizes = pack.getStaticInnerTiles();
  if (blocked.size() == 2 && sizes[0] >= sizes[1])
    inner = {1, 0};
  if (blocked.size() == 1 && blocked.front() == rank - 1 && rank >= 2) {
    outer = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    std::swap(outer[rank - 2], outer[rank - 1]);
  }
  if (!inner.empty() || !outer.empty())
    (void)linalg::packTranspose(rewriter, pack, op, linalg::UnPackOp(), outer,
                                inner);
}

/// Splits the loops of one op. Its operands and result get a pack and an
/// unpack.
static void block(linalg::LinalgOp op, int64_t lanes) {
  if (op.getNumReductionLoops() == 0 || op.getNumDpsInputs() != 2 ||
      op.hasIndexSemantics())
    return;
  bool isConvolution = linalg::isaConvolutionOpInterface(op);
  if (!isConvolution && !sumsProducts(op))
    return;
  readAsStored(op);
  if (!isConstant(op.getDpsInputOperand(1)->get()))
    return reportMiss(op, "weights", "the weights are not constant");
  SmallVector<int64_t> blocks =
      isConvolution ? convolutionBlocks(op, lanes) : productBlocks(op, lanes);
  if (llvm::all_of(blocks, [](int64_t size) { return size == 0; }))
    return reportMiss(op, "remainder", "no block divides its channels");
  IRRewriter rewriter(op);
  SmallVector<OpFoldResult> sizes =
      getAsIndexOpFoldResult(rewriter.getContext(), blocks);
  Location loc = op.getLoc();
  if (FailureOr<linalg::PackResult> packed = linalg::pack(rewriter, op, sizes);
      succeeded(packed)) {
    packed->packedLinalgOp->setLoc(loc);
    for (linalg::PackOp pack : packed->packOps)
      pack->setLoc(loc);
    orderWeights(rewriter, packed->packedLinalgOp);
    for (linalg::UnPackOp unpack : packed->unPackOps)
      unpack->setLoc(loc);
  }
}

namespace {

struct LinalgBlockLayout final
    : nacre::lower::impl::LinalgBlockLayoutPassBase<LinalgBlockLayout> {
  void runOnOperation() override {
    int64_t lanes = vectorLanes(getOperation());
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (!op->getParentOfType<nacre::kernel::GroupOp>())
        ops.push_back(op);
    });
    for (linalg::LinalgOp op : ops)
      block(op, lanes);
    RewritePatternSet lowering(&getContext());
    populateLowerPackPatterns(lowering);
    // A destination seen through a reshape is a destination of that shape.
    linalg::FillOp::getCanonicalizationPatterns(lowering, &getContext());
    tensor::populateFoldTensorEmptyPatterns(lowering);
    if (failed(propagate()) ||
        failed(applyPatternsGreedily(getOperation(), std::move(lowering))))
      return signalPassFailure();
    sinkIntoBranches();
  }

private:
  /// Moves what only one branch reads into it: the slow path of sizes that are
  /// seen at run time reads tensors that are not in blocks. Upstream's sinking
  /// does not see what ops within an op of the branch read.
  void sinkIntoBranches() {
    getOperation().walk<WalkOrder::PreOrder>([](Block *block) {
      // The index of a loop is known in its body only.
      if (isa<linalg::LinalgOp>(block->getParentOp()))
        return WalkResult::skip();
      for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*block)))
        if (Region *branch = onlyBranch(&op); branch && isMemoryEffectFree(&op))
          op.moveBefore(&branch->front(), branch->front().begin());
      return WalkResult::advance();
    });
  }

  /// The branch that all users of `op` are in; null if there is none.
  static Region *onlyBranch(Operation *op) {
    Region *branch = nullptr;
    for (Operation *user : op->getUsers()) {
      if (user->getBlock() == op->getBlock())
        return nullptr;
      Region *region = user->getParentRegion();
      while (region->getParentOp()->getBlock() != op->getBlock())
        region = region->getParentRegion();
      if (!isa<scf::IfOp>(region->getParentOp()) ||
          (branch && branch != region))
        return nullptr;
      branch = region;
    }
    return branch;
  }

  /// Whether `op` splits an open dim into two open ones. Upstream's patterns
  /// make it again without saying the sizes.
  static bool splitsOpenDim(Operation *op) {
    auto expand = dyn_cast_or_null<tensor::ExpandShapeOp>(op);
    return expand &&
           llvm::any_of(
               expand.getReassociationIndices(), [&](ArrayRef<int64_t> group) {
                 return llvm::count_if(group, [&](int64_t dim) {
                          return expand.getResultType().isDynamicDim(dim);
                        }) > 1;
               });
  }

  LogicalResult propagate() {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    linalg::populateDataLayoutPropagationPatterns(
        patterns, [](OpOperand *operand) {
          Operation *op = operand->getOwner();
          // Loops of a group are its own: nothing is pushed into them.
          return !op->getParentOfType<nacre::kernel::GroupOp>() &&
                 !splitsOpenDim(op) &&
                 !splitsOpenDim(operand->get().getDefiningOp());
        });
    linalg::populateSimplifyPackAndUnpackPatterns(patterns);
    linalg::PackOp::getCanonicalizationPatterns(patterns, context);
    linalg::UnPackOp::getCanonicalizationPatterns(patterns, context);
    populateFoldPackPatterns(patterns);
    populatePropagateUnpackPatterns(patterns);
    linalg::populateFoldPackUnpackIntoTensorEmptyPatterns(patterns);
    // Patterns that undo each other would go on for ever: far fewer are needed.
    int64_t numOps = 0;
    getOperation().walk([&](Operation *) { ++numOps; });
    GreedyRewriteConfig config;
    config.setMaxNumRewrites(1000 + 50 * numOps);
    if (failed(
            applyPatternsGreedily(getOperation(), std::move(patterns), config)))
      return getOperation().emitError("layouts of blocks do not settle");
    return success();
  }
};

} // namespace
