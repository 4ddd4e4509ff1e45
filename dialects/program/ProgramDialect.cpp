#include "dialects/program/Program.h"

#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace nacre::program;

#include "dialects/program/ProgramDialect.cpp.inc"

#define GET_OP_CLASSES
#include "dialects/program/ProgramOps.cpp.inc"

void ProgramDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialects/program/ProgramOps.cpp.inc"
      >();
}
