#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"
#include "codegen/common/TileAndFuse.h"
#include "codegen/common/VectorPlan.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENSHARELOOPSPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using namespace nacre::codegen;

/// The ops of `block` that no structured op of it reads: each ends a group.
static SmallVector<linalg::LinalgOp> groupRoots(Block &block) {
  llvm::SetVector<Operation *> read;
  for (Operation &op : block)
    if (isa<linalg::LinalgOp>(op)) {
      llvm::SetVector<Operation *> group = producersOf(&op);
      read.insert(group.begin() + 1, group.end());
    }
  SmallVector<linalg::LinalgOp> roots;
  for (auto op : block.getOps<linalg::LinalgOp>())
    if (!read.contains(op))
      roots.push_back(op);
  return roots;
}

/// Whether the group of `root` has a temporary that shared loops would shrink.
static bool hasTemporary(linalg::LinalgOp root) {
  return llvm::any_of(producersOf(root).getArrayRef().drop_front(),
                      [](Operation *op) { return !isa<linalg::FillOp>(op); });
}

/// Whether one nest of vector loops will compute the whole group anyway.
static bool isOneNest(KernelFunction kernel, linalg::LinalgOp root) {
  auto generic = dyn_cast<linalg::GenericOp>(root.getOperation());
  if (!generic || !kernel || kernel.emitsLoops())
    return false;
  VectorMiss miss;
  FailureOr<VectorPlan> plan =
      planVectors(generic, kernel.target(), kernel.schedule(), miss);
  return succeeded(plan) && llvm::all_of(producersOf(root), [&](Operation *op) {
           return isa<linalg::FillOp>(op) || plan->group.contains(op);
         });
}

/// Whether a loop of the group runs over nothing: upstream's tiling divides by
/// its size.
static bool hasEmptyLoop(linalg::LinalgOp root) {
  return llvm::any_of(producersOf(root), [](Operation *op) {
    // Pads are producers too.
    auto structured = dyn_cast<linalg::LinalgOp>(op);
    return structured
               ? llvm::is_contained(structured.getStaticLoopRanges(), 0)
               : llvm::is_contained(
                     cast<ShapedType>(op->getResult(0).getType()).getShape(),
                     0);
  });
}

namespace {
struct ShareLoops final
    : nacre::codegen::impl::CodegenShareLoopsPassBase<ShareLoops> {
  void runOnOperation() override {
    SmallVector<linalg::LinalgOp> roots;
    getOperation().walk(
        [&](Block *block) { llvm::append_range(roots, groupRoots(*block)); });
    IRRewriter rewriter(&getContext());
    bool changed = false;
    for (linalg::LinalgOp root : roots) {
      if (!hasTemporary(root) || hasEmptyLoop(root) ||
          isOneNest(KernelFunction(getOperation()), root))
        continue;
      SmallVector<OpFoldResult> sizes;
      bool any = false;
      for (bool shared : sharedLoops(root)) {
        sizes.push_back(rewriter.getIndexAttr(shared));
        any |= shared;
      }
      if (!any)
        continue;
      scf::SCFTilingOptions options;
      options.setTileSizes(sizes);
      changed |= succeeded(tileAndFuse(
          rewriter, cast<TilingInterface>(root.getOperation()), options));
    }
    if (changed)
      simplify(getOperation());
  }
};
} // namespace
