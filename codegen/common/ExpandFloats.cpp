#include "codegen/common/FloatBuilder.h"
#include "codegen/common/KernelFunction.h"
#include "codegen/common/Passes.h"

#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENEXPANDFLOATSPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using arith::CmpFPredicate;
using arith::CmpIPredicate;
using nacre::codegen::FloatBuilder;

namespace {

/// A float of at most 16 bits: sign, exponent, mantissa.
struct Format {
  unsigned bits, mantissa;
  int bias;
  /// Bits of the largest finite number, of overflow and of a NaN.
  int64_t largest, overflow, nan;
  /// "UZ": no infinity, no negative zero, and the NaN is its bit pattern.
  bool unsignedZero;
  /// Has infinities: exponent all ones, mantissa 0.
  bool infinite;

  int64_t magnitudeMask() const { return (int64_t(1) << (bits - 1)) - 1; }
  int64_t firstNormal() const { return int64_t(1) << mantissa; }
};

} // namespace

static std::optional<Format> formatOf(Type type) {
  if (isa<Float8E4M3FNType>(type))
    return Format{8, 3, 7, 0x7e, 0x7f, 0x7f, false, false};
  if (isa<Float8E5M2Type>(type))
    return Format{8, 2, 15, 0x7b, 0x7c, 0x7e, false, true};
  if (isa<Float8E4M3FNUZType>(type))
    return Format{8, 3, 8, 0x7f, 0x80, 0x80, true, false};
  if (isa<Float8E5M2FNUZType>(type))
    return Format{8, 2, 16, 0x7f, 0x80, 0x80, true, false};
  if (type.isF16())
    return Format{16, 10, 15, 0x7bff, 0x7c00, 0x7e00, false, true};
  return std::nullopt;
}

static float powerOfTwo(int exponent) { return std::ldexp(1.f, exponent); }

/// The value of `x`, integers that hold the bits of a narrow float, as f32.
static Value decode(FloatBuilder &f, Value x, const Format &format) {
  Value wide = arith::ExtUIOp::create(f.b, f.loc, f.integer(32), x);
  Value magnitude = f.bitAnd(wide, f.constant(format.magnitudeMask(), 32));
  // Normal numbers: move the fields, then shift the exponent's bias.
  unsigned shift = 23 - format.mantissa;
  Value moved = f.shl(magnitude, f.constant(shift, 32));
  Value normal = f.bitcast(
      f.add(moved, f.constant(int64_t(127 - format.bias) << 23, 32)), f.f32());
  // Subnormal ones are small integers times the smallest of them.
  Value integer = arith::SIToFPOp::create(f.b, f.loc, f.f32(), magnitude);
  Value subnormal = f.mul(
      integer, f.constant(powerOfTwo(1 - format.bias - int(format.mantissa))));
  Value isNormal = f.cmp(CmpIPredicate::sge, magnitude,
                         f.constant(format.firstNormal(), 32));
  Value value = f.select(isNormal, normal, subnormal);
  Value nan = f.constant(std::numeric_limits<float>::quiet_NaN());
  if (format.infinite) {
    Value infinity = f.constant(std::numeric_limits<float>::infinity());
    Value top = f.constant(format.overflow, 32);
    value = f.select(f.cmp(CmpIPredicate::eq, magnitude, top), infinity, value);
    value = f.select(f.cmp(CmpIPredicate::sgt, magnitude, top), nan, value);
  } else if (!format.unsignedZero) {
    value = f.select(
        f.cmp(CmpIPredicate::eq, magnitude, f.constant(format.nan, 32)), nan,
        value);
  }
  Value sign = f.bitAnd(f.shl(wide, f.constant(32 - format.bits, 32)),
                        f.constant(int64_t(1) << 31, 32));
  Value result =
      f.bitcast(f.bitOr(f.bitcast(value, f.integer(32)), sign), f.f32());
  if (format.unsignedZero)
    result =
        f.select(f.cmp(CmpIPredicate::eq, wide, f.constant(format.nan, 32)),
                 nan, result);
  return result;
}

