#include "passes/kernel/Dims.h"
#include "passes/kernel/Passes.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Remarks.h"

using namespace mlir;

namespace nacre::kernel {
#define GEN_PASS_DEF_KERNELFORMPASS
#include "passes/kernel/Passes.h.inc"
} // namespace nacre::kernel

using namespace nacre::kernel;

/// More ops than this in one loop nest spill registers and slow the compiler.
static constexpr unsigned kMaxOps = 48;

//===-- What an op is -----------------------------------------------------===//

/// Structured ops: everything that moves or computes elements.
static bool isStructured(Operation *op) {
  return isa<linalg::LinalgOp, tensor::PadOp, tensor::ExtractSliceOp,
             tensor::InsertSliceOp, tensor::ConcatOp, tensor::GenerateOp,
             linalg::PackOp, linalg::UnPackOp>(op);
}

/// A loop nest of parallel loops only, which writes each element once.
static bool isElementwise(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  return linalgOp && linalgOp.getNumParallelLoops() == linalgOp.getNumLoops();
}

/// A constant, a repetition or a view: cheaper to make again than to read.
static bool isCheap(Operation *op) {
  return isa<linalg::FillOp, tensor::EmptyOp, tensor::ExtractSliceOp>(op);
}

/// A reduction whose operands are each read once: sums along rows or columns,
/// as opposed to contractions and windows, which read elements several times.
static bool isPlainReduction(linalg::LinalgOp op) {
  return op.getNumReductionLoops() > 0 &&
         llvm::all_of(op.getDpsInputOperands(),
                      [&](OpOperand *input) {
                        AffineMap map = op.getMatchingIndexingMap(input);
                        return map.isProjectedPermutation();
                      }) &&
         llvm::any_of(op.getDpsInputOperands(), [&](OpOperand *input) {
           return op.getMatchingIndexingMap(input).isPermutation();
         });
}

/// Contractions and windows: the one loop nest that a group is built around.
static bool isHeavy(Operation *op) {
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  return linalgOp && linalgOp.getNumReductionLoops() > 0 &&
         !isPlainReduction(linalgOp);
}

//===-- Groups ------------------------------------------------------------===//

namespace {

/// Reasons to leave a producer outside: the closed list of `Misses:`.
enum class Miss {
  None,
  MultiUse,
  Recompute,
  SecondRoot,
  Domain,
  MovesData,
  TooLarge,
  Checked
};

StringRef nameOf(Miss miss) {
  switch (miss) {
  case Miss::None:
    return "";
  case Miss::MultiUse:
    return "multi-use";
  case Miss::Recompute:
    return "recompute";
  case Miss::SecondRoot:
    return "second-root";
  case Miss::Domain:
    return "domain";
  case Miss::MovesData:
    return "moves-data";
  case Miss::TooLarge:
    return "too-large";
  case Miss::Checked:
    return "checked";
  }
  llvm_unreachable("all reasons have a name");
}

/// One group while it grows from its last op upwards.
struct Cluster {
  Operation *root;
  SetVector<Operation *> ops;
  bool hasHeavy = false;
  bool hasReduction = false;

  explicit Cluster(Operation *root) : root(root) { add(root); }

  void add(Operation *op) {
    ops.insert(op);
    hasHeavy |= isHeavy(op);
    if (auto linalgOp = dyn_cast<linalg::LinalgOp>(op))
      hasReduction |= isPlainReduction(linalgOp);
  }
};

struct KernelForm final : nacre::kernel::impl::KernelFormPassBase<KernelForm> {
  using KernelFormPassBase::KernelFormPassBase;
  void runOnOperation() override;

private:
  void formBlock(Block &block);
  Cluster grow(Operation *root);
  Miss canPull(const Cluster &cluster, OpOperand &use);
  void wrap(const Cluster &cluster);
  void reportMiss(Operation *consumer, Miss miss);

  DenseSet<Operation *> taken;
};

} // namespace

