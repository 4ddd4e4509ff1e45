//===- ElementwiseMath.cpp - Scalar bodies: rounding, transcendentals, pow ===//
//
// f16 and bf16 go through f32 and are rounded once. What `math` has an op for
// is left to codegen, which knows the target's ways of computing it.
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/Graph.h"
#include "dialects/graph/Scalar.h"

using namespace mlir;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

namespace nacre::graph {

#define NACRE_UNARY(GraphOp, MathOp)                                           \
  Value GraphOp::buildScalar(OpBuilder &builder, Location loc,                 \
                             ValueRange args) {                                \
    Scalar s(builder, loc);                                                    \
    return s.toFloat(s.make<math::MathOp>(s.widen(args[0])),                   \
                     args[0].getType());                                       \
  }
NACRE_UNARY(CeilOp, CeilOp)
NACRE_UNARY(FloorOp, FloorOp)
NACRE_UNARY(RoundOp, RoundEvenOp)
NACRE_UNARY(SqrtOp, SqrtOp)
NACRE_UNARY(ExpOp, ExpOp)
NACRE_UNARY(LogOp, LogOp)
NACRE_UNARY(ErfOp, ErfOp)
NACRE_UNARY(SinOp, SinOp)
NACRE_UNARY(CosOp, CosOp)
NACRE_UNARY(TanOp, TanOp)
NACRE_UNARY(AsinOp, AsinOp)
NACRE_UNARY(AcosOp, AcosOp)
NACRE_UNARY(AtanOp, AtanOp)
NACRE_UNARY(SinhOp, SinhOp)
NACRE_UNARY(CoshOp, CoshOp)
NACRE_UNARY(TanhOp, TanhOp)
NACRE_UNARY(AsinhOp, AsinhOp)
NACRE_UNARY(AcoshOp, AcoshOp)
NACRE_UNARY(AtanhOp, AtanhOp)
#undef NACRE_UNARY

Value ReciprocalOp::buildScalar(OpBuilder &builder, Location loc,
                                ValueRange args) {
  Scalar s(builder, loc);
  Value x = s.widen(args[0]);
  return s.toFloat(s.make<arith::DivFOp>(s.one(x.getType()), x),
                   args[0].getType());
}

Value RsqrtOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  Value x = s.widen(args[0]);
  Value root = s.make<math::SqrtOp>(x);
  return s.toFloat(s.make<arith::DivFOp>(s.one(x.getType()), root),
                   args[0].getType());
}

Value SigmoidOp::buildScalar(OpBuilder &builder, Location loc,
                             ValueRange args) {
  Scalar s(builder, loc);
  Value x = s.widen(args[0]);
  Type type = x.getType();
  // exp never sees a positive number: 1 / (1 + e) for x >= 0, e / (1 + e) else.
  Value e = s.make<math::ExpOp>(s.make<arith::NegFOp>(s.make<math::AbsFOp>(x)));
  Value negative = s.cmp(CmpFPredicate::OLT, x, s.zero(type));
  Value numerator = s.select(negative, e, s.one(type));
  Value denominator = s.make<arith::AddFOp>(e, s.one(type));
  return s.toFloat(s.make<arith::DivFOp>(numerator, denominator),
                   args[0].getType());
}

//===-- Power ---------------------------------------------------------------//