/// The bits of `x` (f32) rounded to nearest even in `format`.
static Value encode(FloatBuilder &f, Value x, const Format &format) {
  Value bits = f.bitcast(x, f.integer(32));
  Value magnitude = f.bitAnd(bits, f.constant(0x7fffffff, 32));
  unsigned shift = 23 - format.mantissa;
  // Normal results: add half of the last place (less one if that is even), cut.
  Value last =
      f.bitAnd(f.shrU(magnitude, f.constant(shift, 32)), f.constant(1, 32));
  Value rounded = f.add(f.add(magnitude, last),
                        f.constant((int64_t(1) << (shift - 1)) - 1, 32));
  Value normal =
      f.sub(f.shrU(rounded, f.constant(shift, 32)),
            f.constant(int64_t(127 - format.bias) << format.mantissa, 32));
  // Subnormal results: adding a power of two whose last place is the smallest
  // number lets the addition round.
  int smallest = 1 - format.bias - int(format.mantissa);
  Value magic = f.constant(powerOfTwo(smallest + 23));
  Value sum = f.add(f.bitcast(magnitude, f.f32()), magic);
  Value subnormal =
      f.sub(f.bitcast(sum, f.integer(32)), f.bitcast(magic, f.integer(32)));
  Value isNormal = f.cmp(CmpIPredicate::sge, magnitude,
                         f.constant(int64_t(128 - format.bias) << 23, 32));
  Value code = f.select(isNormal, normal, subnormal);
  // Too large, infinite, or no number.
  Value tooLarge =
      f.cmp(CmpIPredicate::sgt, code, f.constant(format.largest, 32));
  code = f.select(tooLarge, f.constant(format.overflow, 32), code);
  Value isNaN =
      f.cmp(CmpIPredicate::sgt, magnitude, f.constant(0x7f800000, 32));
  code = f.select(isNaN, f.constant(format.nan, 32), code);
  Value sign = f.bitAnd(f.shrU(bits, f.constant(32 - format.bits, 32)),
                        f.constant(int64_t(1) << (format.bits - 1), 32));
  if (format.unsignedZero) {
    Value zero = f.constant(0, 32);
    sign = f.select(f.cmp(CmpIPredicate::eq, code, zero), zero, sign);
  }
  code = f.bitOr(code, sign);
  return arith::TruncIOp::create(f.b, f.loc, f.integer(format.bits), code);
}

/// f64 -> f32 rounded to odd: a second rounding to a narrower float is then
/// exact.
static Value roundToOdd(FloatBuilder &f, Value x) {
  Value near = arith::TruncFOp::create(f.b, f.loc, f.f32(), x);
  Value back = arith::ExtFOp::create(f.b, f.loc, x.getType(), near);
  Value a = math::AbsFOp::create(f.b, f.loc, back);
  Value exact = math::AbsFOp::create(f.b, f.loc, x);
  Value bits = f.bitcast(near, f.integer(32));
  Value above = f.cmp(CmpFPredicate::OGT, a, exact);
  Value cut = f.select(above, f.sub(bits, f.constant(1, 32)), bits);
  Value inexact = f.cmp(CmpFPredicate::ONE, a, exact);
  Value odd = f.select(inexact, f.bitOr(cut, f.constant(1, 32)), bits);
  return f.bitcast(odd, f.f32());
}

namespace {

struct Decode final : OpRewritePattern<arith::ExtFOp> {
  Decode(MLIRContext *context, bool hasF16)
      : OpRewritePattern(context, /*benefit=*/2), hasF16(hasF16) {}
  LogicalResult matchAndRewrite(arith::ExtFOp op,
                                PatternRewriter &rewriter) const override {
    Type from = getElementTypeOrSelf(op.getIn().getType());
    std::optional<Format> format = formatOf(from);
    if (!format || (from.isF16() && hasF16))
      return rewriter.notifyMatchFailure(op, "has an instruction");
    FloatBuilder f(rewriter, op.getLoc(), op.getType());
    Value bits = f.bitcast(op.getIn(), f.integer(format->bits));
    Value value = decode(f, bits, *format);
    if (value.getType() != op.getType())
      value = isa<Float64Type>(getElementTypeOrSelf(op.getType()))
                  ? arith::ExtFOp::create(rewriter, op.getLoc(), op.getType(),
                                          value)
                        .getResult()
                  : arith::TruncFOp::create(rewriter, op.getLoc(), op.getType(),
                                            value)
                        .getResult();
    rewriter.replaceOp(op, value);
    return success();
  }
  bool hasF16;
};

struct Encode final : OpRewritePattern<arith::TruncFOp> {
  Encode(MLIRContext *context, bool hasF16)
      : OpRewritePattern(context, /*benefit=*/2), hasF16(hasF16) {}
  LogicalResult matchAndRewrite(arith::TruncFOp op,
                                PatternRewriter &rewriter) const override {
    Type from = getElementTypeOrSelf(op.getIn().getType());
    Type to = getElementTypeOrSelf(op.getType());
    if (to.getIntOrFloatBitWidth() > 16)
      return rewriter.notifyMatchFailure(op, "has an instruction");
    FloatBuilder f(rewriter, op.getLoc(), op.getType());
    if (!from.isF32()) {
      Value middle = from.isF64() ? roundToOdd(f, op.getIn())
                                  : arith::ExtFOp::create(rewriter, op.getLoc(),
                                                          f.f32(), op.getIn());
      rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), middle);
      return success();
    }
    std::optional<Format> format = formatOf(to);
    if (!format || (to.isF16() && hasF16))
      return rewriter.notifyMatchFailure(op, "has an instruction");
    Value bits = encode(f, op.getIn(), *format);
    rewriter.replaceOp(op, f.bitcast(bits, op.getType()));
    return success();
  }
  bool hasF16;
};

