#ifndef NACRE_CODEGEN_OPENCL_OPENCL_H
#define NACRE_CODEGEN_OPENCL_OPENCL_H

#include "codegen/target/Target.h"

#include "mlir/Pass/PassManager.h"

namespace nacre::codegen::opencl {

/// Lowers modules of `kernel.func` to one `gpu.func` of loops and scalars.
void buildPipeline(mlir::OpPassManager &pm, bool checkBounds = false);

/// Prints the `gpu.func` of `module` as OpenCL C. Reports what has no form
/// there as a diagnostic.
llvm::LogicalResult serialize(mlir::ModuleOp module, llvm::raw_ostream &os);

} // namespace nacre::codegen::opencl

#endif // NACRE_CODEGEN_OPENCL_OPENCL_H
