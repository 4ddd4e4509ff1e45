#include "passes/program/Origins.h"
#include "passes/program/Passes.h"

#include "mlir/IR/Remarks.h"

namespace nacre::program {
#define GEN_PASS_DEF_PROGRAMTRANSFERPASS
#include "passes/program/Passes.h.inc"
} // namespace nacre::program

using namespace mlir;
using namespace nacre;
using namespace nacre::program;

namespace {

/// Places the transfers of one entry.
class Transfers {
public:
  explicit Transfers(func::FuncOp entry) : entry(entry), views(entry) {}

  void run();

private:
  bool isAny(Value buffer, const DenseSet<Value> &of) const {
    return llvm::any_of(originsOf(views, buffer),
                        [&](Value origin) { return of.contains(origin); });
  }
  void touch(ValueRange buffers, DenseSet<Value> &side) {
    for (Value buffer : buffers)
      for (Value origin : originsOf(views, buffer))
        side.insert(origin);
  }
  void collect();
  void decideCopies();
  bool isShared(Value buffer) const;
  void handOver(Operation *op);
  void handOverStore(memref::StoreOp store);
  void uploadInputs();
  void downloadOutputs();
  void report();

  func::FuncOp entry;
  BufferViewFlowAnalysis views;
  /// Buffers that host code, and that the device, reads or writes.
  DenseSet<Value> host, device;
};

} // namespace

/// Inputs and weights are read only: they are on both sides from the start.
static bool isConstant(Value origin) {
  if (auto argument = dyn_cast<BlockArgument>(origin))
    return isa<func::FuncOp>(argument.getOwner()->getParentOp());
  return origin.getDefiningOp<WeightsOp>() != nullptr;
}

/// Whether both sides touch what may be one buffer, of which one side writes.
bool Transfers::isShared(Value buffer) const {
  return llvm::any_of(originsOf(views, buffer), [&](Value origin) {
    return host.contains(origin) && device.contains(origin) &&
           !isConstant(origin);
  });
}

void Transfers::collect() {
  entry.walk([&](Operation *op) {
    if (auto launch = dyn_cast<LaunchOp>(op)) {
      DenseSet<Value> &side = launch.getRemote() ? device : host;
      touch(launch.getInputs(), side);
      touch(launch.getOuts(), side);
    } else if (auto call = dyn_cast<HostOp>(op)) {
      touch(call.getInputs(), host);
      touch(call.getOutputs(), host);
    } else if (auto load = dyn_cast<memref::LoadOp>(op)) {
      touch(load.getMemRef(), host);
    } else if (auto store = dyn_cast<memref::StoreOp>(op)) {
      touch(store.getMemRef(), host);
    }
  });
}

/// A copy of what the device touches is the device's, so that no byte moves;
/// then both its buffers are the device's, and other copies may follow.
void Transfers::decideCopies() {
  SmallVector<CopyOp> left;
  entry.walk([&](CopyOp copy) { left.push_back(copy); });
  for (bool changed = true; changed;) {
    changed = false;
    llvm::erase_if(left, [&](CopyOp copy) {
      if (!isAny(copy.getFrom(), device) && !isAny(copy.getTo(), device))
        return false;
      copy.setRemote(true);
      touch({copy.getFrom(), copy.getTo()}, device);
      return changed = true;
    });
  }
  for (CopyOp copy : left)
    touch({copy.getFrom(), copy.getTo()}, host);
}

/// Ops between which a buffer may be written again before anything else looks.
static bool mayWait(Operation *op) {
  return op->getNumRegions() == 0 && !isa<ProgramDialect>(op->getDialect()) &&
         !op->hasTrait<OpTrait::IsTerminator>();
}

/// Stores that follow each other are handed over once.
void Transfers::handOverStore(memref::StoreOp store) {
  Operation *next = store->getNextNode();
  for (; next && mayWait(next); next = next->getNextNode())
    if (auto again = dyn_cast<memref::StoreOp>(next))
      if (again.getMemRef() == store.getMemRef())
        return;
  OpBuilder b(store->getContext());
  b.setInsertionPointAfter(store);
  UploadOp::create(b, store.getLoc(), store.getMemRef());
}

/// Whoever writes a shared buffer brings it to the other side.
void Transfers::handOver(Operation *op) {
  OpBuilder b(op->getContext());
  b.setInsertionPointAfter(op);
  auto move = [&](ValueRange written, bool byDevice) {
    for (Value buffer : written) {
      if (!isShared(buffer))
        continue;
      if (byDevice)
        DownloadOp::create(b, op->getLoc(), buffer);
      else
        UploadOp::create(b, op->getLoc(), buffer);
    }
  };
  if (auto launch = dyn_cast<LaunchOp>(op))
    move(launch.getOuts(), launch.getRemote());
  else if (auto copy = dyn_cast<CopyOp>(op))
    move(copy.getTo(), copy.getRemote());
  else if (auto call = dyn_cast<HostOp>(op))
    move(call.getOutputs(), /*byDevice=*/false);
  else if (auto store = dyn_cast<memref::StoreOp>(op))
    if (isShared(store.getMemRef()))
      handOverStore(store);
}

void Transfers::uploadInputs() {
  OpBuilder b = OpBuilder::atBlockBegin(&entry.front());
  for (BlockArgument input : entry.getArguments())
    if (device.contains(input))
      UploadOp::create(b, entry.getLoc(), input);
}

void Transfers::downloadOutputs() {
  OpBuilder b(entry.front().getTerminator());
  entry.walk([&](OutputOp output) {
    if (device.contains(output.getBuffer()) && !isShared(output.getBuffer()))
      DownloadOp::create(b, output.getLoc(), output.getBuffer());
  });
}

void Transfers::report() {
  entry.walk([&](Operation *op) {
    if (!isa<SliceOp, AllocOp, OutputOp, HostOp>(op))
      return;
    if (llvm::any_of(op->getResults(),
                     [&](Value result) { return isShared(result); }))
      remark::missed(op->getLoc(), remark::RemarkOpts::name("shared").category(
                                       "program-transfer"))
          << remark::reason("host code and the device both touch a buffer; it "
                            "is moved during the run");
  });
}

void Transfers::run() {
  collect();
  decideCopies();
  report();
  SmallVector<Operation *> ops;
  entry.walk([&](Operation *op) {
    if (isa<LaunchOp, CopyOp, HostOp, memref::StoreOp>(op))
      ops.push_back(op);
  });
  for (Operation *op : ops)
    handOver(op);
  uploadInputs();
  downloadOutputs();
}

namespace {

struct Transfer final
    : nacre::program::impl::ProgramTransferPassBase<Transfer> {
  void runOnOperation() override {
    auto target =
        getOperation()->getAttrOfType<kernel::TargetAttr>("kernel.target");
    if (!target || !target.hasOwnMemory())
      return;
    for (auto entry : getOperation().getOps<func::FuncOp>())
      Transfers(entry).run();
  }
};

} // namespace
