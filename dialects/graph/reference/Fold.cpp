//===- Fold.cpp - Compute ops with constant operands ----------------------===//
#include "dialects/graph/reference/Fold.h"

#include "dialects/graph/reference/Interpreter.h"

using namespace mlir;

namespace nacre::graph::reference {

LogicalResult foldWithReference(Operation *op,
                                llvm::ArrayRef<ElementsAttr> operands,
                                llvm::SmallVectorImpl<ElementsAttr> &results,
                                int64_t maxBytes) {
  results.clear();
  if (op->getNumRegions() != 0)
    return failure();
  llvm::SmallVector<Tensor> inputs, outputs;
  for (ElementsAttr operand : operands) {
    if (!operand)
      return failure();
    inputs.push_back(Tensor::fromAttr(operand));
    if (!inputs.back())
      return failure();
  }
  std::string reason;
  Options options;
  options.maxBytes = maxBytes;
  if (failed(evaluate(op, inputs, outputs, &reason, options)))
    return failure();
  for (const Tensor &output : outputs)
    results.push_back(output.toAttr());
  return success();
}

} // namespace nacre::graph::reference
