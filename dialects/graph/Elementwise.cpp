//===- Elementwise.cpp - Scalar bodies: arithmetic, logic, comparison -----===//
#include "dialects/graph/Graph.h"
#include "dialects/graph/Scalar.h"

using namespace mlir;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

namespace nacre::graph {

static Type element(Value tensor) {
  return getElementTypeOrSelf(tensor.getType());
}

/// A float op in the type itself, or through f32 where the type only stores.
template <typename OpT>
static Value floatBinary(Scalar &s, ValueRange args) {
  Type type = args[0].getType();
  Value result = isSmallFloat(type)
                     ? s.make<OpT>(s.widen(args[0]), s.widen(args[1]))
                     : s.make<OpT>(args[0], args[1]);
  return s.toFloat(result, type);
}

template <typename FloatOp, typename IntOp>
static Value arithmetic(Scalar &s, ValueRange args) {
  return isa<FloatType>(args[0].getType()) ? floatBinary<FloatOp>(s, args)
                                           : s.make<IntOp>(args[0], args[1]);
}

template <typename FloatOp, typename SignedOp, typename UnsignedOp>
static Value extremum(Scalar &s, Type type, ValueRange args) {
  if (isa<FloatType>(type))
    return floatBinary<FloatOp>(s, args);
  return isUnsignedElement(type) ? s.make<UnsignedOp>(args[0], args[1])
                                 : s.make<SignedOp>(args[0], args[1]);
}

//===-- Unary ---------------------------------------------------------------//

Value AbsOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  Value x = args[0];
  if (isa<FloatType>(x.getType()))
    return s.toFloat(
        s.make<math::AbsFOp>(isSmallFloat(x.getType()) ? s.widen(x) : x),
        x.getType());
  if (isUnsignedElement(element(getInput())))
    return x;
  Value nothing = s.zero(x.getType());
  return s.select(s.cmp(CmpIPredicate::slt, x, nothing),
                  s.make<arith::SubIOp>(nothing, x), x);
}

Value NegOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  Value x = args[0];
  if (!isa<FloatType>(x.getType()))
    return s.make<arith::SubIOp>(s.zero(x.getType()), x);
  if (isSmallFloat(x.getType()))
    return s.toFloat(s.make<arith::NegFOp>(s.widen(x)), x.getType());
  return s.make<arith::NegFOp>(x);
}

Value SignOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  Value x = s.widen(args[0]);
  Type type = x.getType();
  Value nothing = s.zero(type), plus = s.one(type);
  if (isa<FloatType>(type)) {
    // Zero and NaN fall through both.
    Value below =
        s.select(s.cmp(CmpFPredicate::OLT, x, nothing), s.real(type, -1), x);
    Value sign = s.select(s.cmp(CmpFPredicate::OGT, x, nothing), plus, below);
    return s.toFloat(sign, args[0].getType());
  }
  Value rest = s.select(s.cmp(CmpIPredicate::eq, x, nothing), nothing, plus);
  if (isUnsignedElement(element(getInput())))
    return rest;
  return s.select(s.cmp(CmpIPredicate::slt, x, nothing), s.integer(type, -1),
                  rest);
}

Value ReluOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  Value x = args[0];
  Type type = x.getType();
  // A compare and select: x86 has it as one instruction, which a maximum that
  // must respect NaN and signed zeros is not.
  if (isSmallFloat(type)) {
    Value wide = s.widen(x);
    return s.select(s.cmp(CmpFPredicate::OLT, wide, s.zero(wide.getType())),
                    s.toFloat(s.zero(wide.getType()), type), x);
  }
  if (isa<FloatType>(type))
    return s.select(s.cmp(CmpFPredicate::OLT, x, s.zero(type)), s.zero(type),
                    x);
  if (isUnsignedElement(element(getInput())))
    return x;
  return s.make<arith::MaxSIOp>(x, s.zero(type));
}

