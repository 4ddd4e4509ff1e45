#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"
#include "codegen/common/VectorPlan.h"

#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENTILEREDUCTIONPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using namespace nacre::codegen;

namespace {

/// A sum of products seen as a nest of tiles in registers: all tiles along its
/// rows read one panel of vectors, then they read the next one.
struct Products {
  linalg::GenericOp sum;
  /// The outermost reduction loop, and its steps.
  unsigned loop;
  int64_t steps;
  /// Bytes that one step reads of a panel, and of all rows.
  int64_t panel = 0, rows = 0;
};

} // namespace

/// The one op of the group that reduces, if it sums products in vectors.
static linalg::GenericOp sumOfProducts(const VectorPlan &plan) {
  linalg::GenericOp found;
  for (Operation *op : plan.group) {
    auto member = cast<linalg::GenericOp>(op);
    if (member.getNumReductionLoops() == 0)
      continue;
    if (found)
      return {};
    found = member;
  }
  bool sums = found && !plan.acrossLanes() && found.getNumDpsInputs() > 1 &&
              found.getNumDpsInits() == 1;
  return sums ? found : linalg::GenericOp();
}

/// At most the elements of `tensor`; 0 if there is no bound.
static int64_t mostElements(Value tensor) {
  auto type = cast<RankedTensorType>(tensor.getType());
  int64_t count = 1;
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    if (!type.isDynamicDim(dim)) {
      count *= type.getDimSize(dim);
      continue;
    }
    FailureOr<int64_t> bound = ValueBoundsConstraintSet::computeConstantBound(
        presburger::BoundType::UB, {tensor, dim}, /*stopCondition=*/nullptr,
        /*closedUB=*/true);
    count *= succeeded(bound) ? *bound : 0;
  }
  return count;
}

/// Adds what `input` is read for. False if part of its steps would be a part of
/// each row: rows a power of two apart fall into few sets of a cache.
static bool addInput(const VectorPlan &plan, OpOperand &input,
                     Products &products) {
  AffineMap map = products.sum.getMatchingIndexingMap(&input);
  if (!map.isFunctionOfDim(products.loop))
    return true;
  Type element = getElementTypeOrSelf(input.get().getType());
  int64_t bytes = llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
  SmallVector<int64_t> ranges = products.sum.getStaticLoopRanges();
  ArrayRef<int64_t> origin = plan.origins.find(products.sum)->second;
  int64_t panel = bytes;
  bool isVector = false;
  for (auto [loop, range] : llvm::enumerate(ranges)) {
    if (!map.isFunctionOfDim(loop) || loop == products.loop)
      continue;
    int64_t root = origin[loop];
    panel *= root < 0 ? range : plan.tile[root];
    if (root >= 0 && plan.isLane(root)) {
      panel *= plan.lanes;
      isVector = true;
    }
  }
  if (isVector) {
    products.panel += panel;
    return true;
  }
  products.rows += bytes * mostElements(input.get()) / products.steps;
  return !map.getResult(map.getNumResults() - 1).isFunctionOfDim(products.loop);
}

/// The products of a group whose outermost reduction can be split.
static std::optional<Products> productsOf(const VectorPlan &plan) {
  linalg::GenericOp sum = sumOfProducts(plan);
  if (!sum)
    return std::nullopt;
  SmallVector<unsigned> loops;
  sum.getReductionDims(loops);
  SmallVector<int64_t> ranges = sum.getStaticLoopRanges();
  llvm::erase_if(loops, [&](unsigned loop) { return ranges[loop] == 1; });
  if (loops.empty() || ShapedType::isDynamic(ranges[loops[0]]))
    return std::nullopt;
  Products products{sum, loops[0], ranges[loops[0]]};
  for (OpOperand *input : sum.getDpsInputOperands())
    if (!addInput(plan, *input, products))
      return std::nullopt;
  return products;
}

/// Steps of the reduction that are done for all rows before the next ones; all
/// of them if a panel and the rows stay in the caches as they are.
static int64_t chooseSteps(const Products &products,
                           nacre::kernel::TargetAttr target) {
  int64_t l1 = target.fact("l1_bytes", 32 << 10);
  int64_t l2 = target.fact("l2_bytes", 1 << 20);
  if (products.panel * products.steps <= 2 * l1 &&
      products.rows * products.steps <= l2)
    return products.steps;
  int64_t most = std::min(l1 / 2 / std::max<int64_t>(products.panel, 1),
                          l2 / 4 / std::max<int64_t>(products.rows, 1));
  most = std::clamp<int64_t>(most, 1, products.steps);
  // Without a rest, if at least half as many steps allow that.
  for (int64_t steps = most; steps * 2 > most; --steps)
    if (products.steps % steps == 0)
      return steps;
  return most;
}

namespace {
struct TileReduction final
    : nacre::codegen::impl::CodegenTileReductionPassBase<TileReduction> {
  void runOnOperation() override {
    KernelFunction kernel(getOperation());
    // A tile that is given is one of loops as they are.
    if (!kernel || !kernel.target() || kernel.emitsLoops() ||
        (kernel.schedule() && !kernel.schedule().getTile().empty()))
      return;
    SmallVector<linalg::GenericOp> ops;
    getOperation().walk([&](linalg::GenericOp op) { ops.push_back(op); });
    SmallVector<Products> found;
    llvm::DenseSet<Operation *> done;
    // Last op first: it takes its producers into its loops.
    for (linalg::GenericOp op : llvm::reverse(ops)) {
      VectorMiss miss;
      if (done.contains(op))
        continue;
      FailureOr<VectorPlan> plan =
          planVectors(op, kernel.target(), kernel.schedule(), miss);
      if (failed(plan))
        continue;
      done.insert(plan->group.begin(), plan->group.end());
      if (std::optional<Products> products = productsOf(*plan))
        found.push_back(*products);
    }
    IRRewriter rewriter(&getContext());
    bool changed = false;
    for (const Products &products : found) {
      int64_t steps = chooseSteps(products, kernel.target());
      changed |=
          steps < products.steps && succeeded(split(rewriter, products, steps));
    }
    if (changed)
      simplify(getOperation());
  }

private:
  static LogicalResult split(RewriterBase &rewriter, const Products &products,
                             int64_t steps) {
    linalg::GenericOp sum = products.sum;
    SmallVector<OpFoldResult> sizes(sum.getNumLoops(),
                                    rewriter.getIndexAttr(0));
    sizes[products.loop] = rewriter.getIndexAttr(steps);
    scf::SCFTilingOptions options;
    options.setTileSizes(sizes);
    rewriter.setInsertionPoint(sum);
    FailureOr<scf::SCFTilingResult> result = scf::tileUsingSCF(
        rewriter, cast<TilingInterface>(sum.getOperation()), options);
    if (failed(result))
      return failure();
    rewriter.replaceOp(sum, result->replacements);
    return success();
  }
};
} // namespace
