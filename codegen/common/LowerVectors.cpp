#include "codegen/common/Passes.h"

#include "mlir/Conversion/VectorToSCF/VectorToSCF.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENLOWERVECTORSPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;

namespace {
struct LowerVectors final
    : nacre::codegen::impl::CodegenLowerVectorsPassBase<LowerVectors> {
  void runOnOperation() override {
    RewritePatternSet loads(&getContext());
    vector::populateVectorTransferLoweringPatterns(loads,
                                                   /*maxTransferRank=*/1);
    vector::populateVectorMaskMaterializationPatterns(
        loads, /*force32BitVectorIndices=*/true);
    vector::populateVectorMaskOpLoweringPatterns(loads);
    vector::populateVectorStepLoweringPatterns(loads);
    vector::populateVectorFromElementsUnrollPatterns(loads);
    if (failed(applyPatternsGreedily(getOperation(), std::move(loads))))
      return signalPassFailure();
    // What is left goes through memory with a stride that is not known.
    RewritePatternSet rest(&getContext());
    populateVectorToSCFConversionPatterns(rest);
    if (failed(applyPatternsGreedily(getOperation(), std::move(rest))))
      signalPassFailure();
  }
};
} // namespace
