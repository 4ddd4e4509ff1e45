#include "codegen/common/Passes.h"
#include "codegen/opencl/Opencl.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;

void nacre::codegen::opencl::buildPipeline(OpPassManager &pm,
                                           bool checkBounds) {
  // The contract of a kernel first: everything after sees an ordinary function.
  pm.addPass(createCodegenOpenKernelPass());
  OpPassManager &func = pm.nest<func::FuncOp>();
  func.addPass(createCodegenWidenStoragePass());
  func.addPass(createCodegenGeneralizePass());
  func.addPass(createCodegenFuseElementwisePass());
  // Work items first, then temporaries of a row.
  func.addPass(createCodegenTileGridPass());
  func.addPass(createCodegenShareLoopsPass());
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
