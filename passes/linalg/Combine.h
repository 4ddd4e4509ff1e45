//===- Combine.h - Accumulators of reductions -------------------*- C++ -*-===//
#ifndef NACRE_PASSES_LINALG_COMBINE_H
#define NACRE_PASSES_LINALG_COMBINE_H

#include "dialects/graph/Graph.h"

#include "mlir/IR/Builders.h"

namespace nacre::lower {

/// f32 for shorter floats, else the type itself.
mlir::Type accumulatorType(mlir::Type elementType);

/// What `combine` leaves alone: the result of reducing nothing.
mlir::TypedAttr identityOf(graph::ReduceKind kind, mlir::Type type,
                           bool isUnsigned);

/// Two elements by `kind`; NaN wins in `max` and `min`.
mlir::Value combine(mlir::OpBuilder &b, mlir::Location loc,
                    graph::ReduceKind kind, bool isUnsigned, mlir::Value lhs,
                    mlir::Value rhs);

/// Whether `a` comes before `b` in the order of `largest` (NaN counts as the
/// greatest value). Types without sign; `isUnsigned` tells it.
mlir::Value isBefore(mlir::OpBuilder &b, mlir::Location loc, bool largest,
                     bool isUnsigned, mlir::Value lhs, mlir::Value rhs);

} // namespace nacre::lower

#endif // NACRE_PASSES_LINALG_COMBINE_H