Value NotOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  return s.make<arith::XOrIOp>(args[0], s.integer(args[0].getType(), -1));
}

Value BitNotOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  return s.make<arith::XOrIOp>(args[0], s.integer(args[0].getType(), -1));
}

Value IsNanOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  Value x = s.widen(args[0]);
  return s.cmp(CmpFPredicate::UNO, x, x);
}

Value IsInfOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  Value x = s.widen(args[0]);
  double infinity = std::numeric_limits<double>::infinity();
  Value result = s.integer(builder.getI1Type(), 0);
  if (getPositive())
    result = s.cmp(CmpFPredicate::OEQ, x, s.real(x.getType(), infinity));
  if (getNegative()) {
    Value low = s.cmp(CmpFPredicate::OEQ, x, s.real(x.getType(), -infinity));
    result = getPositive() ? s.make<arith::OrIOp>(result, low) : low;
  }
  return result;
}

//===-- Binary arithmetic ---------------------------------------------------//

Value AddOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  return arithmetic<arith::AddFOp, arith::AddIOp>(s, args);
}

Value SubOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  return arithmetic<arith::SubFOp, arith::SubIOp>(s, args);
}

Value MulOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  return arithmetic<arith::MulFOp, arith::MulIOp>(s, args);
}

Value MaxOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  return extremum<arith::MaximumFOp, arith::MaxSIOp, arith::MaxUIOp>(
      s, element(getLhs()), args);
}

Value MinOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  return extremum<arith::MinimumFOp, arith::MinSIOp, arith::MinUIOp>(
      s, element(getLhs()), args);
}

Value DivOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  Type type = args[0].getType();
  if (isa<FloatType>(type))
    return floatBinary<arith::DivFOp>(s, args);
  Value x = args[0], y = args[1];
  Value isZero = s.cmp(CmpIPredicate::eq, y, s.zero(type));
  if (isUnsignedElement(element(getLhs()))) {
    Value safe = s.select(isZero, s.one(type), y);
    return s.select(isZero, s.zero(type), s.make<arith::DivUIOp>(x, safe));
  }
  // x / -1 is -x, which wraps where the division would trap.
  Value isMinus = s.cmp(CmpIPredicate::eq, y, s.integer(type, -1));
  Value safe = s.select(s.make<arith::OrIOp>(isZero, isMinus), s.one(type), y);
  Value quotient = s.make<arith::DivSIOp>(x, safe);
  Value negated = s.make<arith::SubIOp>(s.zero(type), x);
  return s.select(isZero, s.zero(type), s.select(isMinus, negated, quotient));
}

/// The remainder with the sign of `y`, from one with the sign of `x`.
static Value floatModulo(Scalar &s, Value x, Value y, bool fmod) {
  Type type = x.getType();
  Value rest = s.make<arith::RemFOp>(x, y);
  if (fmod)
    return rest;
  Value nothing = s.zero(type);
  Value isZero = s.cmp(CmpFPredicate::OEQ, rest, nothing);
  Value differ = s.make<arith::XOrIOp>(s.cmp(CmpFPredicate::OLT, rest, nothing),
                                       s.cmp(CmpFPredicate::OLT, y, nothing));
  Value moved = s.select(differ, s.make<arith::AddFOp>(rest, y), rest);
  return s.select(isZero, s.make<math::CopySignOp>(nothing, y), moved);
}