/// Whether the loops of the consumer read each element of an operand once, and
/// an elementwise consumer in the order in which it writes: behind a transpose,
/// the producer could not run along vectors of both.
static bool readsOnce(OpOperand &use) {
  auto consumer = cast<linalg::LinalgOp>(use.getOwner());
  AffineMap map = consumer.getMatchingIndexingMap(&use);
  if (!map.isPermutation())
    return false;
  return !isElementwise(consumer) ||
         map == consumer.getMatchingIndexingMap(consumer.getDpsInitOperand(0));
}

/// Whether `use` reads one row of the producer for each row of the consumer:
/// the consumer's other loops repeat it (softmax divides each row by its one
/// sum).
static bool readsRows(OpOperand &use) {
  auto consumer = cast<linalg::LinalgOp>(use.getOwner());
  AffineMap map = consumer.getMatchingIndexingMap(&use);
  if (!map.isProjectedPermutation(/*allowZeroInResults=*/true) ||
      !isElementwise(consumer))
    return false;
  // A prefix of the loops, in order, so that tiling the outer loops by one
  // tiles the producer alike. A dim of size 1 is read at 0.
  unsigned next = 0;
  for (AffineExpr result : map.getResults()) {
    if (isa<AffineConstantExpr>(result))
      continue;
    auto dim = dyn_cast<AffineDimExpr>(result);
    if (!dim || dim.getPosition() != next++)
      return false;
  }
  return next > 0;
}

/// A body that checks its data is run once per element: it is not computed
/// again for each reader, and a kernel has no room for a value of open size.
static bool isCheckedAndOpen(linalg::LinalgOp op) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  return !type.hasStaticShape() &&
         op.getBlock()
             ->walk([](CheckOp) { return WalkResult::interrupt(); })
             .wasInterrupted();
}

Miss KernelForm::canPull(const Cluster &cluster, OpOperand &use) {
  Operation *producer = use.get().getDefiningOp();
  if (llvm::any_of(producer->getUsers(), [&](Operation *user) {
        return !cluster.ops.contains(user);
      }))
    return Miss::MultiUse;
  if (cluster.ops.size() >= kMaxOps)
    return Miss::TooLarge;
  auto linalgProducer = dyn_cast<linalg::LinalgOp>(producer);
  auto consumer = dyn_cast<linalg::LinalgOp>(use.getOwner());
  // What is inside of a border of constants is computed where it ends up.
  if (auto pad = dyn_cast<tensor::PadOp>(use.getOwner());
      pad && linalgProducer && pad.getConstantPaddingValue())
    return linalgProducer->getNumResults() == 1 ? Miss::None : Miss::Domain;
  if (!consumer)
    return Miss::MovesData;
  // Destinations are accumulators: what initializes them belongs to the group.
  if (consumer.isDpsInit(&use))
    return isElementwise(producer) && isa<linalg::FillOp>(producer)
               ? Miss::None
               : Miss::Domain;
  if (!linalgProducer)
    return Miss::MovesData;
  if (linalgProducer->getNumResults() != 1)
    return Miss::Domain;
  if (isCheckedAndOpen(linalgProducer))
    return Miss::Checked;
  if (isHeavy(producer)) {
    if (cluster.hasHeavy || cluster.hasReduction)
      return Miss::SecondRoot;
    return isElementwise(consumer) && readsOnce(use) ? Miss::None
                                                     : Miss::Recompute;
  }
  if (isPlainReduction(linalgProducer)) {
    if (cluster.hasHeavy)
      return Miss::SecondRoot;
    return readsRows(use) || (isElementwise(consumer) && readsOnce(use))
               ? Miss::None
               : Miss::Recompute;
  }
  if (isHeavy(consumer))
    return Miss::Recompute;
  return readsOnce(use) ? Miss::None : Miss::Recompute;
}

void KernelForm::reportMiss(Operation *consumer, Miss miss) {
  remark::missed(consumer->getLoc(),
                 remark::RemarkOpts::name(nameOf(miss)).category("kernel-form"))
      << remark::reason("the producer stays a kernel of its own");
}

