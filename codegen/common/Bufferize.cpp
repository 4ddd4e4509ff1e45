#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

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

/// outs(x) -> outs(input), where the body does not read `outs` and the input is
/// a temporary that dies here and is read at the same place.
///
/// The result then overwrites the temporary, and if it is an output the
/// temporary is computed in the output's memory: no buffer is left between them.
static void reuseInput(linalg::GenericOp op) {
  if (op.getNumDpsInits() != 1 || op.getNumReductionLoops() != 0)
    return;
  OpOperand &init = op.getDpsInitsMutable()[0];
  if (op.payloadUsesValueFromOperand(&init))
    return;
  for (OpOperand *input : op.getDpsInputOperands()) {
    auto producer = input->get().getDefiningOp<linalg::LinalgOp>();
    bool diesHere = producer && producer->getBlock() == op->getBlock() &&
                    producer.getDpsInits()[0].getDefiningOp<tensor::EmptyOp>() &&
                    llvm::all_of(input->get().getUsers(), [&](Operation *user) {
                      return user == op || user->isBeforeInBlock(op);
                    });
    if (!diesHere || input->get().getType() != init.get().getType() ||
        op.getMatchingIndexingMap(input) != op.getMatchingIndexingMap(&init))
      continue;
    init.set(input->get());
    return;
  }
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
    module.walk(reuseInput);
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