/// Integer conversions of a narrow float go through f32.
template <typename FromInt>
struct FromInteger final : OpRewritePattern<FromInt> {
  using OpRewritePattern<FromInt>::OpRewritePattern;
  LogicalResult matchAndRewrite(FromInt op,
                                PatternRewriter &rewriter) const override {
    if (getElementTypeOrSelf(op.getType()).getIntOrFloatBitWidth() > 16)
      return rewriter.notifyMatchFailure(op, "has an instruction");
    FloatBuilder f(rewriter, op.getLoc(), op.getType());
    Value wide = FromInt::create(rewriter, op.getLoc(), f.f32(), op.getIn());
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), wide);
    return success();
  }
};

template <typename ToInt> struct ToInteger final : OpRewritePattern<ToInt> {
  using OpRewritePattern<ToInt>::OpRewritePattern;
  LogicalResult matchAndRewrite(ToInt op,
                                PatternRewriter &rewriter) const override {
    if (getElementTypeOrSelf(op.getIn().getType()).getIntOrFloatBitWidth() > 16)
      return rewriter.notifyMatchFailure(op, "has an instruction");
    FloatBuilder f(rewriter, op.getLoc(), op.getType());
    Value wide =
        arith::ExtFOp::create(rewriter, op.getLoc(), f.f32(), op.getIn());
    rewriter.replaceOpWithNewOp<ToInt>(op, op.getType(), wide);
    return success();
  }
};

struct ExpandFloats final
    : nacre::codegen::impl::CodegenExpandFloatsPassBase<ExpandFloats> {
  void runOnOperation() override {
    if (!hasNarrowFloats())
      return;
    MLIRContext *context = &getContext();
    Builder b(context);
    // Also where the processor computes in f16: sums would differ otherwise.
    if (failed(computeInF32(
            {b.getF16Type(), b.getBF16Type(), b.getType<Float8E4M3FNType>(),
             b.getType<Float8E5M2Type>(), b.getType<Float8E4M3FNUZType>(),
             b.getType<Float8E5M2FNUZType>(), b.getType<Float8E8M0FNUType>(),
             b.getType<Float4E2M1FNType>()})))
      return signalPassFailure();
    auto target = nacre::codegen::KernelFunction(getOperation()).target();
    bool hasF16 = target && target.fact("convert_f16", 0) != 0;
    RewritePatternSet patterns(context);
    patterns.add<Decode, Encode>(context, hasF16);
    patterns.add<FromInteger<arith::SIToFPOp>, FromInteger<arith::UIToFPOp>,
                 ToInteger<arith::FPToSIOp>, ToInteger<arith::FPToUIOp>>(
        context);
    arith::populateExpandBFloat16Patterns(patterns);
    arith::populateExpandF8E8M0Patterns(patterns);
    arith::populateExpandF4E2M1Patterns(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }

private:
  bool hasNarrowFloats() {
    auto isNarrow = [](Type type) {
      auto element = dyn_cast<FloatType>(getElementTypeOrSelf(type));
      return element && element.getWidth() <= 16;
    };
    return getOperation()
        .walk([&](Operation *op) {
          return llvm::any_of(op->getOperandTypes(), isNarrow) ||
                         llvm::any_of(op->getResultTypes(), isNarrow)
                     ? WalkResult::interrupt()
                     : WalkResult::advance();
        })
        .wasInterrupted();
  }

  LogicalResult computeInF32(ArrayRef<Type> narrow) {
    MLIRContext *context = &getContext();
    Type f32 = Float32Type::get(context);
    TypeConverter converter;
    arith::populateEmulateUnsupportedFloatsConversions(converter, narrow, f32);
    RewritePatternSet patterns(context);
    arith::populateEmulateUnsupportedFloatsPatterns(patterns, converter);
    ConversionTarget target(*context);
    arith::populateEmulateUnsupportedFloatsLegality(target, converter);
    target.addLegalOp<arith::SIToFPOp, arith::UIToFPOp, arith::FPToSIOp,
                      arith::FPToUIOp>();
    target.addDynamicallyLegalDialect<math::MathDialect>(
        [&](Operation *op) { return converter.isLegal(op); });
    return applyPartialConversion(getOperation(), target, std::move(patterns));
  }
};

} // namespace
