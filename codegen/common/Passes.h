#ifndef NACRE_CODEGEN_COMMON_PASSES_H
#define NACRE_CODEGEN_COMMON_PASSES_H

#include "mlir/Dialect/ControlFlow/IR/ControlFlowOps.h"
#include "mlir/Pass/Pass.h"

namespace nacre::codegen {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "codegen/common/Passes.h.inc"

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_COMMON_PASSES_H
