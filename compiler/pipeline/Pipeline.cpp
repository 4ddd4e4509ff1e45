#include "compiler/pipeline/Pipeline.h"

#include "codegen/common/Passes.h"
#include "passes/kernel/Passes.h"
#include "passes/linalg/Passes.h"
#include "passes/program/Passes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace nacre;

/// Canonical form on the way: cheap, and later passes match fewer shapes of it.
static void addCleanup(OpPassManager &pm) {
  GreedyRewriteConfig config;
  // A region is simplified where a pass asks for it; merging blocks of large
  // functions again and again is slow.
  config.setRegionSimplificationLevel(GreedySimplifyRegionLevel::Disabled);
  pm.addPass(createCanonicalizerPass(config));
  pm.addPass(createCSEPass());
}

void nacre::buildPipeline(OpPassManager &pm, Stage stage, bool optimize) {
  if (stage == Stage::Graph)
    return;

  // Fusion reads loops, so ops become loops before kernels are formed.
  OpPassManager &function = pm.nest<func::FuncOp>();
  function.addPass(lower::createGraphToLinalgPass());
  // Sizes that are equal must be one value before kernels compare them.
  addCleanup(function);
  // Layouts are a decision for the whole model: before it is cut into kernels.
  if (optimize)
    function.addPass(lower::createLinalgBlockLayoutPass());
  // Sizes of what moved are read from where it came from, or equal sizes look
  // different to the kernels.
  function.addPass(memref::createResolveRankedShapeTypeResultDimsPass());
  addCleanup(function);
  if (stage == Stage::Tensor)
    return;

  kernel::KernelFormPassOptions form;
  form.fuse = optimize;
  function.addPass(kernel::createKernelFormPass(form));
  // Sizes computed for the results of groups meet those of the lowering.
  addCleanup(function);
  // From here on a kernel stands alone, and equal kernels are one.
  pm.addPass(kernel::createKernelOutlinePass());
  // Index arguments, empty tensors and dims of what was outlined.
  pm.addNestedPass<func::FuncOp>(createCSEPass());
  // Last of the decisions: it needs the kernel as it will run.
  pm.addNestedPass<kernel::FuncOp>(kernel::createKernelSchedulePass());
  if (stage == Stage::Kernel)
    return;

  program::buildProgramPipeline(pm);
}

void nacre::registerAllPasses() {
  codegen::registerCodegenPasses();
  lower::registerLinalgPasses();
  kernel::registerKernelPasses();
  program::registerProgramPasses();
  registerVerifyStagePass();
  struct NamedStage {
    const char *name, *text;
    Stage stage;
  };
  static constexpr NamedStage stages[] = {
      {"nacre-to-tensor", "from graph to structured ops on tensors",
       Stage::Tensor},
      {"nacre-to-kernel", "from graph to kernels and calls", Stage::Kernel},
      {"nacre-to-program", "from graph to launches over an arena",
       Stage::Program},
  };
  for (const NamedStage &named : stages)
    PassPipelineRegistration<>(named.name, named.text, [=](OpPassManager &pm) {
      buildPipeline(pm, named.stage);
      // Text tools are for tests, where every stage keeps its word.
      pm.addPass(createVerifyStagePass(named.stage));
    });
}
