#ifndef NACRE_PASSES_KERNEL_DIMS_H
#define NACRE_PASSES_KERNEL_DIMS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/Value.h"

namespace nacre::kernel {

/// The size of dim `dim` of a tensor, from what made it where that is known
/// (so that equal sizes are equal values), else a `tensor.dim` of it. New ops
/// are created at `builder`.
mlir::OpFoldResult dimOf(mlir::OpBuilder &builder, mlir::Location loc,
                         mlir::Value tensor, int64_t dim);

/// The sizes of the dynamic dims of `tensor`, in order.
llvm::SmallVector<mlir::Value> dynamicDimsOf(mlir::OpBuilder &builder,
                                             mlir::Location loc,
                                             mlir::Value tensor);

/// Where the destination of `result` comes from: the operand that a
/// destination-passing op, an insertion or a loop updates. Null if there is none.
mlir::OpOperand *destinationOf(mlir::OpResult result);

} // namespace nacre::kernel

#endif // NACRE_PASSES_KERNEL_DIMS_H
