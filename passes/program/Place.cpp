#include "passes/program/Layout.h"
#include "passes/program/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/IR/Remarks.h"

namespace nacre::program {
#define GEN_PASS_DEF_PROGRAMPLACEPASS
#include "passes/program/Passes.h.inc"
} // namespace nacre::program

using namespace mlir;
using namespace nacre;
using namespace nacre::program;

/// More than any machine has; sums of such sizes stay far from overflow.
static constexpr int64_t kMaxBytes = int64_t(1) << 48;
/// A dynamic dim that is not known yet, where only proportions matter.
static constexpr int64_t kGuessedDim = 128;

static bool isReadOnly(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>())
    buffer = view.getViewSource();
  if (auto argument = dyn_cast<BlockArgument>(buffer))
    return isa<func::FuncOp>(argument.getOwner()->getParentOp());
  return buffer.getDefiningOp<WeightsOp>() != nullptr;
}

//===-- what is known at entry --------------------------------------------===//

namespace {

/// The ops of an entry that depend on its inputs alone, moved to its start.
class EarlyOps {
public:
  explicit EarlyOps(func::FuncOp entry);

  /// Whether `value` is an input or computed from inputs, by ops that now stand
  /// before the builder's point.
  bool contains(Value value) const {
    if (Operation *op = value.getDefiningOp())
      return ops.contains(op);
    return isa<func::FuncOp>(value.getParentBlock()->getParentOp());
  }
  OpBuilder builder() const {
    OpBuilder builder(context);
    if (lastEarly)
      builder.setInsertionPointAfter(lastEarly);
    else
      builder.setInsertionPointToStart(block);
    return builder;
  }
  /// What `value` may be, for comparing sizes before they are known.
  int64_t guess(Value value) const {
    auto it = guesses.find(value);
    auto constant =
        it == guesses.end() ? IntegerAttr() : dyn_cast<IntegerAttr>(it->second);
    return constant ? constant.getInt() : kGuessedDim;
  }

private:
  bool isEarly(Operation *op);
  void guessResults(Operation *op);

  DenseSet<Operation *> ops;
  DenseMap<Value, Attribute> guesses;
  MLIRContext *context;
  Block *block;
  Operation *firstLate = nullptr, *lastEarly = nullptr;
  bool seenLateCheck = false;
};

} // namespace

EarlyOps::EarlyOps(func::FuncOp entry)
    : context(entry.getContext()), block(&entry.front()) {
  for (Operation &op : llvm::make_early_inc_range(entry.front())) {
    if (!isEarly(&op)) {
      if (!firstLate)
        firstLate = &op;
      seenLateCheck |= isa<CheckOp>(op);
      continue;
    }
    ops.insert(&op);
    lastEarly = &op;
    guessResults(&op);
    if (firstLate)
      op.moveBefore(firstLate);
  }
}

bool EarlyOps::isEarly(Operation *op) {
  if (op->getNumRegions() || op->hasTrait<OpTrait::IsTerminator>() ||
      !llvm::all_of(op->getOperands(),
                    [&](Value operand) { return contains(operand); }))
    return false;
  if (isa<CheckOp>(op) || isPure(op))
    return true;
  // A late check may be what makes a division or a load safe.
  if (seenLateCheck)
    return false;
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return isReadOnly(load.getMemRef());
  return isMemoryEffectFree(op);
}

void EarlyOps::guessResults(Operation *op) {
  if (isa<memref::DimOp>(op)) {
    guesses[op->getResult(0)] =
        IntegerAttr::get(IndexType::get(op->getContext()), kGuessedDim);
    return;
  }
  if (isa<ViewLikeOpInterface, CheckOp, WeightsOp>(op))
    return;
  SmallVector<Attribute> operands;
  for (Value operand : op->getOperands())
    operands.push_back(guesses.lookup(operand));
  SmallVector<OpFoldResult> results;
  if (failed(op->fold(operands, results)) ||
      results.size() != op->getNumResults())
    return;
  for (auto [value, result] : llvm::zip(op->getResults(), results))
    if (auto attribute = dyn_cast<Attribute>(result))
      guesses[value] = attribute;
    else
      guesses[value] = guesses.lookup(cast<Value>(result));
}

//===-- placement ---------------------------------------------------------===//

namespace {

/// Places the buffers of one entry.
class Placer {
public:
  explicit Placer(func::FuncOp entry)
      : entry(entry), early(entry), views(entry) {}

  void run();

private:
  struct Buffer {
    memref::AllocOp alloc;
    Lifetime lifetime;
  };

  void number();
  int64_t position(Operation *op) {
    return positions.lookup(entry.front().findAncestorOpInBlock(*op));
  }
  void classify(memref::AllocOp alloc);
  bool isScoped(memref::AllocOp alloc);
  Lifetime lifetimeOf(memref::AllocOp alloc);
  Value emitSize(OpBuilder &builder, memref::AllocOp alloc, Value &fits);
  void placeInArena();
  void replace(memref::AllocOp alloc, Value arena, Value offset);
  void takeFromPool(memref::AllocOp alloc, bool needsFree);
  void report(int64_t fixedBytes, ArrayRef<unsigned> slots);

