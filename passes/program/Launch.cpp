#include "passes/program/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

namespace nacre::program {
#define GEN_PASS_DEF_PROGRAMLAUNCHPASS
#include "passes/program/Passes.h.inc"
} // namespace nacre::program

using namespace mlir;
using namespace nacre;
using namespace nacre::program;

//===-- launches ----------------------------------------------------------===//

/// Grid points of a call: the product of ceildiv(dim, tile) over the tiled dims
/// of the first output.
static Value emitGrid(OpBuilder &builder, kernel::CallOp call,
                      kernel::ScheduleAttr schedule) {
  Location loc = call.getLoc();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value grid = constant(1);
  if (!schedule)
    return grid;
  Value output = call.getOuts().front();
  for (auto [dim, tile] : llvm::enumerate(schedule.getGrid())) {
    if (tile == 0)
      continue;
    Value size = memref::DimOp::create(builder, loc, output, dim);
    Value padded =
        arith::AddIOp::create(builder, loc, size, constant(tile - 1));
    Value points = arith::DivUIOp::create(builder, loc, padded, constant(tile));
    grid = arith::MulIOp::create(builder, loc, grid, points);
  }
  return grid;
}

static LogicalResult lowerCall(kernel::CallOp call, kernel::FuncOp callee) {
  if (!callee)
    return call.emitOpError("callee ") << call.getCalleeAttr() << " is missing";
  kernel::ScheduleAttr schedule = callee.getScheduleAttr();
  auto output = cast<ShapedType>(call.getOuts().front().getType());
  if (schedule &&
      static_cast<int64_t>(schedule.getGrid().size()) > output.getRank())
    return call.emitOpError("schedule has ")
           << schedule.getGrid().size() << " grid tiles; output 0 has rank "
           << output.getRank();
  OpBuilder builder(call);
  Value grid = emitGrid(builder, call, schedule);
  LaunchOp::create(builder, call.getLoc(), call.getCalleeAttr(), grid,
                   call.getInputs(), call.getOuts(), call.getDims());
  call.erase();
  return success();
}

//===-- copies ------------------------------------------------------------===//

/// The buffer that `buffer` names in another shape.
static Value unreshaped(Value buffer) {
  while (Operation *op = buffer.getDefiningOp()) {
    if (!isa<memref::ExpandShapeOp, memref::CollapseShapeOp, memref::CastOp>(
            op))
      break;
    buffer = op->getOperand(0);
  }
  return buffer;
}

/// Copies element by element: for what is not dense.
static void emitCopyLoop(OpBuilder &builder, memref::CopyOp copy) {
  Location loc = copy.getLoc();
  auto type = cast<MemRefType>(copy.getSource().getType());
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  Value one = arith::ConstantIndexOp::create(builder, loc, 1);
  SmallVector<Value> indices;
  OpBuilder::InsertionGuard guard(builder);
  for (int64_t dim = 0; dim < type.getRank(); ++dim) {
    Value size = memref::DimOp::create(builder, loc, copy.getSource(), dim);
    auto loop = scf::ForOp::create(builder, loc, zero, size, one);
    indices.push_back(loop.getInductionVar());
    builder.setInsertionPointToStart(loop.getBody());
  }
  Value element =
      memref::LoadOp::create(builder, loc, copy.getSource(), indices);
  memref::StoreOp::create(builder, loc, element, copy.getTarget(), indices);
}

static void lowerCopy(memref::CopyOp copy) {
  Value from = copy.getSource(), to = copy.getTarget();
  OpBuilder builder(copy);
  if (unreshaped(from) != unreshaped(to)) {
    if (isDense(cast<MemRefType>(from.getType())) &&
        isDense(cast<MemRefType>(to.getType())))
      CopyOp::create(builder, copy.getLoc(), from, to);
    else
      emitCopyLoop(builder, copy);
  }
  copy.erase();
}

//===-- waits -------------------------------------------------------------===//

namespace {

/// Inserts program.wait before host accesses that a running kernel may still
/// race with.
class WaitInserter {
public:
  explicit WaitInserter(func::FuncOp entry) : views(entry) {
    State state;
    visit(entry.front(), state);
  }

private:
  /// Buffers of launches since the last wait.
  struct State {
    SmallPtrSet<Value, 16> read, written;
    void clear() {
      read.clear();
      written.clear();
    }
    void add(const State &other) {
      read.insert(other.read.begin(), other.read.end());
      written.insert(other.written.begin(), other.written.end());
    }
    bool empty() const { return read.empty() && written.empty(); }
  };

