//===- PlainLowering.h - Stage `tensor` to code, unoptimized ----*- C++ -*-===//
#ifndef NACRE_PASSES_LINALG_TEST_PLAINLOWERING_H
#define NACRE_PASSES_LINALG_TEST_PLAINLOWERING_H

#include "mlir/IR/BuiltinOps.h"

namespace nacre::lower {

/// Names of the functions that code calls where `program.check` and
/// `kernel.check` stand, with the condition.
inline constexpr llvm::StringLiteral kHostCheckName = "nacre_test_host_check";
inline constexpr llvm::StringLiteral kKernelCheckName =
    "nacre_test_kernel_check";

/// Turns a module of stage `tensor` into the llvm dialect by upstream passes
/// alone, each op into its plain loops.
llvm::LogicalResult lowerPlainly(mlir::ModuleOp module);

} // namespace nacre::lower

#endif // NACRE_PASSES_LINALG_TEST_PLAINLOWERING_H
