#include "dialects/program/Program.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace nacre::program;

#define GET_OP_CLASSES
#include "dialects/program/ProgramOps.cpp.inc"

/// E1 of every op that makes a buffer.
template <typename OpTy>
static LogicalResult verifyDims(OpTy op) {
  int64_t expected =
      cast<MemRefType>(op.getBuffer().getType()).getNumDynamicDims();
  if (expected != static_cast<int64_t>(op.getDims().size()))
    return op.emitOpError("has ")
           << op.getDims().size() << " dims; its buffer has " << expected
           << " dynamic dims";
  return success();
}

template <typename OpTy>
static LogicalResult reify(OpTy op, OpBuilder &builder,
                           ReifiedRankedShapedTypeDims &shapes) {
  auto dims = op.getDims().begin();
  SmallVector<OpFoldResult> shape;
  for (int64_t dim : cast<MemRefType>(op.getBuffer().getType()).getShape())
    if (ShapedType::isDynamic(dim))
      shape.push_back(*dims++);
    else
      shape.push_back(builder.getIndexAttr(dim));
  shapes.push_back(std::move(shape));
  return success();
}

LogicalResult SliceOp::verify() { return verifyDims(*this); }
LogicalResult AllocOp::verify() { return verifyDims(*this); }
LogicalResult OutputOp::verify() { return verifyDims(*this); }

LogicalResult HostOp::verify() {
  size_t expected = getInputs().size() + getOutputs().size();
  if (getTypes().size() == expected) // E1
    return success();
  return emitOpError("has ") << getTypes().size() << " types; expected "
                             << expected << ", one per input and output";
}

LogicalResult SliceOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes) {
  return reify(*this, builder, shapes);
}

LogicalResult AllocOp::reifyResultShapes(OpBuilder &builder,
                                         ReifiedRankedShapedTypeDims &shapes) {
  return reify(*this, builder, shapes);
}

LogicalResult OutputOp::reifyResultShapes(OpBuilder &builder,
                                          ReifiedRankedShapedTypeDims &shapes) {
  return reify(*this, builder, shapes);
}

Value SliceOp::getViewSource() { return getBase(); }
