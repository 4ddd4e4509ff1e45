#ifndef NACRE_CODEGEN_COMMON_EXPANDADDRESSES_H
#define NACRE_CODEGEN_COMMON_EXPANDADDRESSES_H

#include "mlir/IR/Operation.h"

namespace nacre::codegen {

/// Turns views of buffers and affine maps below `op` into `reinterpret_cast`
/// and arithmetic on indices.
llvm::LogicalResult expandAddresses(mlir::Operation *op);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_COMMON_EXPANDADDRESSES_H