Value ModOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  Type type = args[0].getType();
  if (isa<FloatType>(type))
    return s.toFloat(
        floatModulo(s, s.widen(args[0]), s.widen(args[1]), getFmod()), type);
  Value x = args[0], y = args[1], nothing = s.zero(type);
  Value isZero = s.cmp(CmpIPredicate::eq, y, nothing);
  if (isUnsignedElement(element(getLhs()))) {
    Value safe = s.select(isZero, s.one(type), y);
    return s.select(isZero, nothing, s.make<arith::RemUIOp>(x, safe));
  }
  // Nothing remains by 1: neither for 0 nor for -1, which could trap.
  Value isMinus = s.cmp(CmpIPredicate::eq, y, s.integer(type, -1));
  Value safe = s.select(s.make<arith::OrIOp>(isZero, isMinus), s.one(type), y);
  Value rest = s.make<arith::RemSIOp>(x, safe);
  if (getFmod())
    return rest;
  Value differ =
      s.cmp(CmpIPredicate::slt, s.make<arith::XOrIOp>(rest, safe), nothing);
  Value adjust =
      s.make<arith::AndIOp>(differ, s.cmp(CmpIPredicate::ne, rest, nothing));
  return s.select(adjust, s.make<arith::AddIOp>(rest, safe), rest);
}

//===-- Logic and bits ------------------------------------------------------//

#define NACRE_BITWISE(GraphOp, ArithOp)                                        \
  Value GraphOp::buildScalar(OpBuilder &builder, Location loc,                 \
                             ValueRange args) {                                \
    return arith::ArithOp::create(builder, loc, args[0], args[1]);             \
  }
NACRE_BITWISE(AndOp, AndIOp)
NACRE_BITWISE(OrOp, OrIOp)
NACRE_BITWISE(XorOp, XOrIOp)
NACRE_BITWISE(BitAndOp, AndIOp)
NACRE_BITWISE(BitOrOp, OrIOp)
NACRE_BITWISE(BitXorOp, XOrIOp)
#undef NACRE_BITWISE

template <typename OpT>
static Value shift(Scalar &s, ValueRange args) {
  Type type = args[0].getType();
  unsigned width = type.getIntOrFloatBitWidth();
  // A negative amount is a large unsigned one.
  Value fits = s.cmp(CmpIPredicate::ule, args[1],
                     s.integer(type, static_cast<int64_t>(width) - 1));
  Value nothing = s.zero(type);
  Value amount = s.select(fits, args[1], nothing);
  return s.select(fits, s.make<OpT>(args[0], amount), nothing);
}

Value ShiftLeftOp::buildScalar(OpBuilder &builder, Location loc,
                               ValueRange args) {
  Scalar s(builder, loc);
  return shift<arith::ShLIOp>(s, args);
}

Value ShiftRightOp::buildScalar(OpBuilder &builder, Location loc,
                                ValueRange args) {
  Scalar s(builder, loc);
  return shift<arith::ShRUIOp>(s, args);
}

//===-- Comparison and selection --------------------------------------------//

static CmpFPredicate floatPredicate(Predicate predicate) {
  switch (predicate) {
  case Predicate::eq:
    return CmpFPredicate::OEQ;
  case Predicate::ne:
    return CmpFPredicate::UNE;
  case Predicate::lt:
    return CmpFPredicate::OLT;
  case Predicate::le:
    return CmpFPredicate::OLE;
  case Predicate::gt:
    return CmpFPredicate::OGT;
  case Predicate::ge:
    return CmpFPredicate::OGE;
  }
  llvm_unreachable("all predicates are listed");
}

static CmpIPredicate integerPredicate(Predicate predicate, bool isUnsigned) {
  switch (predicate) {
  case Predicate::eq:
    return CmpIPredicate::eq;
  case Predicate::ne:
    return CmpIPredicate::ne;
  case Predicate::lt:
    return isUnsigned ? CmpIPredicate::ult : CmpIPredicate::slt;
  case Predicate::le:
    return isUnsigned ? CmpIPredicate::ule : CmpIPredicate::sle;
  case Predicate::gt:
    return isUnsigned ? CmpIPredicate::ugt : CmpIPredicate::sgt;
  case Predicate::ge:
    return isUnsigned ? CmpIPredicate::uge : CmpIPredicate::sge;
  }
  llvm_unreachable("all predicates are listed");
}

