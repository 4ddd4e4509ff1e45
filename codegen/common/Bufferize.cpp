#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"
#include "codegen/common/ReuseInput.h"

#include "mlir/Dialect/Bufferization/Transforms/OneShotAnalysis.h"
#include "mlir/Dialect/Bufferization/Transforms/Transforms.h"
#include "mlir/IR/Dominance.h"
#include "mlir/Transforms/CSE.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENBUFFERIZEPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using namespace nacre::codegen;

/// The buffer that views lead to.
static Value baseOf(Value buffer) {
  while (auto view = buffer.getDefiningOp<ViewLikeOpInterface>())
    buffer = view.getViewSource();
  return buffer;
}

/// Work outside of the loop over grid points is done by every worker: harmless
/// unless it writes what others have computed.
static LogicalResult checkGrid(func::FuncOp func) {
  KernelFunction kernel(func);
  if (!kernel || !kernel.schedule() || kernel.schedule().getGrid().empty() ||
      func->hasAttr(KernelFunction::kSinglePoint))
    return success();
  unsigned firstOutput = kernel.numBuffers() - kernel.numOutputs();
  for (Operation &op : func.front()) {
    auto loop = dyn_cast<scf::ForOp>(op);
    if (isa<ViewLikeOpInterface>(op) ||
        (loop && loop.getLowerBound() == kernel.begin()))
      continue;
    auto touches = op.walk([&](Operation *nested) {
      if (isa<memref::LoadOp>(nested) || isMemoryEffectFree(nested))
        return WalkResult::advance();
      for (Value operand : nested->getOperands()) {
        auto argument = dyn_cast<BlockArgument>(baseOf(operand));
        if (argument && argument.getOwner() == &func.front() &&
            isa<MemRefType>(argument.getType()) &&
            argument.getArgNumber() >= firstOutput &&
            argument.getArgNumber() < kernel.numBuffers())
          return WalkResult::interrupt();
      }
      return WalkResult::advance();
    });
    if (touches.wasInterrupted())
      return op.emitError("writes an output outside of the grid's loop");
  }
  return success();
}

namespace {
struct Bufferize final
    : nacre::codegen::impl::CodegenBufferizePassBase<Bufferize> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    IRRewriter rewriter(&getContext());
    RewritePatternSet pads(&getContext());
    linalg::populateDecomposePadPatterns(pads);
    if (failed(applyPatternsGreedily(module, std::move(pads))))
      return signalPassFailure();
    module.walk([](linalg::GenericOp op) { reuseInput(op); });
    if (failed(bufferization::eliminateEmptyTensors(rewriter, module)))
      return signalPassFailure();
    bufferization::OneShotBufferizationOptions options;
    options.allowReturnAllocsFromLoops = true;
    options.allowUnknownOps = true;
    bufferization::BufferizationState state;
    if (failed(bufferization::runOneShotBufferize(module, options, state)))
      return signalPassFailure();
    // CSE first: else a copy of a buffer to itself is not seen as such.
    for (auto func : module.getOps<func::FuncOp>()) {
      DominanceInfo dominance(func);
      eliminateCommonSubExpressions(rewriter, dominance, func);
      simplify(func);
      if (failed(checkGrid(func)))
        return signalPassFailure();
    }
  }
};
} // namespace
