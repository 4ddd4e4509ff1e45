#ifndef NACRE_PASSES_KERNEL_PASSES_H
#define NACRE_PASSES_KERNEL_PASSES_H

#include "dialects/kernel/Kernel.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace nacre::kernel {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/kernel/Passes.h.inc"

} // namespace nacre::kernel

#endif // NACRE_PASSES_KERNEL_PASSES_H
