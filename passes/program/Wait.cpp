#include "passes/program/Origins.h"
#include "passes/program/Passes.h"

namespace nacre::program {
#define GEN_PASS_DEF_PROGRAMWAITPASS
#include "passes/program/Passes.h.inc"
} // namespace nacre::program

using namespace mlir;
using namespace nacre;
using namespace nacre::program;

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

  void add(Value buffer, SmallPtrSetImpl<Value> &busy) const {
    for (Value origin : originsOf(views, buffer))
      busy.insert(origin);
  }
  bool intersects(Value buffer, const SmallPtrSetImpl<Value> &busy) const {
    return llvm::any_of(originsOf(views, buffer),
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
  // Work in another memory does not touch the host's.
  if (auto launch = dyn_cast<LaunchOp>(op); launch && !launch.getRemote()) {
    for (Value input : launch.getInputs())
      add(input, state.read);
    for (Value out : launch.getOuts())
      add(out, state.written);
  } else if (auto copy = dyn_cast<CopyOp>(op); copy && !copy.getRemote()) {
    add(copy.getFrom(), state.read);
    add(copy.getTo(), state.written);
  } else if (auto upload = dyn_cast<UploadOp>(op)) {
    add(upload.getBuffer(), state.read);
  } else if (auto download = dyn_cast<DownloadOp>(op)) {
    add(download.getBuffer(), state.written);
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

struct Wait final : nacre::program::impl::ProgramWaitPassBase<Wait> {
  void runOnOperation() override {
    for (auto entry : getOperation().getOps<func::FuncOp>())
      WaitInserter inserter(entry);
  }
};

} // namespace
