#include "passes/linalg/Lowering.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

/// One loop nest around the scalar body that the op itself provides.
FailureOr<Tensor> lower::lowerElementwise(Lowering &lowering,
                                          graph::ElementwiseOpInterface op) {
  SmallVector<Tensor> inputs;
  for (Value operand : op->getOperands())
    inputs.push_back(lowering.get(operand));
  Value result = op->getResult(0);
  return lowering.mapBroadcast(
      op.getLoc(), llvm::to_vector(lowering.dims(result)),
      Lowering::elementTypeOf(result), inputs,
      [&](OpBuilder &nested, ValueRange args) {
        return op.buildScalar(nested, op.getLoc(), args);
      });
}
