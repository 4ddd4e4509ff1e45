#include "compiler/pipeline/Pipeline.h"

#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  nacre::registerAllDialects(registry);
  mlir::registerAllPasses();
  nacre::registerAllPasses();
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "nacre optimizer\n", registry));
}
