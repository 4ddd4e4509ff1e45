#ifndef NACRE_CODEGEN_COMMON_FLOATBUILDER_H
#define NACRE_CODEGEN_COMMON_FLOATBUILDER_H

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

namespace nacre::codegen {

/// Writes elementwise arithmetic on scalars or vectors of one shape.
struct FloatBuilder {
  using Value = mlir::Value;

  FloatBuilder(mlir::OpBuilder &b, mlir::Location loc, mlir::Type shape)
      : b(b), loc(loc), shape(shape) {}

  /// `element`, in the shape of the values at work.
  mlir::Type type(mlir::Type element) {
    auto vector = mlir::dyn_cast<mlir::VectorType>(shape);
    return vector ? vector.clone(element) : element;
  }
  mlir::Type f32() { return type(b.getF32Type()); }
  mlir::Type integer(unsigned bits) { return type(b.getIntegerType(bits)); }

  Value constant(float value) { return splat(b.getF32FloatAttr(value), f32()); }
  Value constant(int64_t value, unsigned bits) {
    return splat(b.getIntegerAttr(b.getIntegerType(bits), value),
                 integer(bits));
  }
  Value add(Value x, Value y) {
    return binary<mlir::arith::AddFOp, mlir::arith::AddIOp>(x, y);
  }
  Value sub(Value x, Value y) {
    return binary<mlir::arith::SubFOp, mlir::arith::SubIOp>(x, y);
  }
  Value mul(Value x, Value y) {
    return binary<mlir::arith::MulFOp, mlir::arith::MulIOp>(x, y);
  }
  Value div(Value x, Value y) {
    return mlir::arith::DivFOp::create(b, loc, x, y);
  }
  Value bitAnd(Value x, Value y) {
    return mlir::arith::AndIOp::create(b, loc, x, y);
  }
  Value bitOr(Value x, Value y) {
    return mlir::arith::OrIOp::create(b, loc, x, y);
  }
  Value shl(Value x, Value y) {
    return mlir::arith::ShLIOp::create(b, loc, x, y);
  }
  Value shrU(Value x, Value y) {
    return mlir::arith::ShRUIOp::create(b, loc, x, y);
  }
  Value shrS(Value x, Value y) {
    return mlir::arith::ShRSIOp::create(b, loc, x, y);
  }
  Value cmp(mlir::arith::CmpIPredicate p, Value x, Value y) {
    return mlir::arith::CmpIOp::create(b, loc, p, x, y);
  }
  Value cmp(mlir::arith::CmpFPredicate p, Value x, Value y) {
    return mlir::arith::CmpFOp::create(b, loc, p, x, y);
  }
  Value select(Value c, Value x, Value y) {
    return mlir::arith::SelectOp::create(b, loc, c, x, y);
  }
  Value bitcast(Value x, mlir::Type to) {
    return mlir::arith::BitcastOp::create(b, loc, to, x);
  }
  /// x * y + z, fused if the processor can: never a call of fmaf.
  Value mulAdd(Value x, Value y, Value z) {
    auto contract = mlir::arith::FastMathFlags::contract;
    Value product = mlir::arith::MulFOp::create(b, loc, x, y, contract);
    return mlir::arith::AddFOp::create(b, loc, product, z, contract);
  }
  /// `x` if it is not below `bound`; a NaN passes.
  Value atLeast(Value x, Value bound) {
    return select(cmp(mlir::arith::CmpFPredicate::OGT, bound, x), bound, x);
  }
  Value atMost(Value x, Value bound) {
    return select(cmp(mlir::arith::CmpFPredicate::OLT, bound, x), bound, x);
  }
  /// Coefficients from the constant one up.
  Value polynomial(llvm::ArrayRef<float> coefficients, Value x) {
    Value sum = constant(coefficients.back());
    for (float c : llvm::reverse(coefficients.drop_back()))
      sum = mulAdd(sum, x, constant(c));
    return sum;
  }

  Value splat(mlir::TypedAttr element, mlir::Type type) {
    if (auto vector = mlir::dyn_cast<mlir::VectorType>(type))
      return mlir::arith::ConstantOp::create(
          b, loc, mlir::DenseElementsAttr::get(vector, element));
    return mlir::arith::ConstantOp::create(b, loc, element);
  }

  mlir::OpBuilder &b;
  mlir::Location loc;

private:
  template <typename FloatOp, typename IntOp> Value binary(Value x, Value y) {
    if (mlir::isa<mlir::FloatType>(mlir::getElementTypeOrSelf(x)))
      return FloatOp::create(b, loc, x, y);
    return IntOp::create(b, loc, x, y);
  }

  mlir::Type shape;
};

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_COMMON_FLOATBUILDER_H