  func::FuncOp entry;
  EarlyOps early;
  BufferViewFlowAnalysis views;
  DenseMap<Operation *, int64_t> positions;
  std::vector<Buffer> fixed, dynamic;
  std::vector<memref::AllocOp> late;
};

} // namespace

void Placer::number() {
  int64_t position = 0;
  for (Operation &op : entry.front())
    positions[&op] = position++;
}

/// Whether all names of the buffer lie in the block that makes it, so that each
/// pass through the block may use the same bytes.
bool Placer::isScoped(memref::AllocOp alloc) {
  Region *scope = alloc->getParentRegion();
  return llvm::all_of(views.resolve(alloc.getResult()), [&](Value alias) {
    return scope->isAncestor(alias.getParentRegion()) &&
           (alias.getParentRegion() != scope || !isa<BlockArgument>(alias));
  });
}

Lifetime Placer::lifetimeOf(memref::AllocOp alloc) {
  Lifetime life = {INT64_MAX, -1, 0};
  bool isStored = false;
  for (Value alias : views.resolve(alloc.getResult()))
    for (Operation *user : alias.getUsers()) {
      if (isa<memref::DeallocOp>(user))
        continue;
      life.first = std::min(life.first, position(user));
      life.last = std::max(life.last, position(user));
      isStored |= isa<memref::StoreOp>(user);
    }
  // Host code does not wait for the kernels that used a slot before.
  if (isStored)
    life = {0, INT64_MAX - 1, 0};
  auto type = alloc.getType();
  int64_t bytes = elementBytes(type.getElementType());
  auto dims = alloc.getDynamicSizes().begin();
  for (int64_t dim : type.getShape())
    bytes *= ShapedType::isDynamic(dim)
                 ? std::clamp<int64_t>(early.guess(*dims++), 0, 1 << 20)
                 : dim;
  life.size = llvm::alignTo(bytes, kAlignment);
  return life;
}

void Placer::classify(memref::AllocOp alloc) {
  Lifetime life = lifetimeOf(alloc);
  if (life.last < 0 && !isa<BlockArgument>(alloc.getResult()))
    life = {position(alloc), position(alloc), life.size};
  bool isEarly = llvm::all_of(alloc.getDynamicSizes(),
                              [&](Value size) { return early.contains(size); });
  bool isTop = alloc->getBlock() == &entry.front();
  if (!isEarly || !(isTop || isScoped(alloc))) {
    late.push_back(alloc);
    return;
  }
  (alloc.getDynamicSizes().empty() ? fixed : dynamic).push_back({alloc, life});
}

/// Bytes of a dynamic buffer, a multiple of the alignment. `fits` becomes false
/// if a dim is negative or the product is beyond kMaxBytes.
Value Placer::emitSize(OpBuilder &builder, memref::AllocOp alloc, Value &fits) {
  Location loc = alloc.getLoc();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  int64_t known = elementBytes(alloc.getType().getElementType());
  for (int64_t dim : alloc.getType().getShape())
    known *= ShapedType::isDynamic(dim) ? 1 : dim;
  Value bytes = constant(known), zero = constant(0);
  auto require = [&](arith::CmpIPredicate predicate, Value a, Value b) {
    Value holds = arith::CmpIOp::create(builder, loc, predicate, a, b);
    fits = fits ? arith::AndIOp::create(builder, loc, fits, holds).getResult()
                : holds;
  };
  for (Value dim : alloc.getDynamicSizes()) {
    auto product = arith::MulUIExtendedOp::create(builder, loc, bytes, dim);
    require(arith::CmpIPredicate::eq, product.getHigh(), zero);
    bytes = product.getLow();
  }
  require(arith::CmpIPredicate::ule, bytes, constant(kMaxBytes));
  Value padded =
      arith::AddIOp::create(builder, loc, bytes, constant(kAlignment - 1));
  return arith::AndIOp::create(builder, loc, padded, constant(-kAlignment));
}

void Placer::replace(memref::AllocOp alloc, Value arena, Value offset) {
  for (Operation *user : llvm::make_early_inc_range(alloc->getUsers()))
    if (isa<memref::DeallocOp>(user))
      user->erase();
  OpBuilder builder(alloc);
  Value slice = SliceOp::create(builder, alloc.getLoc(), alloc.getType(), arena,
                                offset, alloc.getDynamicSizes());
  alloc.replaceAllUsesWith(slice);
  alloc.erase();
}

template <typename BufferT>
static std::vector<Lifetime> lifetimes(const std::vector<BufferT> &buffers) {
  std::vector<Lifetime> result;
  for (const BufferT &buffer : buffers)
    result.push_back(buffer.lifetime);
  return result;
}

