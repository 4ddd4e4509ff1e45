#include "codegen/common/LowerKernel.h"
#include "codegen/common/Passes.h"
#include "codegen/cpu/Cpu.h"

using namespace mlir;

void nacre::codegen::cpu::buildPipeline(OpPassManager &pm, bool checkBounds) {
  addTensorPasses(pm);
  OpPassManager &func = pm.nest<func::FuncOp>();
  // Caches last: how loops are tiled above is known.
  func.addPass(createCodegenTileReductionPass());
  // On tensors, where a value is read and written are SSA facts.
  func.addPass(createCodegenVectorizePass());
  pm.addPass(createCodegenBufferizePass());
  pm.addPass(createCodegenPlaceBuffersPass());
  OpPassManager &buffers = pm.nest<func::FuncOp>();
  buffers.addPass(createCodegenLowerLoopsPass());
  buffers.addPass(createCodegenLowerVectorsPass());
  // All accesses are in their final form.
  if (checkBounds)
    buffers.addPass(createCodegenCheckBoundsPass());
  // Bodies are scalars or vectors now; narrow floats before math, so that math
  // sees f32 and f64 only.
  buffers.addPass(createCodegenLowerChecksPass());
  buffers.addPass(createCodegenExpandFloatsPass());
  pm.addPass(createCodegenExpandMathPass());
  pm.addPass(createCodegenKernelAbiPass());
  pm.addPass(createCodegenToLLVMPass());
}
