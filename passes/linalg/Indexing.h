//===- Indexing.h - Data-dependent indices ----------------------*- C++ -*-===//
#ifndef NACRE_PASSES_LINALG_INDEXING_H
#define NACRE_PASSES_LINALG_INDEXING_H

#include "passes/linalg/Lowering.h"

namespace nacre::lower {

inline constexpr llvm::StringLiteral kIndexText = "index out of range";

/// An index from data, which counts from the end if negative, as a position in
/// [0, size). One that is out of range is reported by `kernel.check` and then
/// clamped. `size` must not be 0: see `requireIndexable`.
Value safeIndex(OpBuilder &nested, Location loc, Value raw, Value size,
                StringRef text);

/// The host's part of the check: a dim of `size` that is read or written for
/// each point of `readers` is not empty, unless there is no such point.
void requireIndexable(Lowering &lowering, Location loc, Expr size,
                      ArrayRef<Expr> readers);

} // namespace nacre::lower

#endif // NACRE_PASSES_LINALG_INDEXING_H
