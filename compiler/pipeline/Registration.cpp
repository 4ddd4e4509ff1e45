#include "compiler/pipeline/Pipeline.h"

#include "dialects/graph/Graph.h"
#include "dialects/kernel/Kernel.h"
#include "dialects/program/Program.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

void nacre::registerAllDialects(mlir::DialectRegistry &registry) {
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  registry.insert<graph::GraphDialect, kernel::KernelDialect,
                  program::ProgramDialect>();
}
