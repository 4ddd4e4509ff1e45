#include "codegen/common/LowerKernel.h"

#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "llvm/Support/Threading.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::codegen;

using Build = llvm::function_ref<void(OpPassManager &)>;

void nacre::codegen::loadKernelDialects(MLIRContext &context) {
  context.loadDialect<
      affine::AffineDialect, arith::ArithDialect,
      bufferization::BufferizationDialect, cf::ControlFlowDialect,
      func::FuncDialect, gpu::GPUDialect, index::IndexDialect,
      kernel::KernelDialect, linalg::LinalgDialect, LLVM::LLVMDialect,
      math::MathDialect, memref::MemRefDialect, scf::SCFDialect,
      tensor::TensorDialect, ub::UBDialect, vector::VectorDialect>();
}

void nacre::codegen::addTensorPasses(OpPassManager &pm) {
  // The contract of a kernel first: everything after sees an ordinary function.
  pm.addPass(createCodegenOpenKernelPass());
  OpPassManager &func = pm.nest<func::FuncOp>();
  // Before anything looks at element types.
  func.addPass(createCodegenWidenStoragePass());
  func.addPass(createCodegenGeneralizePass());
  // One op per chain, so that tiling has few producers to pull in.
  func.addPass(createCodegenFuseElementwisePass());
  // The grid first, then temporaries of a row.
  func.addPass(createCodegenTileGridPass());
  func.addPass(createCodegenShareLoopsPass());
}

/// Takes the body out of `kernel`, so that threads never touch one list of ops.
static OwningOpRef<ModuleOp> extract(kernel::FuncOp kernel) {
  OwningOpRef<ModuleOp> module = ModuleOp::create(kernel.getLoc());
  auto copy = cast<kernel::FuncOp>(kernel->cloneWithoutRegions());
  copy.getBody().takeBody(kernel.getBody());
  module->push_back(copy);
  return module;
}

static void readResults(ModuleOp module, KernelCode &code) {
  module.walk([&](Operation *op) {
    if (auto bytes =
            op->getAttrOfType<IntegerAttr>(KernelFunction::kScratchBytes))
      code.scratchBytes = bytes.getInt();
    if (auto symbol =
            op->getAttrOfType<StringAttr>(KernelFunction::kOpenScratch))
      code.scratchSymbol = symbol.str();
    if (auto checks = op->getAttrOfType<ArrayAttr>(KernelFunction::kChecks))
      for (auto row : checks.getAsRange<ArrayAttr>())
        code.checks.push_back(
            {cast<StringAttr>(row[0]).str(), cast<StringAttr>(row[1]).str()});
  });
}

/// Lowers a copy of `kernel` by `schedule`; null, with nothing reported unless
/// `report`, if that fails.
static OwningOpRef<ModuleOp> lower(ModuleOp original,
                                   kernel::ScheduleAttr schedule, Build build,
                                   bool report) {
  MLIRContext *context = original.getContext();
  OwningOpRef<ModuleOp> module = original.clone();
  for (auto kernel : module->getOps<kernel::FuncOp>())
    kernel.setScheduleAttr(schedule);
  PassManager pm(context);
  pm.enableVerifier(false);
  build(pm);
  // Other threads report through the same context.
  uint64_t thread = llvm::get_threadid();
  ScopedDiagnosticHandler quiet(context, [=](Diagnostic &) {
    return success(!report && llvm::get_threadid() == thread);
  });
  if (failed(pm.run(*module)))
    return {};
  return module;
}

/// A schedule is advice: where it cannot be followed a plainer one can.
static OwningOpRef<ModuleOp> lowerWithFallback(ModuleOp original,
                                               kernel::ScheduleAttr schedule,
                                               const CodegenOptions &options,
                                               Build build) {
  MLIRContext *context = original.getContext();
  auto plain = [&](StringRef emitter, ArrayRef<int64_t> grid) {
    // The grid's points are counted by its tiles, so those stay.
    return kernel::ScheduleAttr::get(context, emitter, grid, {}, {});
  };
  ArrayRef<int64_t> grid;
  if (schedule)
    grid = schedule.getGrid();
  if (!options.plain) {
    if (auto module = lower(original, schedule, build, /*report=*/false))
      return module;
    remark::missed(original.getLoc(),
                   remark::RemarkOpts::name("schedule").category("codegen"))
        << remark::reason("the kernel cannot be lowered by its schedule");
  }
  if (auto module =
          lower(original, plain("loops", grid), build, /*report=*/false))
    return module;
  return lower(original, plain("loops", {}), build, /*report=*/true);
}

OwningOpRef<ModuleOp> nacre::codegen::lowerKernel(kernel::FuncOp kernel,
                                                  const CodegenOptions &options,
                                                  Build build,
                                                  KernelCode &code) {
  code.symbol = kernel.getSymName().str();
  kernel::ScheduleAttr schedule = kernel.getScheduleAttr();
  OwningOpRef<ModuleOp> original = extract(kernel);
  OwningOpRef<ModuleOp> module =
      lowerWithFallback(*original, schedule, options, build);
  if (module)
    readResults(*module, code);
  return module;
}

void nacre::codegen::keepHostFunctions(OwningOpRef<ModuleOp> module,
                                       KernelCode &code) {
  // Device code, what it calls, and its constants.
  for (Operation &op : llvm::make_early_inc_range(*module->getBody())) {
    auto function = dyn_cast<FunctionOpInterface>(op);
    if (!function || function.isExternal())
      op.erase();
  }
  code.hostFunctions = std::move(module);
}
