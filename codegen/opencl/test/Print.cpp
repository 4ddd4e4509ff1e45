// Prints the gpu.func of a file as OpenCL C; a kernel.func is lowered before.
#include "codegen/common/LowerKernel.h"
#include "codegen/opencl/Opencl.h"

#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace nacre;

static int printText(ModuleOp module) {
  return failed(codegen::opencl::serialize(module, llvm::outs()));
}

int main(int argc, char **argv) {
  DialectRegistry registry;
  registerAllDialects(registry);
  registerAllExtensions(registry);
  registry.insert<kernel::KernelDialect>();
  MLIRContext context(registry);
  codegen::loadKernelDialects(context);
  if (argc != 2) {
    llvm::errs() << "expected one file\n";
    return 2;
  }
  OwningOpRef<ModuleOp> module = parseSourceFile<ModuleOp>(argv[1], &context);
  if (!module)
    return 1;
  SmallVector<kernel::FuncOp> kernels(module->getOps<kernel::FuncOp>());
  for (kernel::FuncOp kernel : kernels) {
    codegen::KernelCode code;
    auto lowered = codegen::lowerKernel(
        kernel, {},
        [](OpPassManager &pm) { codegen::opencl::buildPipeline(pm); }, code);
    if (!lowered || printText(*lowered))
      return 1;
  }
  return printText(*module);
}
