#ifndef NACRE_DIALECTS_PROGRAM_PROGRAM_H
#define NACRE_DIALECTS_PROGRAM_PROGRAM_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/program/ProgramDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/program/ProgramOps.h.inc"

#endif // NACRE_DIALECTS_PROGRAM_PROGRAM_H
