#ifndef NACRE_CODEGEN_COMMON_SCRATCHENTRY_H
#define NACRE_CODEGEN_COMMON_SCRATCHENTRY_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"

namespace nacre::codegen {

/// The word of number `i` of `args`, arguments as nacre_kernel_fn has them.
mlir::Value loadArgumentWord(mlir::OpBuilder &b, mlir::Location loc,
                             mlir::Value args, unsigned i, mlir::Type type);

/// If scratch of `kernel` depends on sizes: gives the function that says its
/// bytes the signature of nacre_scratch_fn.
void makeScratchEntry(mlir::func::FuncOp kernel);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_COMMON_SCRATCHENTRY_H
