#include "compiler/pipeline/Pipeline.h"

void nacre::registerAllPasses() {}
void nacre::buildPipeline(mlir::OpPassManager &pm, Stage stage) {}
