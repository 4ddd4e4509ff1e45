//===- ScalarSmallFloat.cpp - 8-, 6- and 4-bit floats by bit arithmetic ---===//
//
// No target has library calls for these formats, and few have instructions, so
// codes are made from and turned into f32 bits. All formats follow from their
// semantics: M mantissa bits, a bias, the codes of the greatest number, of
// infinity and of NaN.
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/Scalar.h"

#include "llvm/ADT/APFloat.h"

using namespace mlir;
using arith::CmpFPredicate;
using arith::CmpIPredicate;

namespace nacre::graph {

namespace {
/// Facts about a small float; codes are without the sign bit, except that NaN
/// of the formats without negative zero is the sign bit alone.
struct Format {
  explicit Format(FloatType type);

  unsigned width, mantissa;
  int bias;
  bool hasInf, hasNaN, hasSign;
  /// Neither infinity nor negative zero; NaN is the code of the latter.
  bool unsignedZero = false;
  int64_t largest, infinity = 0, nan = 0;

  /// Bits of the least normal number as f32, and of 2^(23 - M) times it.
  int64_t leastNormal() const { return int64_t(128 - bias) << 23; }
  double subnormalUnit() const { return std::ldexp(1.0, 1 - bias - mantissa); }
};
} // namespace

Format::Format(FloatType type) {
  const llvm::fltSemantics &semantics = type.getFloatSemantics();
  width = type.getWidth();
  mantissa = llvm::APFloat::semanticsPrecision(semantics) - 1;
  bias = 1 - llvm::APFloat::semanticsMinExponent(semantics);
  hasInf = llvm::APFloat::semanticsHasInf(semantics);
  hasNaN = llvm::APFloat::semanticsHasNaN(semantics);
  hasSign = llvm::APFloat::semanticsHasSignedRepr(semantics);
  largest =
      llvm::APFloat::getLargest(semantics).bitcastToAPInt().getZExtValue();
  if (hasInf)
    infinity = llvm::APFloat::getInf(semantics).bitcastToAPInt().getZExtValue();
  if (hasNaN)
    nan = llvm::APFloat::getNaN(semantics).bitcastToAPInt().getZExtValue();
  unsignedZero = hasNaN && hasSign && nan == int64_t(1) << (width - 1);
}

/// An exponent alone: rounding is up, as ONNX Cast's default, and the sign is
/// dropped.
static Value encodeExponent(Scalar &s, Value f32, FloatType to, bool saturate) {
  Type i32 = s.builder.getI32Type();
  Value raw = s.make<arith::BitcastOp>(i32, f32);
  Value mag = s.make<arith::AndIOp>(raw, s.integer(i32, 0x7fffffff));
  Value exponent = s.make<arith::ShRUIOp>(mag, s.integer(i32, 23));
  Value fraction = s.make<arith::AndIOp>(mag, s.integer(i32, 0x7fffff));
  Value up = s.cmp(CmpIPredicate::ne, fraction, s.integer(i32, 0));
  // 0xFF is NaN (and infinity) and stays; 0xFE would become it.
  Value room = s.cmp(CmpIPredicate::ult, exponent,
                     s.integer(i32, saturate ? 0xFE : 0xFF));
  Value step = s.make<arith::ExtUIOp>(i32, s.make<arith::AndIOp>(up, room));
  Value code = s.make<arith::AddIOp>(exponent, step);
  Value narrow = s.make<arith::TruncIOp>(s.builder.getIntegerType(8), code);
  return s.make<arith::BitcastOp>(to, narrow);
}

/// The code of |f32| rounded to nearest even, as if exponents had no bound.
static Value roundMagnitude(Scalar &s, Value mag, const Format &format) {
  Type i32 = s.builder.getI32Type();
  unsigned shift = 23 - format.mantissa;
  Value amount = s.integer(i32, shift);
  Value lsb = s.make<arith::AndIOp>(s.make<arith::ShRUIOp>(mag, amount),
                                    s.integer(i32, 1));
  Value half = s.integer(i32, (int64_t(1) << (shift - 1)) - 1);
  Value rounded = s.make<arith::AddIOp>(mag, s.make<arith::AddIOp>(half, lsb));
  Value normal = s.make<arith::SubIOp>(
      s.make<arith::ShRUIOp>(rounded, amount),
      s.integer(i32, int64_t(127 - format.bias) << format.mantissa));
  // Below the least normal number a float addition does the rounding: the
  // magic number's last place is the format's subnormal unit.
  double magic = std::ldexp(format.subnormalUnit(), 23);
  Value magicValue = s.real(s.builder.getF32Type(), magic);
  Value sum = s.make<arith::AddFOp>(
      s.make<arith::BitcastOp>(s.builder.getF32Type(), mag), magicValue);
  Value subnormal =
      s.make<arith::SubIOp>(s.make<arith::BitcastOp>(i32, sum),
                            s.make<arith::BitcastOp>(i32, magicValue));
  Value small =
      s.cmp(CmpIPredicate::ult, mag, s.integer(i32, format.leastNormal()));
  return s.select(small, subnormal, normal);
}

Value Scalar::encodeSmall(Value f32, FloatType to, bool saturate) {
  Format format(to);
  if (!format.hasSign)
    return encodeExponent(*this, f32, to, saturate);
  Type i32 = builder.getI32Type();
  Value raw = make<arith::BitcastOp>(i32, f32);
  Value mag = make<arith::AndIOp>(raw, integer(i32, 0x7fffffff));
  Value code = roundMagnitude(*this, mag, format);
  Value over = cmp(CmpIPredicate::sgt, code, integer(i32, format.largest));
  int64_t overflow = format.largest;
  if (!saturate && format.hasNaN)
    overflow = format.hasInf ? format.infinity : format.nan;
  code = select(over, integer(i32, overflow), code);
  Value isNaN = cmp(CmpIPredicate::ugt, mag, integer(i32, 0x7f800000));
  // Without a NaN the best that can be said is (negative) zero.
  int64_t signBit = int64_t(1) << (format.width - 1);
  int64_t nan = format.hasNaN ? format.nan : signBit;
  code = select(isNaN, integer(i32, nan), code);

  Value sign = make<arith::ShRUIOp>(raw, integer(i32, 31));
  sign = make<arith::ShLIOp>(sign, integer(i32, format.width - 1));
  if (format.unsignedZero) {
    Value isZero = cmp(CmpIPredicate::eq, code, integer(i32, 0));
    sign = select(isZero, integer(i32, 0), sign);
  }
  code = make<arith::OrIOp>(code, sign);
  Value narrow = truncate(code, format.width);
  return make<arith::BitcastOp>(to, narrow);
}

static Value decodeExponent(Scalar &s, Value code) {
  Type i32 = s.builder.getI32Type();
  Value shifted = s.make<arith::ShLIOp>(code, s.integer(i32, 23));
  // 2^-127 is subnormal in f32.
  Value isZero = s.cmp(CmpIPredicate::eq, code, s.integer(i32, 0));
  Value bits = s.select(isZero, s.integer(i32, 0x00400000), shifted);
  Value isNaN = s.cmp(CmpIPredicate::eq, code, s.integer(i32, 0xFF));
  bits = s.select(isNaN, s.integer(i32, 0x7fc00000), bits);
  return s.make<arith::BitcastOp>(s.builder.getF32Type(), bits);
}

Value Scalar::decodeSmall(Value value) {
  auto type = mlir::cast<FloatType>(value.getType());
  Format format(type);
  Type i32 = builder.getI32Type();
  Type f32 = builder.getF32Type();
  Value code = make<arith::ExtUIOp>(
      i32, make<arith::BitcastOp>(builder.getIntegerType(format.width), value));
  if (!format.hasSign)
    return decodeExponent(*this, code);
  int64_t signBit = int64_t(1) << (format.width - 1);
  Value mag = make<arith::AndIOp>(code, integer(i32, signBit - 1));
  Value normal = make<arith::AddIOp>(
      make<arith::ShLIOp>(mag, integer(i32, 23 - format.mantissa)),
      integer(i32, int64_t(127 - format.bias) << 23));
  Value unit = real(f32, format.subnormalUnit());
  Value subnormal = make<arith::BitcastOp>(
      i32, make<arith::MulFOp>(make<arith::SIToFPOp>(f32, mag), unit));
  Value small =
      cmp(CmpIPredicate::ult, mag, integer(i32, int64_t(1) << format.mantissa));
  Value bits = select(small, subnormal, normal);
  Value nan = integer(i32, 0x7fc00000);
  if (format.hasInf) {
    Value infinity = integer(i32, format.infinity);
    bits = select(cmp(CmpIPredicate::eq, mag, infinity),
                  integer(i32, 0x7f800000), bits);
    bits = select(cmp(CmpIPredicate::ugt, mag, infinity), nan, bits);
  } else if (format.hasNaN) {
    Value subject = format.unsignedZero ? code : mag;
    bits = select(cmp(CmpIPredicate::eq, subject, integer(i32, format.nan)),
                  nan, bits);
  }
  Value sign = make<arith::ShLIOp>(
      make<arith::ShRUIOp>(code, integer(i32, format.width - 1)),
      integer(i32, 31));
  bits = make<arith::OrIOp>(bits, sign);
  return make<arith::BitcastOp>(f32, bits);
}

} // namespace nacre::graph
