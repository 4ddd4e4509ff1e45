#include "codegen/common/TileAndFuse.h"

using namespace mlir;

namespace nacre::codegen {

static bool isStructured(Operation *op) {
  return isa_and_nonnull<linalg::LinalgOp, tensor::PadOp>(op);
}

llvm::SetVector<Operation *> producersOf(Operation *root) {
  llvm::SetVector<Operation *> found;
  found.insert(root);
  for (size_t i = 0; i < found.size(); ++i)
    for (Value operand : found[i]->getOperands())
      if (Operation *producer = operand.getDefiningOp();
          isStructured(producer) && producer->getBlock() == root->getBlock())
        found.insert(producer);
  return found;
}

/// For each loop of an op, the loop of the root that it follows, or -1.
using LoopOrigin = SmallVector<int64_t>;

/// Which root loop each loop of `producer` follows when it is read by `map`.
static LoopOrigin follow(linalg::LinalgOp producer, OpResult result,
                         AffineMap read, const LoopOrigin &reader) {
  LoopOrigin origin(producer.getNumLoops(), -1);
  AffineMap write = producer.getIndexingMapMatchingResult(result);
  for (auto [readExpr, writeExpr] :
       llvm::zip_equal(read.getResults(), write.getResults())) {
    auto readDim = dyn_cast<AffineDimExpr>(readExpr);
    auto writeDim = dyn_cast<AffineDimExpr>(writeExpr);
    if (readDim && writeDim)
      origin[writeDim.getPosition()] = reader[readDim.getPosition()];
  }
  return origin;
}

SmallVector<bool> sharedLoops(linalg::LinalgOp root) {
  unsigned numLoops = root.getNumLoops();
  SmallVector<bool> shared(numLoops);
  LoopOrigin identity(numLoops);
  for (unsigned i = 0; i < numLoops; ++i) {
    shared[i] = linalg::isParallelIterator(root.getIteratorTypesArray()[i]);
    identity[i] = i;
  }
  SmallVector<std::pair<Operation *, LoopOrigin>> work{{root, identity}};
  // Diamonds are visited once per path; kernels are small.
  for (unsigned steps = 0; !work.empty() && steps < 256; ++steps) {
    auto [op, origin] = work.pop_back_val();
    auto reader = dyn_cast<linalg::LinalgOp>(op);
    if (!reader)
      continue;
    for (OpOperand &operand : op->getOpOperands()) {
      auto producer = operand.get().getDefiningOp<linalg::LinalgOp>();
      if (operand.get().getDefiningOp<tensor::PadOp>())
        shared.assign(numLoops, false);
      if (!producer || isa<linalg::FillOp>(producer.getOperation()) ||
          producer->getBlock() != root->getBlock())
        continue;
      LoopOrigin next = follow(producer, cast<OpResult>(operand.get()),
                               reader.getMatchingIndexingMap(&operand), origin);
      for (unsigned i = 0; i < numLoops; ++i)
        shared[i] &= llvm::is_contained(next, static_cast<int64_t>(i));
      work.emplace_back(producer, next);
    }
  }
  return shared;
}

FailureOr<scf::SCFTileAndFuseResult>
tileAndFuse(RewriterBase &rewriter, TilingInterface root,
            const scf::SCFTilingOptions &tiling) {
  llvm::SetVector<Operation *> group = producersOf(root);
  scf::SCFTileAndFuseOptions options;
  options.setTilingOptions(tiling);
  options.setFusionControlFn(
      [&](tensor::ExtractSliceOp, OpResult producer,
          bool) -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
        scf::SCFTileAndFuseOptions::ControlFnResult fuse;
        fuse.yieldProducerReplacement =
            group.contains(producer.getOwner()) &&
            llvm::any_of(producer.getUsers(), [&](Operation *user) {
              return user->getBlock() == producer.getOwner()->getBlock() &&
                     !group.contains(user) &&
                     // The new loop starts from what the root started from.
                     !isa<tensor::DimOp, LoopLikeOpInterface>(user);
            });
        return fuse;
      });
  rewriter.setInsertionPoint(root);
  FailureOr<scf::SCFTileAndFuseResult> result =
      scf::tileConsumerAndFuseProducersUsingSCF(rewriter, root, options);
  if (failed(result))
    return failure();
  for (auto [from, to] : result->replacements)
    rewriter.replaceUsesWithIf(from, to, [&](OpOperand &use) {
      return !result->loops.front()->isProperAncestor(use.getOwner()) &&
             !group.contains(use.getOwner());
    });
  for (Operation *op : llvm::make_early_inc_range(group))
    if (op->use_empty())
      rewriter.eraseOp(op);
  return result;
}

} // namespace nacre::codegen
