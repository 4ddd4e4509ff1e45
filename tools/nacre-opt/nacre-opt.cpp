#include "codegen/common/Passes.h"
#include "compiler/pipeline/Pipeline.h"

#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  nacre::registerAllDialects(registry);
  mlir::registerAllPasses();
  nacre::registerAllPasses();
  nacre::codegen::registerCodegenPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "nacre optimizer\n", registry));
}
