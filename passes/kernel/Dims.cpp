#include "passes/kernel/Dims.h"

#include "dialects/kernel/Kernel.h"

#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;
using namespace nacre::kernel;

OpOperand *nacre::kernel::destinationOf(OpResult result) {
  Operation *op = result.getOwner();
  if (auto insert = dyn_cast<tensor::InsertSliceOp>(op))
    return &insert.getDestMutable();
  if (auto insert = dyn_cast<tensor::InsertOp>(op))
    return &insert.getDestMutable();
  if (auto loop = dyn_cast<LoopLikeOpInterface>(op)) {
    // A while loop may yield a tensor of another size than it began with.
    if (isa<scf::WhileOp>(op))
      return nullptr;
    return loop.getTiedLoopInit(result);
  }
  if (auto dps = dyn_cast<DestinationStyleOpInterface>(op))
    return dps.getTiedOpOperand(result);
  return nullptr;
}

/// The `dim`-th entry of `dims`, which lists dynamic dims of `types` in order.
static Value dimOfGroup(GroupOp group, OpResult result, int64_t dim) {
  unsigned position = 0;
  for (OpResult other : group.getResults()) {
    auto type = cast<RankedTensorType>(other.getType());
    for (int64_t d = 0; d < type.getRank(); ++d) {
      if (other == result && d == dim)
        return group.getDims()[position];
      position += type.isDynamicDim(d);
    }
  }
  llvm_unreachable("a result of the group"); // by construction of the caller
}

OpFoldResult nacre::kernel::dimOf(OpBuilder &builder, Location loc,
                                  Value tensor, int64_t dim) {
  auto type = cast<RankedTensorType>(tensor.getType());
  if (!type.isDynamicDim(dim))
    return builder.getIndexAttr(type.getDimSize(dim));
  if (auto result = dyn_cast<OpResult>(tensor)) {
    Operation *op = result.getOwner();
    if (auto empty = dyn_cast<tensor::EmptyOp>(op))
      return empty.getMixedSizes()[dim];
    if (auto group = dyn_cast<GroupOp>(op))
      return dimOfGroup(group, result, dim);
    if (auto expand = dyn_cast<tensor::ExpandShapeOp>(op))
      return expand.getMixedOutputShape()[dim];
    if (auto cast = dyn_cast<tensor::CastOp>(op))
      return dimOf(builder, loc, cast.getSource(), dim);
    if (auto slice = dyn_cast<tensor::ExtractSliceOp>(op)) {
      llvm::SmallBitVector dropped = slice.getDroppedDims();
      int64_t kept = -1;
      for (auto [i, size] : llvm::enumerate(slice.getMixedSizes()))
        if (!dropped.test(i) && ++kept == dim)
          return size;
    }
    if (OpOperand *destination = destinationOf(result))
      return dimOf(builder, loc, destination->get(), dim);
    if (auto reify = dyn_cast<ReifyRankedShapedTypeOpInterface>(op)) {
      ReifiedRankedShapedTypeDims shapes;
      if (succeeded(reify.reifyResultShapes(builder, shapes)))
        return shapes[result.getResultNumber()][dim];
    }
  }
  return builder.createOrFold<tensor::DimOp>(loc, tensor, dim);
}

SmallVector<Value> nacre::kernel::dynamicDimsOf(OpBuilder &builder,
                                                Location loc, Value tensor) {
  SmallVector<Value> dims;
  auto type = cast<RankedTensorType>(tensor.getType());
  for (int64_t d = 0; d < type.getRank(); ++d)
    if (type.isDynamicDim(d))
      dims.push_back(getValueOrCreateConstantIndexOp(
          builder, loc, dimOf(builder, loc, tensor, d)));
  return dims;
}