Cluster KernelForm::grow(Operation *root) {
  Cluster cluster(root);
  bool changed = fuse;
  while (changed) {
    changed = false;
    SmallVector<Operation *> ops = llvm::to_vector(cluster.ops);
    for (Operation *op : ops)
      for (OpOperand &use : op->getOpOperands()) {
        Operation *producer = use.get().getDefiningOp();
        if (!producer || producer->getBlock() != root->getBlock() ||
            !isStructured(producer) || taken.contains(producer) ||
            cluster.ops.contains(producer) || isCheap(producer))
          continue;
        if (canPull(cluster, use) != Miss::None)
          continue;
        cluster.add(producer);
        changed = true;
      }
  }
  if (!fuse)
    return cluster;
  for (Operation *op : cluster.ops)
    for (OpOperand &use : op->getOpOperands()) {
      Operation *producer = use.get().getDefiningOp();
      if (producer && isStructured(producer) && !isCheap(producer) &&
          !cluster.ops.contains(producer))
        reportMiss(op, taken.contains(producer) ? Miss::MultiUse
                                                : canPull(cluster, use));
    }
  return cluster;
}

/// Gives the ops of the group their own copies of fills and empty tensors.
static void cloneCheapOperands(Operation *op, OpBuilder &builder) {
  for (OpOperand &use : op->getOpOperands()) {
    Operation *producer = use.get().getDefiningOp();
    if (!producer || !isCheap(producer))
      continue;
    builder.setInsertionPoint(op);
    Operation *copy = builder.clone(*producer);
    use.set(copy->getResult(cast<OpResult>(use.get()).getResultNumber()));
    cloneCheapOperands(copy, builder);
  }
}

void KernelForm::wrap(const Cluster &cluster) {
  Operation *root = cluster.root;
  OpBuilder builder(root);
  Location loc = root->getLoc();
  SmallVector<Value> dims;
  for (Value result : root->getResults())
    llvm::append_range(dims, dynamicDimsOf(builder, loc, result));
  auto group = GroupOp::create(builder, loc, root->getResultTypes(), dims);
  root->replaceAllUsesWith(group->getResults());

  Block &body = group.getBody().emplaceBlock();
  SmallVector<Operation *> ops = llvm::to_vector(cluster.ops);
  llvm::sort(ops,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  for (Operation *op : ops)
    op->moveBefore(&body, body.end());
  for (Operation *op : ops)
    cloneCheapOperands(op, builder);
  builder.setInsertionPointToEnd(&body);
  YieldOp::create(builder, loc, root->getResults());
}

void KernelForm::formBlock(Block &block) {
  SmallVector<Cluster> clusters;
  for (Operation &op : llvm::reverse(block)) {
    if (!isStructured(&op) || taken.contains(&op) || isCheap(&op))
      continue;
    Cluster cluster = grow(&op);
    taken.insert(cluster.ops.begin(), cluster.ops.end());
    clusters.push_back(std::move(cluster));
  }
  // A fill or a slice that is read by no structured op is a kernel of its own.
  for (Operation &op : block)
    if (isa<linalg::FillOp, tensor::ExtractSliceOp>(op) &&
        llvm::any_of(op.getUsers(),
                     [&](Operation *user) { return !taken.contains(user); }))
      clusters.emplace_back(&op);
  for (const Cluster &cluster : clusters)
    wrap(cluster);
  // Cheap ops whose every reader has its own copy now.
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
    if (isCheap(&op) && op.use_empty())
      op.erase();
}

void KernelForm::runOnOperation() {
  taken.clear();
  SmallVector<Block *> blocks;
  getOperation().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<GroupOp>(op) || isStructured(op))
      return WalkResult::skip();
    for (Region &region : op->getRegions())
      for (Block &block : region)
        blocks.push_back(&block);
    return WalkResult::advance();
  });
  for (Block *block : blocks)
    formBlock(*block);
}
