#include "passes/kernel/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/IR/Remarks.h"
#include "mlir/Interfaces/TilingInterface.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;

namespace nacre::kernel {
#define GEN_PASS_DEF_KERNELSCHEDULEPASS
#include "passes/kernel/Passes.h.inc"
} // namespace nacre::kernel

using namespace nacre::kernel;

/// Stands for a size that is not known: large enough to be worth splitting,
/// small enough not to be split finely.
static constexpr int64_t kUnknownSize = 256;
/// Unless the target says otherwise: scalar operations below which a second
/// worker costs more than it saves, a few microseconds of one core.
static constexpr int64_t kMinWork = 64 * 1024;
/// Grid points per worker, so that a late worker does little harm.
static constexpr int64_t kPointsPerWorker = 4;

/// Rows of products come in tiles of registers: 4, 6, 8 or 12 of them.
static constexpr int64_t kRows = 24;

static int64_t sizeOr(int64_t size, int64_t unknown) {
  return ShapedType::isDynamic(size) ? unknown : size;
}

/// An outermost dim that is not known is a batch, more often 1 than not.
static bool isBatch(RankedTensorType type, int64_t dim) {
  return dim == 0 && type.getRank() > 1 && type.isDynamicDim(dim);
}

/// Scalar operations of one structured op.
static int64_t workOf(linalg::LinalgOp op) {
  int64_t work = op.getBlock()->getOperations().size();
  for (int64_t range : op.getStaticLoopRanges())
    work =
        llvm::SaturatingMultiply<uint64_t>(work, sizeOr(range, kUnknownSize));
  return std::min<int64_t>(work, int64_t(1) << 48);
}

/// The op that makes the only output, or what is inside of its border, if its
/// loops can be split.
static Operation *splittableRoot(FuncOp function) {
  if (function.getNumOutputs() != 1)
    return nullptr;
  Operation *root =
      function.getBody().front().getTerminator()->getOperand(0).getDefiningOp();
  if (auto copy = dyn_cast_or_null<linalg::CopyOp>(root))
    if (auto pad = copy.getInputs()[0].getDefiningOp<tensor::PadOp>())
      if (auto inner = pad.getSource().getDefiningOp<linalg::LinalgOp>())
        root = inner;
  return root && isa<TilingInterface>(root) ? root : nullptr;
}

/// Per dim of the output of `root` the bytes of inputs that do not depend on
/// it: each grid point reads them again if the dim is split.
class Sharing {
public:
  Sharing(linalg::LinalgOp root, OpResult output)
      : bytes(cast<RankedTensorType>(output.getType()).getRank(), 0),
        recomputed(bytes.size()) {
    AffineMap map = root.getIndexingMapMatchingResult(output);
    SmallVector<int64_t> dims(root.getNumLoops(), -1);
    for (auto [dim, subscript] : llvm::enumerate(map.getResults()))
      if (auto loop = dyn_cast<AffineDimExpr>(subscript))
        dims[loop.getPosition()] = dim;
    visit(root, dims);
  }

  SmallVector<int64_t> bytes;
  /// The dims that a reduction behind `root` does not have: each grid point
  /// would do all of it again if one is split.
  llvm::SmallBitVector recomputed;

private:
  /// `dims`: the dim of the output that each loop of `op` goes along, or -1.
  void visit(linalg::LinalgOp op, ArrayRef<int64_t> dims) {
    for (OpOperand *input : op.getDpsInputOperands()) {
      AffineMap map = op.getMatchingIndexingMap(input);
      if (auto producer = input->get().getDefiningOp<linalg::LinalgOp>())
        visitProducer(producer, input->get(), map, dims);
      else if (auto type = dyn_cast<RankedTensorType>(input->get().getType()))
        addInput(type, map, dims);
    }
  }

  void visitProducer(linalg::LinalgOp producer, Value value, AffineMap read,
                     ArrayRef<int64_t> dims) {
    if (!seen.insert(producer).second)
      return;
    AffineMap write =
        producer.getIndexingMapMatchingResult(cast<OpResult>(value));
    SmallVector<int64_t> own(producer.getNumLoops(), -1);
    for (auto [from, to] :
         llvm::zip_equal(read.getResults(), write.getResults()))
      if (auto loop = dyn_cast<AffineDimExpr>(to))
        for (auto [reader, dim] : llvm::enumerate(dims))
          if (dim >= 0 && from.isFunctionOfDim(reader))
            own[loop.getPosition()] = dim;
    if (producer.getNumReductionLoops() != 0)
      for (int64_t dim = 0, rank = bytes.size(); dim < rank; ++dim)
        if (!llvm::is_contained(own, dim))
          recomputed.set(dim);
    visit(producer, own);
  }

