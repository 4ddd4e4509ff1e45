//===- Fold.h - Compute ops with constant operands --------------*- C++ -*-===//
#ifndef NACRE_DIALECTS_GRAPH_REFERENCE_FOLD_H
#define NACRE_DIALECTS_GRAPH_REFERENCE_FOLD_H

#include "mlir/IR/BuiltinAttributeInterfaces.h"
#include "mlir/IR/Operation.h"

namespace nacre::graph::reference {

/// A result of more bytes is not folded; it is computed at compile time by
/// compiled code, or at run time.
inline constexpr int64_t kFoldBytes = 64 * 1024;

/// Computes the results of `op`, which has no regions, from constant operands.
/// Fails without a diagnostic if an operand is null or larger than 64 MiB, if a
/// result is larger than `maxBytes`, or if the data is such that a run would
/// stop. The results are
/// dense up to 1 KiB and for splats, else resources named by the hash of their
/// bytes. Fits `graph::Builder::Folder`.
llvm::LogicalResult
foldWithReference(mlir::Operation *op,
                  llvm::ArrayRef<mlir::ElementsAttr> operands,
                  llvm::SmallVectorImpl<mlir::ElementsAttr> &results,
                  int64_t maxBytes = kFoldBytes);

} // namespace nacre::graph::reference

#endif // NACRE_DIALECTS_GRAPH_REFERENCE_FOLD_H
