//===- Scalar.cpp - Conversions between element types ---------------------===//
#include "dialects/graph/Scalar.h"

#include "dialects/graph/Graph.h"

using namespace mlir;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

namespace nacre::graph {

Type signlessElementType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type))
    return IntegerType::get(type.getContext(), integer.getWidth());
  // A handle; what it means is between the host's functions.
  if (isHostType(type))
    return IntegerType::get(type.getContext(), 64);
  // Bits that are moved: no op computes with them.
  if (auto complex = dyn_cast<ComplexType>(type))
    return IntegerType::get(
        type.getContext(),
        2 * complex.getElementType().getIntOrFloatBitWidth());
  return type;
}

bool isUnsignedElement(Type type) {
  auto integer = dyn_cast<IntegerType>(type);
  return integer && (integer.isUnsigned() || integer.getWidth() == 1);
}

bool isSmallFloat(Type type) {
  auto real = dyn_cast<FloatType>(type);
  return real && real.getWidth() < 16;
}

Value Scalar::real(Type type, double value) {
  return make<arith::ConstantOp>(builder.getFloatAttr(type, value));
}

Value Scalar::integer(Type type, int64_t value) {
  if (type.isIndex())
    return make<arith::ConstantOp>(builder.getIndexAttr(value));
  unsigned width = llvm::cast<IntegerType>(type).getWidth();
  APInt bits(64, static_cast<uint64_t>(value));
  return make<arith::ConstantOp>(
      builder.getIntegerAttr(type, bits.trunc(width)));
}

Value Scalar::bits(unsigned width, uint64_t value) {
  return integer(builder.getIntegerType(width), static_cast<int64_t>(value));
}

Value Scalar::zero(Type type) {
  return isa<FloatType>(type) ? real(type, 0) : integer(type, 0);
}

Value Scalar::one(Type type) {
  return isa<FloatType>(type) ? real(type, 1) : integer(type, 1);
}

Value Scalar::widen(Value value) {
  if (isSmallFloat(value.getType()))
    return decodeSmall(value);
  if (value.getType().isF16() || value.getType().isBF16())
    return make<arith::ExtFOp>(builder.getF32Type(), value);
  return value;
}

/// f64 to f32 rounded to odd: a second rounding to at most 22 bits then gives
/// what one rounding would have given.
Value Scalar::narrowOdd(Value f64) {
  Type i32 = builder.getI32Type();
  Value nearest = make<arith::TruncFOp>(builder.getF32Type(), f64);
  Value back = make<arith::ExtFOp>(f64.getType(), nearest);
  Value inexact = cmp(CmpFPredicate::ONE, back, f64);
  Value below = cmp(CmpFPredicate::OLT, make<math::AbsFOp>(back),
                    make<math::AbsFOp>(f64));
  Value raw = make<arith::BitcastOp>(i32, nearest);
  Value even = cmp(CmpIPredicate::eq, make<arith::AndIOp>(raw, integer(i32, 1)),
                   integer(i32, 0));
  Value step = select(below, integer(i32, 1), integer(i32, -1));
  Value moved = make<arith::AddIOp>(raw, step);
  Value odd = select(make<arith::AndIOp>(inexact, even), moved, raw);
  return make<arith::BitcastOp>(builder.getF32Type(), odd);
}

Value Scalar::toFloat(Value value, Type to, bool saturate) {
  if (value.getType() == to)
    return value;
  Value wide = widen(value);
  if (to.isF64())
    return wide.getType().isF64() ? wide : make<arith::ExtFOp>(to, wide);
  if (to.isF32())
    return wide.getType().isF32() ? wide : make<arith::TruncFOp>(to, wide);
  if (wide.getType().isF64())
    wide = narrowOdd(wide);
  if (isSmallFloat(to))
    return encodeSmall(wide, llvm::cast<FloatType>(to), saturate);
  return make<arith::TruncFOp>(to, wide);
}

Value Scalar::truncate(Value value, unsigned width) {
  if (value.getType().getIntOrFloatBitWidth() == width)
    return value;
  return make<arith::TruncIOp>(builder.getIntegerType(width), value);
}

/// What cvttss2si and its kin give: out of range is the least integer; narrower
/// and unsigned integers are the low bits of a wider conversion.
Value Scalar::toInteger(Value value, Type to) {
  auto type = llvm::cast<IntegerType>(to);
  unsigned width = type.getWidth();
  bool wide = width > 32 || (width == 32 && type.isUnsigned());
  Type through = builder.getIntegerType(wide ? 64 : 32);
  Value source = widen(value);
  Type real = source.getType();
  double limit = wide ? 0x1p63 : 0x1p31;

  // ui64: the upper half is converted with its top bit taken off, then put
  // back.
  Value upper;
  if (width == 64 && type.isUnsigned()) {
    upper = cmp(CmpFPredicate::OGE, source, this->real(real, limit));
    Value lowered = make<arith::SubFOp>(source, this->real(real, limit));
    source = select(upper, lowered, source);
  }
  // f64 holds values between -2^31 - 1 and -2^31, which truncate into range.
  bool below = real.isF64() && !wide;
  Value bottom = this->real(real, below ? -limit - 1 : -limit);
  Value inside = make<arith::AndIOp>(
      cmp(below ? CmpFPredicate::OGT : CmpFPredicate::OGE, source, bottom),
      cmp(CmpFPredicate::OLT, source, this->real(real, limit)));
  Value safe = select(inside, source, this->real(real, 0));
  Value whole = make<arith::FPToSIOp>(through, safe);
  Value least = integer(through, wide ? INT64_MIN : INT32_MIN);
  Value result = select(inside, whole, least);
  if (upper)
    result =
        make<arith::XOrIOp>(result, select(upper, least, integer(through, 0)));
  return truncate(result, width);
}

/// Integers are exact in f32 (up to 24 bits) or in f64 (53), so what follows
/// rounds once; f16 overflows before f32 gets inexact.
Value Scalar::fromInteger(Value value, Type from, FloatType to, bool saturate) {
  unsigned width = llvm::cast<IntegerType>(from).getWidth();
  Type through = to;
  if (!to.isF32() && !to.isF64())
    through = width > 24 && !to.isF16() ? Type(builder.getF64Type())
                                        : Type(builder.getF32Type());
  Value wide = isUnsignedElement(from) ? make<arith::UIToFPOp>(through, value)
                                       : make<arith::SIToFPOp>(through, value);
  return toFloat(wide, to, saturate);
}

Value Scalar::cast(Value value, Type from, Type to, bool saturate) {
  Type target = signlessElementType(to);
  if (from == to)
    return value;
  bool fromFloat = isa<FloatType>(from);
  if (to.isInteger(1)) {
    Value wide = fromFloat ? widen(value) : value;
    Value nothing = zero(wide.getType());
    return fromFloat ? cmp(CmpFPredicate::UNE, wide, nothing)
                     : cmp(CmpIPredicate::ne, wide, nothing);
  }
  if (auto real = dyn_cast<FloatType>(to))
    return fromFloat ? toFloat(value, to, saturate)
                     : fromInteger(value, from, real, saturate);
  if (fromFloat)
    return toInteger(value, to);
  unsigned have = from.getIntOrFloatBitWidth();
  unsigned want = to.getIntOrFloatBitWidth();
  if (have >= want)
    return truncate(value, want);
  return isUnsignedElement(from) ? make<arith::ExtUIOp>(target, value)
                                 : make<arith::ExtSIOp>(target, value);
}

} // namespace nacre::graph
