#include "compiler/pipeline/Pipeline.h"

#include "passes/kernel/Passes.h"

void nacre::registerAllPasses() { kernel::registerKernelPasses(); }
void nacre::buildPipeline(mlir::OpPassManager &pm, Stage stage) {}
