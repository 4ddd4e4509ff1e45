#ifndef NACRE_CODEGEN_COMMON_LOWERKERNEL_H
#define NACRE_CODEGEN_COMMON_LOWERKERNEL_H

#include "codegen/target/Target.h"

namespace nacre::codegen {

/// Loads what kernels are lowered through: `compile` runs in several threads,
/// when a context can load no more dialects.
void loadKernelDialects(mlir::MLIRContext &context);

/// Takes the body out of `kernel`, so that threads never touch one list of ops,
/// and lowers it by the passes that `build` adds. A schedule is advice: where
/// it cannot be followed a plainer one is. Fills in what the passes left about
/// the kernel. Null, after an error was reported, if nothing lowers it.
mlir::OwningOpRef<mlir::ModuleOp>
lowerKernel(kernel::FuncOp kernel, const CodegenOptions &options,
            llvm::function_ref<void(mlir::OpPassManager &)> build,
            KernelCode &code);

/// Adds the passes that every target begins with: from `kernel.func` to
/// structured ops on tensors, in one loop over grid points, with temporaries of
/// a row.
void addTensorPasses(mlir::OpPassManager &pm);

/// Leaves in `module`, whose device code is written, the functions that
/// launches call on the host, and gives it to `code`.
void keepHostFunctions(mlir::OwningOpRef<mlir::ModuleOp> module,
                       KernelCode &code);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_COMMON_LOWERKERNEL_H
