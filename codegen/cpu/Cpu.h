#ifndef NACRE_CODEGEN_CPU_CPU_H
#define NACRE_CODEGEN_CPU_CPU_H

#include "codegen/target/Target.h"

#include "mlir/Pass/PassManager.h"

namespace nacre::codegen::cpu {

/// Lowers modules of `kernel.func` to the llvm dialect.
void buildPipeline(mlir::OpPassManager &pm, bool checkBounds = false);

/// Writes the code of `module` (llvm dialect, one kernel) for the processor of
/// `target` to `code.object`. Reports failures as diagnostics on `module`.
llvm::LogicalResult serialize(mlir::ModuleOp module, kernel::TargetAttr target,
                              const CodegenOptions &options, KernelCode &code);

/// The same to an object, without optimization for speed of compilation and
/// with any undefined symbol: for tests that run a plain lowering in process.
llvm::LogicalResult emitUnchecked(mlir::ModuleOp module,
                                  kernel::TargetAttr target, KernelCode &code);

/// The processor that `#kernel.target` was described from.
struct Processor {
  std::string triple, name, features;
};
Processor processorOf(kernel::TargetAttr target);

} // namespace nacre::codegen::cpu

#endif // NACRE_CODEGEN_CPU_CPU_H