/// base ^ exponent modulo 2^width by squaring, bit after bit of the exponent,
/// which counts as unsigned. The group of odd numbers modulo 2^w has exponent
/// 2^(w - 2), and an even base is 0 from exponent w on: bits beyond w - 2 only
/// matter together.
static Value integerPower(Scalar &s, Value base, Value exponent) {
  Type type = base.getType(), exponentType = exponent.getType();
  int width = type.getIntOrFloatBitWidth();
  int bits = exponentType.getIntOrFloatBitWidth();
  int steps = std::min(bits, std::max(width - 2, 3));
  Value nothing = s.zero(exponentType);
  Value result = s.one(type);
  for (int bit = 0; bit < steps; ++bit) {
    Value mask = s.integer(exponentType, static_cast<int64_t>(1ull << bit));
    Value set = s.cmp(CmpIPredicate::ne, s.make<arith::AndIOp>(exponent, mask),
                      nothing);
    result = s.select(set, s.make<arith::MulIOp>(result, base), result);
    base = s.make<arith::MulIOp>(base, base);
  }
  if (steps == bits)
    return result;
  Value rest = s.make<arith::ShRUIOp>(exponent, s.integer(exponentType, steps));
  Value any = s.cmp(CmpIPredicate::ne, rest, nothing);
  return s.select(any, s.make<arith::MulIOp>(result, base), result);
}

/// An integer to an integer: a negative exponent leaves 1 and -1 and makes 0 of
/// all else.
static Value powIntegers(Scalar &s, Value x, Type xType, Value y, Type yType) {
  if (isUnsignedElement(yType))
    return integerPower(s, x, y);
  Value nothing = s.zero(y.getType());
  Value negative = s.cmp(CmpIPredicate::slt, y, nothing);
  Value magnitude = s.select(negative, s.make<arith::SubIOp>(nothing, y), y);
  Value power = integerPower(s, x, magnitude);
  Value unit = s.cmp(CmpIPredicate::eq, x, s.one(x.getType()));
  if (!isUnsignedElement(xType))
    unit = s.make<arith::OrIOp>(
        unit, s.cmp(CmpIPredicate::eq, x, s.integer(x.getType(), -1)));
  Value keep =
      s.make<arith::OrIOp>(unit, s.cmp(CmpIPredicate::sge, y, nothing));
  return s.select(keep, power, s.zero(x.getType()));
}

/// A float to an integer. The sign follows from the exponent's last bit, which
/// its conversion to a float may lose.
static Value powFloatInteger(Scalar &s, Value x, Value y, Type yType) {
  Value magnitude = s.make<math::PowFOp>(s.make<math::AbsFOp>(x),
                                         s.cast(y, yType, x.getType()));
  Type type = y.getType();
  Value odd = s.cmp(CmpIPredicate::ne,
                    s.make<arith::AndIOp>(y, s.integer(type, 1)), s.zero(type));
  return s.select(odd, s.make<math::CopySignOp>(magnitude, x), magnitude);
}

/// An integer to a float, through f64: what is within rounding of an integer is
/// that integer, else it truncates.
static Value powIntegerFloat(Scalar &s, Value x, Type xType, Value y) {
  Type f64 = s.builder.getF64Type();
  Value power = s.make<math::PowFOp>(s.cast(x, xType, f64), s.toFloat(y, f64));
  Value nearest = s.make<math::RoundEvenOp>(power);
  Value error = s.make<math::AbsFOp>(s.make<arith::SubFOp>(power, nearest));
  Value bound =
      s.make<arith::MulFOp>(s.make<math::AbsFOp>(power), s.real(f64, 0x1p-48));
  Value close = s.cmp(CmpFPredicate::OLE, error, bound);
  return s.cast(s.select(close, nearest, power), f64, xType);
}

Value PowOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  Type xType = getElementTypeOrSelf(getLhs().getType());
  Type yType = getElementTypeOrSelf(getRhs().getType());
  Value x = args[0], y = args[1];
  bool floatX = isa<FloatType>(xType), floatY = isa<FloatType>(yType);
  if (!floatX)
    return floatY ? powIntegerFloat(s, x, xType, y)
                  : powIntegers(s, x, xType, y, yType);
  Value wide = s.widen(x);
  if (!floatY)
    return s.toFloat(powFloatInteger(s, wide, y, yType), xType);
  Type through = yType.isF64() ? yType : wide.getType();
  Value power =
      s.make<math::PowFOp>(s.toFloat(wide, through), s.toFloat(y, through));
  return s.toFloat(power, xType);
}

} // namespace nacre::graph