Value CompareOp::buildScalar(OpBuilder &builder, Location loc,
                             ValueRange args) {
  Scalar s(builder, loc);
  Type type = element(getLhs());
  if (isa<FloatType>(type))
    return s.cmp(floatPredicate(getPredicate()), s.widen(args[0]),
                 s.widen(args[1]));
  return s.cmp(integerPredicate(getPredicate(), isUnsignedElement(type)),
               args[0], args[1]);
}

Value SelectOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  return arith::SelectOp::create(builder, loc, args[0], args[1], args[2]);
}

//===-- Casts and quantization ----------------------------------------------//

Value CastOp::buildScalar(OpBuilder &builder, Location loc, ValueRange args) {
  Scalar s(builder, loc);
  return s.cast(args[0], element(getInput()), getTo(), getSaturate());
}

/// The type that a quotient of two elements has in numpy, at least.
static Type wider(Type a, Type b) {
  if (a == b && !isSmallFloat(a))
    return a;
  if (a.isF64() || b.isF64())
    return Float64Type::get(a.getContext());
  return Float32Type::get(a.getContext());
}

Value QuantizeOp::buildScalar(OpBuilder &builder, Location loc,
                              ValueRange args) {
  Scalar s(builder, loc);
  Type target = element(getZeroPoint());
  Type from = element(getInput()), scaleType = element(getScale());
  Value input = args[0];
  if (!isa<FloatType>(from)) {
    input = s.cast(input, from, scaleType);
    from = scaleType;
  }
  Type through = wider(from, scaleType);
  Value quotient = s.widen(s.make<arith::DivFOp>(s.toFloat(input, through),
                                                 s.toFloat(args[1], through)));
  if (isa<FloatType>(target))
    return s.toFloat(quotient, target, getSaturate());

  // NaN fails both comparisons and becomes the least value, so the conversion
  // to an integer is defined.
  unsigned width = target.getIntOrFloatBitWidth();
  Type real = width > 16 ? Type(builder.getF64Type()) : quotient.getType();
  Value rounded = s.make<math::RoundEvenOp>(s.toFloat(quotient, real));
  Value zeroPoint = s.cast(args[2], target, real);
  Value sum = s.make<arith::AddFOp>(rounded, zeroPoint);
  bool isUnsigned = isUnsignedElement(target);
  double low = isUnsigned ? 0 : -std::ldexp(1.0, width - 1);
  double high = std::ldexp(1.0, isUnsigned ? width : width - 1) - 1;
  Value lowValue = s.real(real, low), highValue = s.real(real, high);
  Value clamped =
      s.select(s.cmp(CmpFPredicate::OGT, sum, lowValue), sum, lowValue);
  clamped = s.select(s.cmp(CmpFPredicate::OLT, clamped, highValue), clamped,
                     highValue);
  Type whole = builder.getIntegerType(width > 16 ? 64 : 32);
  return s.cast(s.make<arith::FPToSIOp>(whole, clamped), whole, target);
}

Value DequantizeOp::buildScalar(OpBuilder &builder, Location loc,
                                ValueRange args) {
  Scalar s(builder, loc);
  Type from = element(getInput()), scaleType = element(getScale());
  Value scale = s.widen(args[1]);
  Value steps;
  if (isa<FloatType>(from)) {
    // The zero point of a float format is 0 (ONNX DequantizeLinear).
    steps = s.toFloat(args[0], scale.getType());
  } else {
    Type whole =
        builder.getIntegerType(from.getIntOrFloatBitWidth() > 16 ? 64 : 32);
    Value difference = s.make<arith::SubIOp>(s.cast(args[0], from, whole),
                                             s.cast(args[2], from, whole));
    steps = s.make<arith::SIToFPOp>(scale.getType(), difference);
  }
  return s.toFloat(s.make<arith::MulFOp>(steps, scale), scaleType);
}

} // namespace nacre::graph
