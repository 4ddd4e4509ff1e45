//===- Fold.cpp - Compute ops with constant operands ----------------------===//
#include "dialects/graph/reference/Fold.h"

#include "dialects/graph/reference/Interpreter.h"

using namespace mlir;

namespace nacre::graph::reference {

/// Operands that take more are left alone: a splat is spread out, sums are
/// taken in wider types, and none of it is fast.
static constexpr int64_t kMaxOperandBytes = int64_t(64) << 20;

/// About a second.
static constexpr int64_t kMaxSteps = int64_t(1) << 31;

/// Whether a type is known to take more than `limit` bytes.
static bool isLarger(Type type, int64_t limit) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor || !tensor.getElementType().isIntOrFloat())
    return true;
  if (!tensor.hasStaticShape())
    return false;
  std::optional<int64_t> count = countElements(tensor.getShape());
  return !count || *count > limit / Tensor::bytesOf(tensor.getElementType());
}

LogicalResult foldWithReference(Operation *op,
                                llvm::ArrayRef<ElementsAttr> operands,
                                llvm::SmallVectorImpl<ElementsAttr> &results,
                                int64_t maxBytes) {
  results.clear();
  if (op->getNumRegions() != 0)
    return failure();
  for (Type type : op->getResultTypes())
    if (isLarger(type, maxBytes))
      return failure();
  llvm::SmallVector<Tensor> inputs, outputs;
  for (ElementsAttr operand : operands) {
    if (!operand || isLarger(operand.getType(), kMaxOperandBytes))
      return failure();
    inputs.push_back(Tensor::fromAttr(operand));
    if (!inputs.back())
      return failure();
  }
  std::string reason;
  Options options;
  options.maxBytes = maxBytes;
  options.maxSteps = kMaxSteps;
  if (failed(evaluate(op, inputs, outputs, &reason, options)))
    return failure();
  for (const Tensor &output : outputs)
    results.push_back(output.toAttr());
  return success();
}

} // namespace nacre::graph::reference