  /// The buffers that `buffer` may name a part of. The arena is none: slices of
  /// it share bytes only if their values are never needed at the same time.
  SmallVector<Value> origins(Value buffer) const {
    SmallVector<Value> result;
    for (Value origin : views.resolveReverse(buffer))
      if (!origin.getDefiningOp<ArenaOp>())
        result.push_back(origin);
    return result;
  }
  void add(Value buffer, SmallPtrSetImpl<Value> &busy) const {
    for (Value origin : origins(buffer))
      busy.insert(origin);
  }
  bool intersects(Value buffer, const SmallPtrSetImpl<Value> &busy) const {
    return llvm::any_of(origins(buffer),
                        [&](Value origin) { return busy.contains(origin); });
  }
  void addUses(Operation *op, State &state) const;
  bool mustWait(Operation *op, const State &state) const;
  void visit(Block &block, State &state);
  void visitRegions(Operation *op, State &state);

  BufferViewFlowAnalysis views;
};

} // namespace

void WaitInserter::addUses(Operation *op, State &state) const {
  if (auto launch = dyn_cast<LaunchOp>(op)) {
    for (Value input : launch.getInputs())
      add(input, state.read);
    for (Value out : launch.getOuts())
      add(out, state.written);
  } else if (auto copy = dyn_cast<CopyOp>(op)) {
    add(copy.getFrom(), state.read);
    add(copy.getTo(), state.written);
  }
}

bool WaitInserter::mustWait(Operation *op, const State &state) const {
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return intersects(load.getMemRef(), state.written);
  if (auto host = dyn_cast<HostOp>(op))
    return llvm::any_of(host.getInputs(), [&](Value input) {
      return intersects(input, state.written);
    });
  auto store = dyn_cast<memref::StoreOp>(op);
  if (!store || state.empty())
    return false;
  // A block of the pool may be one that a kernel still uses under another name.
  bool isPool =
      llvm::any_of(views.resolveReverse(store.getMemRef()), [](Value origin) {
        return origin.getDefiningOp<AllocOp>();
      });
  return isPool || intersects(store.getMemRef(), state.read) ||
         intersects(store.getMemRef(), state.written);
}

void WaitInserter::visitRegions(Operation *op, State &state) {
  // A loop may come here with anything that it launches itself, and a region
  // may be skipped.
  State inside = state;
  if (isa<LoopLikeOpInterface>(op) || isa<scf::WhileOp>(op))
    op->walk([&](Operation *nested) { addUses(nested, inside); });
  for (Region &region : op->getRegions())
    for (Block &block : region) {
      State end = inside;
      visit(block, end);
      state.add(end);
      if (isa<scf::WhileOp>(op))
        state.add(inside);
    }
}

void WaitInserter::visit(Block &block, State &state) {
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (mustWait(&op, state)) {
      OpBuilder builder(&op);
      WaitOp::create(builder, op.getLoc());
      state.clear();
    }
    if (op.getNumRegions())
      visitRegions(&op, state);
    else
      addUses(&op, state);
  }
}

namespace {

struct Launch final : nacre::program::impl::ProgramLaunchPassBase<Launch> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto entry : getOperation().getOps<func::FuncOp>()) {
      WalkResult result = entry.walk([&](kernel::CallOp call) {
        auto callee = symbols.lookup<kernel::FuncOp>(call.getCallee());
        return WalkResult(lowerCall(call, callee));
      });
      if (result.wasInterrupted())
        return signalPassFailure();
      entry.walk([](memref::CopyOp copy) { lowerCopy(copy); });
      if (failed(cleanUp(entry)))
        return signalPassFailure();
      WaitInserter inserter(entry);
    }
  }

private:
  LogicalResult cleanUp(func::FuncOp entry) {
    OpPassManager pm(func::FuncOp::getOperationName());
    pm.addPass(memref::createResolveShapedTypeResultDimsPass());
    pm.addPass(createCanonicalizerPass());
    pm.addPass(createCSEPass());
    return runPipeline(pm, entry);
  }
};

} // namespace
