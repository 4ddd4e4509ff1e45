//===- Scalar.h - Emit scalar bodies of elementwise ops ---------*- C++ -*-===//
//
// Private to the graph dialect: what the bodies of several families share.
// Everything emitted is free of branches and memory, so that a loop around it
// vectorizes, and defined for every input: no poison, no trap.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_DIALECTS_GRAPH_SCALAR_H
#define NACRE_DIALECTS_GRAPH_SCALAR_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"

namespace nacre::graph {

/// i1 and `ui*` count up from 0.
bool isUnsignedElement(mlir::Type type);
/// Floats of less than 16 bits: stored, never computed with.
bool isSmallFloat(mlir::Type type);

class Scalar {
public:
  Scalar(mlir::OpBuilder &builder, mlir::Location loc)
      : builder(builder), loc(loc) {}

  template <typename OpT, typename... Args>
  mlir::Value make(Args &&...args) {
    return OpT::create(builder, loc, std::forward<Args>(args)...);
  }

  mlir::Value real(mlir::Type type, double value);
  mlir::Value integer(mlir::Type type, int64_t value);
  /// A constant with the given bits.
  mlir::Value bits(unsigned width, uint64_t value);
  mlir::Value zero(mlir::Type type);
  mlir::Value one(mlir::Type type);

  mlir::Value select(mlir::Value condition, mlir::Value yes, mlir::Value no) {
    return make<mlir::arith::SelectOp>(condition, yes, no);
  }
  mlir::Value cmp(mlir::arith::CmpIPredicate predicate, mlir::Value a,
                  mlir::Value b) {
    return make<mlir::arith::CmpIOp>(predicate, a, b);
  }
  mlir::Value cmp(mlir::arith::CmpFPredicate predicate, mlir::Value a,
                  mlir::Value b) {
    return make<mlir::arith::CmpFOp>(predicate, a, b);
  }

  /// A float as f32 at least (f64 stays): exact.
  mlir::Value widen(mlir::Value value);
  /// A float in another float type, rounded to nearest even once. Small floats
  /// saturate if asked to.
  mlir::Value toFloat(mlir::Value value, mlir::Type to, bool saturate = true);
  /// Any element in any type, as `graph.cast` defines it. The types carry the
  /// sign that `value` and the result lack.
  mlir::Value cast(mlir::Value value, mlir::Type from, mlir::Type to,
                   bool saturate = true);

  mlir::Value decodeSmall(mlir::Value value);
  mlir::Value encodeSmall(mlir::Value f32, mlir::FloatType to, bool saturate);

  mlir::OpBuilder &builder;
  mlir::Location loc;

private:
  mlir::Value narrowOdd(mlir::Value f64);
  mlir::Value fromInteger(mlir::Value value, mlir::Type from,
                          mlir::FloatType to, bool saturate);
  mlir::Value toInteger(mlir::Value value, mlir::Type to);
  mlir::Value truncate(mlir::Value value, unsigned width);
};

} // namespace nacre::graph

#endif // NACRE_DIALECTS_GRAPH_SCALAR_H