  void addInput(RankedTensorType type, AffineMap map, ArrayRef<int64_t> dims) {
    if (!type.getElementType().isIntOrFloat())
      return;
    int64_t size = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
    for (auto [dim, n] : llvm::enumerate(type.getShape()))
      size = std::min(size * sizeOr(n, isBatch(type, dim) ? 1 : kUnknownSize),
                      int64_t(1) << 40);
    llvm::SmallBitVector used(bytes.size());
    for (auto [loop, dim] : llvm::enumerate(dims))
      if (dim >= 0 && map.isFunctionOfDim(loop))
        used.set(dim);
    for (auto [dim, total] : llvm::enumerate(bytes))
      if (!used.test(dim))
        total += size;
  }

  llvm::SmallPtrSet<Operation *, 8> seen;
};

/// The dims of `type` in the order in which they are split: first those that
/// cost the fewest bytes read again, of these the outer ones. The innermost is
/// split only if it is the only one: vectors run along it. Work items that
/// compute scalars take it, and follow each other as the elements do.
static SmallVector<int64_t> splitOrder(RankedTensorType type,
                                       ArrayRef<int64_t> shared, int64_t cached,
                                       bool hasVectors) {
  int64_t rank = type.getRank();
  auto order = llvm::to_vector(
      llvm::seq<int64_t>(0, rank > 1 && hasVectors ? rank - 1 : rank));
  if (!hasVectors)
    return order;
  // What stays in the cache is read again for nothing.
  auto cost = [&](int64_t dim) {
    return shared[dim] <= cached ? 0 : shared[dim];
  };
  llvm::sort(order, [&](int64_t a, int64_t b) {
    return std::pair(cost(a), a) < std::pair(cost(b), b);
  });
  return order;
}

/// A tile of at most `tile` steps, and at least half of that, that leaves no
/// rest of `size` if there is one; even if possible. Sums of products take two
/// or three at least where that leaves no rest: registers hold some blocks of
/// outputs, or several rows, for each value that is loaded.
static int64_t wholeTile(int64_t size, int64_t tile, bool sumsProducts) {
  int64_t best = 0;
  for (int64_t step : {2, 1})
    for (int64_t whole = tile / step * step; whole * 2 >= tile && whole > 0;
         whole -= step)
      if (best == 0 && size % whole == 0)
        best = whole;
  if (best == 0)
    return tile;
  if (best == 1 && sumsProducts)
    for (int64_t blocks : {2, 3})
      if (size % blocks == 0)
        return blocks;
  return best;
}

/// Splits the next dim of `order` that is known and long enough, if points that
/// are certain are fewer than `wanted`: dims that are not known may be short.
static void splitKnownDim(RankedTensorType type, ArrayRef<int64_t> order,
                          int64_t wanted, bool sumsProducts,
                          MutableArrayRef<int64_t> tiles) {
  int64_t certain = 1;
  bool isOpen = false;
  for (auto [dim, tile] : llvm::enumerate(tiles)) {
    if (tile == 0)
      continue;
    isOpen |= type.isDynamicDim(dim);
    if (!type.isDynamicDim(dim))
      certain *= llvm::divideCeil(type.getDimSize(dim), tile);
  }
  if (!isOpen || certain >= wanted)
    return;
  for (int64_t dim : order) {
    int64_t size = type.getDimSize(dim);
    if (tiles[dim] != 0 || ShapedType::isDynamic(size) || size == 1)
      continue;
    int64_t pieces = std::min(size, wanted / certain);
    tiles[dim] = wholeTile(size, llvm::divideCeil(size, pieces), sumsProducts);
    return;
  }
}

/// Tiles per dim of `type` so that one grid point does about `target` of
/// `work`. A batch is taken one by one, and does not count.
static SmallVector<int64_t> splitDims(RankedTensorType type,
                                      ArrayRef<int64_t> order, int64_t work,
                                      int64_t target, int64_t lanes,
                                      bool sumsProducts) {
  SmallVector<int64_t> tiles(type.getRank(), 0), used = tiles;
  int64_t inner = work; // work of one step of the dims split so far
  for (int64_t dim : order) {
    if (inner <= target)
      break;
    bool batch = isBatch(type, dim);
    int64_t size =
        batch
            ? 1
            : std::max<int64_t>(1, sizeOr(type.getDimSize(dim), kUnknownSize));
    inner = std::max<int64_t>(1, inner / size);
    tiles[dim] = std::max<int64_t>(1, target / inner);
    if (batch)
      tiles[dim] = 1;
    else if (type.getRank() == 1)
      tiles[dim] = llvm::alignTo(tiles[dim], lanes > 1 ? lanes * 4 : 1);
    else if (!type.isDynamicDim(dim))
      tiles[dim] = wholeTile(size, tiles[dim], sumsProducts);
    else if (sumsProducts && tiles[dim] > kRows)
      tiles[dim] = tiles[dim] / kRows * kRows;
    inner *= tiles[dim];
    // Dims of one step that come last do not make a grid.
    if (batch || size > 1)
      used = tiles;
  }
  return used;
}

