#ifndef NACRE_PASSES_PROGRAM_CARRY_H
#define NACRE_PASSES_PROGRAM_CARRY_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseSet.h"

namespace nacre::program {

/// Results of loops whose buffer is that of their init operand.
using InPlaceResults = llvm::DenseSet<mlir::Value>;

/// Makes loops and branches write the tensors they carry into one buffer, made
/// before them, where the size is known before them. What is left has a size
/// that changes with the iterations.
InPlaceResults settleCarried(mlir::func::FuncOp entry);

} // namespace nacre::program

#endif // NACRE_PASSES_PROGRAM_CARRY_H
