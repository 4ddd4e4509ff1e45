#ifndef NACRE_CODEGEN_COMMON_BORDERRESHAPES_H
#define NACRE_CODEGEN_COMMON_BORDERRESHAPES_H

#include "codegen/common/KernelFunction.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"

namespace nacre::codegen {

/// Merges loops of the one structured op of a kernel that go through all
/// tensors together, so that short rows do not end in short vectors. Loops that
/// the grid tiles stay apart where the tile could not be said of the merged
/// loop.
void mergeLoops(mlir::func::FuncOp func, mlir::RewriterBase &rewriter);

/// Lets outputs be reshaped as buffers instead of tensors: the structured op
/// that computes one is then the last op before it.
void moveReshapesToBuffers(mlir::func::FuncOp func,
                           mlir::RewriterBase &rewriter);

/// Lets a pad of what a structured op computes be a border of the output: the
/// op writes inside of it, and fills of buffers write the border.
void movePadsToBuffers(mlir::func::FuncOp func, mlir::RewriterBase &rewriter);

/// The grid's tiles, said per dim of `output`, as tiles per dim of the tensor
/// that is stored there; nothing if they are no tiles of it.
llvm::FailureOr<llvm::SmallVector<int64_t>>
gridOfStored(KernelFunction kernel, unsigned output,
             llvm::ArrayRef<int64_t> grid);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_COMMON_BORDERRESHAPES_H
