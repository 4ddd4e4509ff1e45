#include "codegen/common/BorderReshapes.h"
#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENFUSEELEMENTWISEPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;

/// A producer is merged if that repeats no work: each of its elements is read
/// once, or costs nothing to compute.
static bool worthMerging(OpOperand *operand) {
  Operation *producer = operand->get().getDefiningOp();
  auto consumer = cast<linalg::LinalgOp>(operand->getOwner());
  if (!producer->hasOneUse())
    return false;
  auto generic = dyn_cast<linalg::GenericOp>(producer);
  if (!generic || generic.getNumDpsInits() != 1)
    return false;
  bool trivial =
      llvm::all_of(generic.getBody()->without_terminator(), [](Operation &op) {
        return isa<arith::ExtFOp, arith::ExtSIOp, arith::ExtUIOp,
                   arith::TruncIOp, arith::ConstantOp>(op);
      });
  AffineMap read = consumer.getMatchingIndexingMap(operand);
  return trivial || read.isPermutation();
}

namespace {
struct FuseElementwise final
    : nacre::codegen::impl::CodegenFuseElementwisePassBase<FuseElementwise> {
  void runOnOperation() override {
    func::FuncOp func = getOperation();
    IRRewriter rewriter(&getContext());
    RewritePatternSet patterns(&getContext());
    linalg::populateElementwiseOpsFusionPatterns(patterns, worthMerging);
    linalg::populateInlineConstantOperandsPatterns(patterns);
    linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
    tensor::populateDecomposeTensorConcatPatterns(patterns);
    // A reshape between two ops moves to the border of the kernel.
    linalg::populateFoldReshapeOpsByExpansionPatterns(
        patterns, [](OpOperand *operand) {
          Operation *producer = operand->get().getDefiningOp();
          Operation *consumer = operand->getOwner();
          return isa_and_nonnull<linalg::GenericOp, tensor::CollapseShapeOp>(
                     producer) &&
                 (isa<linalg::GenericOp>(producer) ||
                  producer->getOperand(0).getDefiningOp<linalg::GenericOp>()) &&
                 llvm::any_of(consumer->getUsers(),
                              llvm::IsaPred<linalg::LinalgOp>);
        });
    if (failed(applyPatternsGreedily(func, std::move(patterns))))
      return signalPassFailure();
    nacre::codegen::simplify(func);
    nacre::codegen::movePadsToBuffers(func, rewriter);
    nacre::codegen::moveReshapesToBuffers(func, rewriter);
    nacre::codegen::mergeLoops(func, rewriter);
    nacre::codegen::moveReshapesToBuffers(func, rewriter);
    nacre::codegen::simplify(func);
  }
};
} // namespace
