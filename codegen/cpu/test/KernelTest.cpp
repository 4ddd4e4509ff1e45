// Compiles the kernels of a file and shows their code, or runs them on random
// data and compares with a plain lowering of the same text: no fusion, no
// tiling, no vectors, libm for all functions.
//
//   nacre-kernel-run k.mlir --emit=asm [--cpu=NAME]
//   nacre-kernel-run k.mlir [--dims=3,5] [--rtol=1e-4] [--time] [--flops=N]
//
// With --check-bounds the kernels check their accesses.
#include "codegen/common/Passes.h"
#include "codegen/cpu/test/KernelRunner.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"

#include <ctime>

using namespace mlir;
using namespace nacre;
using namespace nacre::codegen;
namespace cl = llvm::cl;

static cl::opt<std::string> input(cl::Positional, cl::init("-"));
static cl::opt<std::string> emitKind("emit", cl::desc("asm, llvm or run"),
                                     cl::init("run"));
static cl::opt<std::string> cpuName("cpu", cl::desc("processor"));
static cl::list<int64_t> dims("dims", cl::desc("index arguments"),
                              cl::CommaSeparated);
static cl::opt<double> rtol("rtol", cl::desc("relative tolerance"),
                            cl::init(1e-5));
static cl::opt<double> low("low", cl::desc("least input"), cl::init(-2));
static cl::opt<double> high("high", cl::desc("greatest input"), cl::init(2));
static cl::opt<bool> timeRuns("time", cl::desc("measure"));
static cl::opt<double> flops("flops", cl::desc("operations of one run"));

static cl::opt<bool> checkBounds("check-bounds", cl::desc("check accesses"));
static cl::opt<unsigned> compileRuns("compile-runs", cl::init(0),
                                     cl::desc("measure compilation"));

static void measureCompilation(kernel::FuncOp kernel, const Target &target) {
  if (compileRuns == 0)
    return;
  double best = 1e9;
  for (unsigned i = 0; i < compileRuns; ++i) {
    OwningOpRef<kernel::FuncOp> copy = kernel.clone();
    // Processor time: other processes do not count.
    std::clock_t start = std::clock();
    (void)target.compile(*copy, {});
    best = std::min(best, (std::clock() - start) * 1e3 / CLOCKS_PER_SEC);
  }
  llvm::outs() << kernel.getSymName() << llvm::format(": %.2f ms\n", best);
}

/// A multiplication and an addition per step of each contraction.
static double operationsOf(kernel::FuncOp kernel) {
  double total = 0;
  kernel.walk([&](linalg::LinalgOp op) {
    double steps = 2;
    for (int64_t size : op.getStaticLoopRanges())
      steps *= std::max<int64_t>(size, 0);
    if (op.getNumReductionLoops() != 0 && op.getNumDpsInputs() == 2)
      total += steps;
  });
  return total;
}

static int runKernel(kernel::FuncOp kernel, const Target &target,
                     const CodegenOptions &options) {
  test::RunOptions run;
  run.checkBounds = checkBounds;
  run.dims.assign(dims.begin(), dims.end());
  run.rtol = rtol;
  run.low = low;
  run.high = high;
  run.time = timeRuns;
  run.flops = flops > 0 ? double(flops) : operationsOf(kernel);
  OwningOpRef<kernel::FuncOp> copy = kernel.clone();
  llvm::FailureOr<KernelCode> code = target.compile(*copy, options);
  if (failed(code))
    return 1;
  return test::compareWithPlain(kernel, *code, run);
}

static int showKernel(kernel::FuncOp kernel, const Target &target,
                      CodegenOptions options) {
  options.emit = emitKind == "asm" ? CodegenOptions::Emit::Assembly
                                   : CodegenOptions::Emit::LLVM;
  llvm::FailureOr<KernelCode> code = target.compile(kernel, options);
  if (failed(code))
    return 1;
  llvm::outs().write(code->object.data(), code->object.size());
  if (code->scratchSymbol.empty())
    llvm::outs() << "# scratch_bytes " << code->scratchBytes << "\n";
  else
    llvm::outs() << "# open_scratch " << code->scratchSymbol << "\n";
  for (const Check &check : code->checks)
    llvm::outs() << "# check '" << check.node << "': " << check.text << "\n";
  return 0;
}

namespace nacre::codegen {
Target cpuTarget();
} // namespace nacre::codegen

int main(int argc, char **argv) {
  cl::ParseCommandLineOptions(argc, argv, "compiles and runs kernels\n");
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registerAllToLLVMIRTranslations(registry);
  registry.insert<kernel::KernelDialect>();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  context.allowUnregisteredDialects(); // the host code around kernels
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(input, &context);
  if (!module)
    return 1;
  Target target = cpuTarget();
  TargetOptions options;
  options.processor = cpuName;
  kernel::TargetAttr facts =
      target.describe(context, options, module->getLoc());
  if (!facts)
    return 1;
  int failed = 0;
  for (auto kernel :
       llvm::make_early_inc_range(module->getOps<kernel::FuncOp>())) {
    if (emitKind == "run" && kernel.getNumIndexArguments() > dims.size()) {
      llvm::outs() << "skipped " << kernel.getSymName() << ": needs "
                   << kernel.getNumIndexArguments() << " dims\n";
      continue;
    }
    if (!kernel.getTargetAttr())
      kernel.setTargetAttr(facts);
    measureCompilation(kernel, target);
    CodegenOptions codegen;
    codegen.checkBounds = checkBounds;
    failed |= emitKind == "run" ? runKernel(kernel, target, codegen)
                                : showKernel(kernel, target, codegen);
  }
  return failed;
}
