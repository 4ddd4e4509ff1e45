#include "passes/kernel/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Interfaces/TilingInterface.h"

using namespace mlir;

namespace nacre::kernel {
#define GEN_PASS_DEF_KERNELSCHEDULEPASS
#include "passes/kernel/Passes.h.inc"
} // namespace nacre::kernel

using namespace nacre::kernel;

/// Stands for a size that is not known: large enough to be worth splitting,
/// small enough not to be split finely.
static constexpr int64_t kUnknownSize = 256;
/// Scalar operations below which a second worker costs more than it saves: a
/// few microseconds of one core.
static constexpr int64_t kMinWork = 64 * 1024;
/// Grid points per worker, so that a late worker does little harm.
static constexpr int64_t kPointsPerWorker = 4;

static int64_t sizeOr(int64_t size, int64_t unknown) {
  return ShapedType::isDynamic(size) ? unknown : size;
}

/// Scalar operations of one structured op.
static int64_t workOf(linalg::LinalgOp op) {
  int64_t work = op.getBlock()->getOperations().size();
  for (int64_t range : op.getStaticLoopRanges())
    work =
        llvm::SaturatingMultiply<uint64_t>(work, sizeOr(range, kUnknownSize));
  return std::min<int64_t>(work, int64_t(1) << 48);
}

/// The op that makes the only output, if its loops can be split.
static Operation *splittableRoot(FuncOp function) {
  if (function.getNumOutputs() != 1)
    return nullptr;
  Operation *root =
      function.getBody().front().getTerminator()->getOperand(0).getDefiningOp();
  return root && isa<TilingInterface>(root) ? root : nullptr;
}

/// Tiles per dim of `type` so that one grid point does about `target` of
/// `work`. Outer dims are split first and the innermost only if it is the only
/// one: vectors run along it. An outermost dim that is not known is a batch,
/// more often 1 than not: it is taken one by one, and does not count.
static SmallVector<int64_t> splitDims(RankedTensorType type, int64_t work,
                                      int64_t target, int64_t lanes) {
  int64_t rank = type.getRank();
  SmallVector<int64_t> tiles(rank, 0);
  int64_t inner = work; // work of one step of the dims split so far
  int64_t last = -1;
  for (int64_t dim = 0; dim < rank && inner > target; ++dim) {
    bool isInnermost = dim + 1 == rank;
    if (isInnermost && dim > 0)
      break;
    bool isBatch = dim == 0 && rank > 1 && type.isDynamicDim(dim);
    int64_t size =
        isBatch
            ? 1
            : std::max<int64_t>(1, sizeOr(type.getDimSize(dim), kUnknownSize));
    inner = std::max<int64_t>(1, inner / size);
    tiles[dim] = std::max<int64_t>(1, target / inner);
    if (isBatch)
      tiles[dim] = 1;
    else if (isInnermost)
      tiles[dim] = llvm::alignTo(tiles[dim], lanes * 4);
    if (isBatch || size > 1)
      last = dim;
    inner *= tiles[dim];
  }
  if (last < 0)
    return {};
  std::fill(tiles.begin() + last + 1, tiles.end(), 0);
  return tiles;
}

namespace {

struct KernelSchedule final
    : nacre::kernel::impl::KernelSchedulePassBase<KernelSchedule> {
  void runOnOperation() override {
    FuncOp function = getOperation();
    auto target =
        function->getParentOfType<ModuleOp>()->getAttrOfType<TargetAttr>(
            "kernel.target");
    if (target)
      function.setTargetAttr(target);
    if (function.getScheduleAttr())
      return;
    function.setScheduleAttr(ScheduleAttr::get(&getContext(), "mlir",
                                               grid(function, target), {}, {}));
  }

private:
  static SmallVector<int64_t> grid(FuncOp function, TargetAttr target) {
    Operation *root = splittableRoot(function);
    if (!root)
      return {};
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
    return splitDims(type, work, std::max(kMinWork, work / points), bits / 32);
  }
};

} // namespace