void Placer::placeInArena() {
  std::vector<Lifetime> fixedLives = lifetimes(fixed);
  std::vector<Lifetime> dynamicLives = lifetimes(dynamic);
  int64_t fixedBytes = 0;
  unsigned numSlots = 0;
  SmallVector<int64_t> offsets = assignOffsets(fixedLives, fixedBytes);
  SmallVector<unsigned> slots = assignSlots(dynamicLives, numSlots);
  report(fixedBytes, slots);

  Location loc = entry.getLoc();
  OpBuilder builder = early.builder();
  Value fits;
  SmallVector<Value> slotBytes(numSlots);
  for (auto [buffer, slot] : llvm::zip(dynamic, slots)) {
    Value size = emitSize(builder, buffer.alloc, fits);
    slotBytes[slot] =
        slotBytes[slot]
            ? arith::MaxUIOp::create(builder, loc, slotBytes[slot], size)
                  .getResult()
            : size;
  }
  if (fits)
    CheckOp::create(builder, loc, fits,
                    "the size of an intermediate tensor is negative or larger "
                    "than 2^48 bytes");
  Value end = arith::ConstantIndexOp::create(builder, loc, fixedBytes);
  SmallVector<Value> slotOffsets;
  for (Value size : slotBytes) {
    slotOffsets.push_back(end);
    end = arith::AddIOp::create(builder, loc, end, size);
  }
  auto arenaType = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
  Value arena = ArenaOp::create(builder, loc, arenaType, end);
  SmallVector<Value> fixedOffsets;
  for (int64_t offset : offsets)
    fixedOffsets.push_back(
        arith::ConstantIndexOp::create(builder, loc, offset));
  // From here on ops before which the builder stands may go.
  for (auto [buffer, offset] : llvm::zip(fixed, fixedOffsets))
    replace(buffer.alloc, arena, offset);
  for (auto [buffer, slot] : llvm::zip(dynamic, slots))
    replace(buffer.alloc, arena, slotOffsets[slot]);
}

/// Says how near the arena is to the least that any placement needs; dynamic
/// sizes as guessed.
void Placer::report(int64_t fixedBytes, ArrayRef<unsigned> slots) {
  std::vector<Lifetime> all = lifetimes(fixed);
  std::vector<int64_t> slotBytes(slots.size(), 0);
  for (auto [buffer, slot] : llvm::zip(dynamic, slots)) {
    all.push_back(buffer.lifetime);
    slotBytes[slot] = std::max(slotBytes[slot], buffer.lifetime.size);
  }
  int64_t bytes = fixedBytes;
  for (int64_t size : slotBytes)
    bytes += size;
  int64_t bound = std::max<int64_t>(lowerBound(all), 1);
  remark::analysis(entry.getLoc(),
                   remark::RemarkOpts::name("arena").category("program-place"))
      << remark::metric("bytes", bytes) << remark::metric("lower-bound", bound)
      << remark::metric("percent-of-bound", 100 * bytes / bound)
      << remark::metric("dynamic-values", dynamic.size());
}

void Placer::takeFromPool(memref::AllocOp alloc, bool needsFree) {
  remark::missed(
      alloc.getLoc(),
      remark::RemarkOpts::name("late-size").category("program-place"))
      << remark::reason("the size of a buffer depends on data, or a loop "
                        "carries it; it is allocated during the run");
  OpBuilder builder(alloc);
  Value block = AllocOp::create(builder, alloc.getLoc(), alloc.getType(),
                                alloc.getDynamicSizes());
  if (needsFree) {
    Operation *last = alloc;
    for (Value alias : views.resolve(alloc.getResult()))
      for (Operation *user : alias.getUsers()) {
        Operation *ancestor = alloc->getBlock()->findAncestorOpInBlock(*user);
        if (ancestor && last->isBeforeInBlock(ancestor))
          last = ancestor;
      }
    builder.setInsertionPointAfter(last);
    FreeOp::create(builder, alloc.getLoc(), block);
  }
  alloc.replaceAllUsesWith(block);
  alloc.erase();
}

void Placer::run() {
  number();
  std::vector<memref::AllocOp> allocs;
  bool hasFrees = false;
  entry.walk([&](Operation *op) {
    if (auto alloc = dyn_cast<memref::AllocOp>(op))
      allocs.push_back(alloc);
    hasFrees |= isa<memref::DeallocOp>(op);
  });
  for (memref::AllocOp alloc : allocs)
    classify(alloc);
  for (memref::AllocOp alloc : late)
    takeFromPool(alloc, /*needsFree=*/!hasFrees);
  if (!fixed.empty() || !dynamic.empty())
    placeInArena();
  entry.walk([](memref::DeallocOp dealloc) {
    OpBuilder builder(dealloc);
    FreeOp::create(builder, dealloc.getLoc(), dealloc.getMemref());
    dealloc.erase();
  });
}

namespace {

struct Place final : nacre::program::impl::ProgramPlacePassBase<Place> {
  void runOnOperation() override {
    for (auto entry : getOperation().getOps<func::FuncOp>())
      Placer(entry).run();
  }
};

} // namespace
