//===- Contract.h - Sums of products ----------------------------*- C++ -*-===//
#ifndef NACRE_PASSES_LINALG_CONTRACT_H
#define NACRE_PASSES_LINALG_CONTRACT_H

#include "passes/linalg/Lowering.h"

namespace nacre::lower {

/// Emits `result[dims] = sum of lhs * rhs` for an op with those two operands:
/// f16 and bf16 accumulate in f32 and are rounded once, bytes widen by sign.
class Contraction {
public:
  Contraction(Lowering &lowering, Operation *op);

  /// Loops are those of `dims`, then `reductions` more; the maps say which
  /// element of an operand they read.
  Tensor emit(Tensor lhs, Tensor rhs, ArrayRef<Expr> dims,
              ArrayRef<mlir::AffineExpr> lhsMap,
              ArrayRef<mlir::AffineExpr> rhsMap, unsigned reductions) const;

private:
  Value multiplyAdd(OpBuilder &nested, ValueRange args) const;

  Lowering &lowering;
  Location loc;
  Type lhsType, rhsType;
  Type resultType, accumulator;
};

} // namespace nacre::lower

#endif // NACRE_PASSES_LINALG_CONTRACT_H
