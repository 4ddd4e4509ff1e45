#ifndef NACRE_COMPILER_PIPELINE_PIPELINE_H
#define NACRE_COMPILER_PIPELINE_PIPELINE_H

#include "mlir/IR/DialectRegistry.h"
#include "mlir/Pass/PassManager.h"

namespace nacre {

/// The stages of a compilation, each a list of dialects (see VerifyStage.cpp).
enum class Stage { Graph, Tensor, Kernel, Program };

/// Registers every dialect and interface implementation that a stage may hold.
void registerAllDialects(mlir::DialectRegistry &registry);
/// Registers every pass and `nacre-to-<stage>` pipeline for text tools.
void registerAllPasses();

/// Appends the passes that lead from the imported `graph` to `stage`. Without
/// `optimize` only those that are needed: no layouts, a kernel per op.
void buildPipeline(mlir::OpPassManager &pm, Stage stage, bool optimize = true);

/// A pass that reports every op which `stage` does not have.
std::unique_ptr<mlir::Pass> createVerifyStagePass(Stage stage);
void registerVerifyStagePass();

} // namespace nacre

#endif // NACRE_COMPILER_PIPELINE_PIPELINE_H