namespace {

struct KernelSchedule final
    : nacre::kernel::impl::KernelSchedulePassBase<KernelSchedule> {
  void runOnOperation() override {
    FuncOp function = getOperation();
    auto target =
        function->getParentOfType<ModuleOp>()->getAttrOfType<TargetAttr>(
            "kernel.target");
    if (auto host =
            function->getParentOfType<ModuleOp>()->getAttrOfType<TargetAttr>(
                "kernel.host_target");
        host && needsHost(function, target))
      target = host;
    if (target)
      function.setTargetAttr(target);
    if (function.getScheduleAttr())
      return;
    function.setScheduleAttr(schedule(function, target));
  }

private:
  /// Whether the target cannot run the kernel; says so.
  bool needsHost(FuncOp function, TargetAttr target) {
    if (target.fact("f64", 1) != 0)
      return false;
    auto isF64 = [](Type type) { return getElementTypeOrSelf(type).isF64(); };
    auto found = function.walk([&](Operation *op) {
      return llvm::any_of(op->getOperandTypes(), isF64) ||
                     llvm::any_of(op->getResultTypes(), isF64)
                 ? WalkResult::interrupt()
                 : WalkResult::advance();
    });
    if (!found.wasInterrupted())
      return false;
    remark::missed(function.getLoc(),
                   remark::RemarkOpts::name("host").category("kernel-schedule"))
        << remark::reason("kernel {0} computes in 64-bit floats, which the "
                          "target lacks; it runs on the host",
                          function.getSymName());
    return true;
  }

  ScheduleAttr schedule(FuncOp function, TargetAttr target) {
    SmallVector<int64_t> grid, order;
    if (Operation *root = splittableRoot(function))
      chooseGrid(function, root, target, grid, order);
    return ScheduleAttr::get(&getContext(), "mlir", grid, order, {});
  }

  static void chooseGrid(FuncOp function, Operation *root, TargetAttr target,
                         SmallVector<int64_t> &grid,
                         SmallVector<int64_t> &order) {
    auto type = cast<RankedTensorType>(root->getResult(0).getType());
    int64_t work = 0;
    function.walk([&](linalg::LinalgOp op) { work += workOf(op); });
    if (work == 0) { // pads and copies
      work = 1;
      for (int64_t size : type.getShape())
        work = std::min(work * sizeOr(size, kUnknownSize), int64_t(1) << 32);
    }
    int64_t cores = target ? target.fact("cores", 1) : 1;
    int64_t bits = target ? target.fact("vector_bits", 512) : 512;
    int64_t points = cores * kPointsPerWorker;
    bool hasVectors = bits > 32;
    SmallVector<int64_t> shared(type.getRank(), 0);
    llvm::SmallBitVector recomputed(type.getRank());
    if (auto structured = dyn_cast<linalg::LinalgOp>(root)) {
      Sharing sharing(structured, root->getResult(0));
      shared = sharing.bytes;
      recomputed = sharing.recomputed;
    }
    int64_t cached = (target ? target.fact("l2_bytes", 1 << 20) : 1 << 20) / 4;
    SmallVector<int64_t> dims = splitOrder(type, shared, cached, hasVectors);
    if (!hasVectors)
      llvm::erase_if(dims, [&](int64_t dim) { return recomputed.test(dim); });
    bool sumsProducts = false;
    function.walk([&](linalg::LinalgOp op) {
      sumsProducts |= hasVectors && op.getNumReductionLoops() != 0 &&
                      op.getNumDpsInputs() > 1;
    });
    int64_t least = target ? target.fact("point_work", kMinWork) : kMinWork;
    grid = splitDims(type, dims, work, std::max(least, work / points),
                     bits / 32, sumsProducts);
    splitKnownDim(type, dims, 2 * cores, sumsProducts, grid);
    if (llvm::all_of(grid, [](int64_t tile) { return tile == 0; }))
      return grid.clear();
    // The dims that cost most go innermost: points that follow each other read
    // the same again.
    llvm::copy_if(dims, std::back_inserter(order),
                  [&](int64_t dim) { return grid[dim] != 0; });
    if (llvm::is_sorted(order))
      order.clear();
  }
};

} // namespace
