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
    }
  }
};
} // namespace
