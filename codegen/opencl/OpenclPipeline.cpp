#include "codegen/common/LowerKernel.h"
#include "codegen/common/Passes.h"
#include "codegen/opencl/Opencl.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

void nacre::codegen::opencl::buildPipeline(OpPassManager &pm,
                                           bool checkBounds) {
  addTensorPasses(pm);
  pm.addPass(createCodegenBufferizePass());
  pm.addPass(createCodegenPlaceBuffersPass());
  OpPassManager &buffers = pm.nest<func::FuncOp>();
  buffers.addPass(createCodegenLowerLoopsPass());
  if (checkBounds)
    buffers.addPass(createCodegenCheckBoundsPass());
  buffers.addPass(createCodegenLowerChecksPass());
  // Narrow floats before math, so that math sees f32 and f64 only.
  buffers.addPass(createCodegenExpandFloatsPass());
  pm.addPass(createCodegenExpandMathPass());
  // All accesses are in their final form: no view is left to print.
  pm.addNestedPass<func::FuncOp>(createCodegenFlattenBuffersPass());
  pm.addPass(createCodegenMapItemsPass());
}
