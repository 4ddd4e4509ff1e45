#include "codegen/common/Passes.h"
#include "codegen/cpu/Cpu.h"

using namespace mlir;

void nacre::codegen::cpu::buildPipeline(OpPassManager &pm, bool checkBounds) {
  // The contract of a kernel first: everything after sees an ordinary function.
  pm.addPass(createCodegenOpenKernelPass());
  OpPassManager &func = pm.nest<func::FuncOp>();
  // Before anything looks at element types.
  func.addPass(createCodegenWidenStoragePass());
  func.addPass(createCodegenGeneralizePass());
  // One op per chain, so that tiling has few producers to pull in.
  func.addPass(createCodegenFuseElementwisePass());
  // Threads first, then temporaries of a row.
  func.addPass(createCodegenTileGridPass());
  func.addPass(createCodegenShareLoopsPass());
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
