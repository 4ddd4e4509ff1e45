#ifndef NACRE_PASSES_PROGRAM_PASSES_H
#define NACRE_PASSES_PROGRAM_PASSES_H

#include "dialects/kernel/Kernel.h"
#include "dialects/program/Program.h"

#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Pass/Pass.h"
#include "mlir/Pass/PassManager.h"

namespace nacre::program {

#define GEN_PASS_DECL
#include "passes/program/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/program/Passes.h.inc"

/// Lets one-shot-bufferize read `kernel.call`. Without it program-bufferize
/// fails.
void registerBufferization(mlir::DialectRegistry &registry);

/// Appends the passes that lead from stage `kernel` to stage `program`.
void buildProgramPipeline(mlir::OpPassManager &pm);

} // namespace nacre::program

#endif // NACRE_PASSES_PROGRAM_PASSES_H
