#include "passes/program/Passes.h"

#include "mlir/Transforms/Passes.h"

void nacre::program::buildProgramPipeline(mlir::OpPassManager &pm) {
  pm.addPass(createProgramPlanPass());
  pm.addPass(createProgramBufferizePass());
  pm.addPass(createProgramPlacePass());
  pm.addPass(createProgramLaunchPass());
  // Before waits: what is on its way is waited for like a kernel.
  pm.addPass(createProgramTransferPass());
  pm.addPass(createProgramWaitPass());
}
