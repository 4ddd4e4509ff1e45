#include "codegen/common/FloatBuilder.h"
#include "codegen/common/Passes.h"

#include "mlir/Conversion/MathToLibm/MathToLibm.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"

namespace nacre::codegen {
#define GEN_PASS_DEF_CODEGENEXPANDMATHPASS
#include "codegen/common/Passes.h.inc"
} // namespace nacre::codegen

using namespace mlir;
using arith::CmpFPredicate;
using nacre::codegen::FloatBuilder;

// Coefficients are least-maximum fits over the interval named, made with
// reweighted least squares in double precision; errors were counted over
// several 100,000 random arguments in f32 arithmetic.

/// e^x, 0.9 ulp. x = n * log(2) + r with |r| <= 0.3467.
static Value expand(FloatBuilder &f, math::ExpOp, Value x) {
  static constexpr float tail[] = {5.000000000e-01f, 1.666657627e-01f,
                                   4.166637361e-02f, 8.363196626e-03f,
                                   1.394114806e-03f};
  // Beyond these the result is 0 or infinity anyway.
  x = f.atMost(f.atLeast(x, f.constant(-104.f)), f.constant(89.f));
  // Adding 1.5 * 2^23 rounds to an integer, which is then in the low bits.
  Value magic = f.constant(12582912.f);
  Value shifted = f.mulAdd(x, f.constant(1.44269504f), magic);
  Value n = f.sub(shifted, magic);
  Value r = f.mulAdd(n, f.constant(-0.693359375f), x);
  r = f.mulAdd(n, f.constant(2.12194440e-4f), r);
  Value p = f.polynomial(tail, r);
  p = f.mulAdd(p, r, f.constant(1.f));
  p = f.mulAdd(p, r, f.constant(1.f));
  // 2^n in two factors, as 2^128 and 2^-150 are no f32.
  Value i =
      f.sub(f.bitcast(shifted, f.integer(32)), f.constant(0x4b400000, 32));
  Value half = f.shrS(i, f.constant(1, 32));
  auto power = [&](Value e) {
    Value biased = f.add(e, f.constant(127, 32));
    return f.bitcast(f.shl(biased, f.constant(23, 32)), f.f32());
  };
  return f.mul(f.mul(p, power(half)), power(f.sub(i, half)));
}

static Value copySign(FloatBuilder &f, Value magnitude, Value sign) {
  return math::CopySignOp::create(f.b, f.loc, magnitude, sign);
}

/// erf(x), 1.2 ulp: odd polynomial below 0.93, 1 - exp(polynomial) above.
static Value expand(FloatBuilder &f, math::ErfOp, Value x) {
  static constexpr float below[] = {1.283791512e-01f, -3.761249483e-01f,
                                    1.128180251e-01f, -2.676556632e-02f,
                                    4.990980029e-03f, -5.976893590e-04f};
  static constexpr float above[] = {-2.113043156e-04f, -1.127611279e+00f,
                                    -6.372903585e-01f, -1.038369685e-01f,
                                    2.218141779e-02f,  -3.031828441e-03f,
                                    1.947786222e-04f};
  Value a = math::AbsFOp::create(f.b, f.loc, x);
  Value small = f.mulAdd(f.polynomial(below, f.mul(x, x)), x, x);
  Value t = f.atMost(a, f.constant(3.95f));
  Value e = math::ExpOp::create(f.b, f.loc, f.polynomial(above, t));
  Value large = copySign(f, f.sub(f.constant(1.f), e), x);
  return f.select(f.cmp(CmpFPredicate::OLT, a, f.constant(0.93f)), small,
                  large);
}

/// tanh(x), 1.3 ulp: odd polynomial below 0.65, 1 - 2 / (e^2x + 1) above.
static Value expand(FloatBuilder &f, math::TanhOp, Value x) {
  static constexpr float below[] = {-3.333332837e-01f, 1.333261877e-01f,
                                    -5.382791534e-02f, 2.088914625e-02f,
                                    -5.942243617e-03f};
  Value a = math::AbsFOp::create(f.b, f.loc, x);
  Value s = f.mul(x, x);
  Value small = f.mulAdd(f.mul(f.polynomial(below, s), s), x, x);
  Value t = f.atMost(f.add(a, a), f.constant(20.f));
  Value e = math::ExpOp::create(f.b, f.loc, t);
  Value q = f.div(f.constant(2.f), f.add(e, f.constant(1.f)));
  Value large = copySign(f, f.sub(f.constant(1.f), q), x);
  return f.select(f.cmp(CmpFPredicate::OLT, a, f.constant(0.65f)), small,
                  large);
}

namespace {

/// f32 math op -> arithmetic. One pattern per op with an `expand` above.
template <typename MathOp> struct Expand final : OpRewritePattern<MathOp> {
  using OpRewritePattern<MathOp>::OpRewritePattern;
  LogicalResult matchAndRewrite(MathOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getType()).isF32())
      return rewriter.notifyMatchFailure(op, "not f32");
    FloatBuilder f(rewriter, op.getLoc(), op.getType());
    rewriter.replaceOp(op, expand(f, op, op.getOperand()));
    return success();
  }
};

/// max(x, constant) -> x < constant ? constant : x
///
/// One instruction instead of four: with a constant that is no NaN the order of
/// operands decides that a NaN in x passes. Of two zeros either may result.
template <typename MaxOp, CmpFPredicate predicate>
struct CompareWithConstant final : OpRewritePattern<MaxOp> {
  using OpRewritePattern<MaxOp>::OpRewritePattern;
  LogicalResult matchAndRewrite(MaxOp op,
                                PatternRewriter &rewriter) const override {
    FloatAttr value;
    DenseElementsAttr splat;
    Value x = op.getLhs(), c = op.getRhs();
    if (matchPattern(x, m_Constant()))
      std::swap(x, c);
    if (matchPattern(c, m_Constant(&splat)) && splat.isSplat())
      value = splat.getSplatValue<FloatAttr>();
    else if (!matchPattern(c, m_Constant(&value)))
      return rewriter.notifyMatchFailure(op, "no constant operand");
    if (value.getValue().isNaN())
      return rewriter.notifyMatchFailure(op, "constant is a NaN");
    Value beyond =
        arith::CmpFOp::create(rewriter, op.getLoc(), predicate, c, x);
    rewriter.replaceOpWithNewOp<arith::SelectOp>(op, beyond, c, x);
    return success();
  }
};

/// x^n, n an integer of unknown value -> powf(x, float(n)): LLVM's powi is a
/// call of a compiler support library.
struct PowerOfInteger final : OpRewritePattern<math::FPowIOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::FPowIOp op,
                                PatternRewriter &rewriter) const override {
    Value exponent = arith::SIToFPOp::create(rewriter, op.getLoc(),
                                             op.getType(), op.getRhs());
    rewriter.replaceOpWithNewOp<math::PowFOp>(op, op.getLhs(), exponent);
    return success();
  }
};

/// x^n on integers by repeated squaring without branches; x^-n is 1 / x^n
/// rounded to zero, and 0 for x = 0.
struct IntegerPower final : OpRewritePattern<math::IPowIOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::IPowIOp op,
                                PatternRewriter &rewriter) const override {
    using arith::CmpIPredicate;
    unsigned bits = getElementTypeOrSelf(op.getType()).getIntOrFloatBitWidth();
    FloatBuilder f(rewriter, op.getLoc(), op.getType());
    Value zero = f.constant(0, bits), one = f.constant(1, bits);
    Value base = op.getLhs(), n = op.getRhs(), result = one;
    for (unsigned bit = 0; bit + 1 < bits; ++bit) {
      Value digit = f.bitAnd(f.shrU(n, f.constant(bit, bits)), one);
      Value set = f.cmp(CmpIPredicate::ne, digit, zero);
      result = f.select(set, f.mul(result, base), result);
      base = f.mul(base, base);
    }
    Value isOne = f.cmp(CmpIPredicate::eq, op.getLhs(), one);
    Value isMinusOne =
        f.cmp(CmpIPredicate::eq, op.getLhs(), f.constant(-1, bits));
    Value odd = f.cmp(CmpIPredicate::ne, f.bitAnd(n, one), zero);
    Value sign = f.select(odd, f.constant(-1, bits), one);
    Value inverse = f.select(isOne, one, f.select(isMinusOne, sign, zero));
    Value negative = f.cmp(CmpIPredicate::slt, n, zero);
    rewriter.replaceOp(op, f.select(negative, inverse, result));
    return success();
  }
};

/// 1 / sqrt(x): libm has no rsqrt.
struct InverseRoot final : OpRewritePattern<math::RsqrtOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(math::RsqrtOp op,
                                PatternRewriter &rewriter) const override {
    FloatBuilder f(rewriter, op.getLoc(), op.getType());
    Type element = getElementTypeOrSelf(op.getType());
    Value one = f.splat(rewriter.getFloatAttr(element, 1.0), op.getType());
    Value root = math::SqrtOp::create(rewriter, op.getLoc(), op.getOperand());
    rewriter.replaceOp(op, f.div(one, root));
    return success();
  }
};

struct ExpandMath final
    : nacre::codegen::impl::CodegenExpandMathPassBase<ExpandMath> {
  using CodegenExpandMathPassBase::CodegenExpandMathPassBase;

  void runOnOperation() override {
    MLIRContext *context = &getContext();
    RewritePatternSet patterns(context);
    patterns.add<PowerOfInteger, IntegerPower, InverseRoot>(context);
    if (!libraryOnly)
      addFastForms(patterns);
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      return signalPassFailure();
    if (failed(callLibrary()))
      signalPassFailure();
  }

private:
  void addFastForms(RewritePatternSet &patterns) {
    patterns.add<Expand<math::ExpOp>, Expand<math::ErfOp>, Expand<math::TanhOp>,
                 CompareWithConstant<arith::MaximumFOp, CmpFPredicate::OGT>,
                 CompareWithConstant<arith::MinimumFOp, CmpFPredicate::OLT>>(
        &getContext(), /*benefit=*/2);
    populateMathPolynomialApproximationPatterns(patterns, [](StringRef name) {
      return llvm::is_contained(
                 {"math.log", "math.log2", "math.log1p", "math.expm1"}, name) ||
             llvm::is_contained({"log", "log2", "log1p", "expm1"}, name);
    });
  }

  /// What neither a polynomial nor an instruction computes becomes a call.
  LogicalResult callLibrary() {
    RewritePatternSet patterns(&getContext());
    populateMathToLibmConversionPatterns(patterns);
    ConversionTarget target(getContext());
    target.markUnknownOpDynamicallyLegal([](Operation *op) {
      if (op->getName().getDialectNamespace() != "math")
        return true;
      // LLVM's own intrinsics of these are instructions, or calls of libm.
      return isa<math::AbsFOp, math::AbsIOp, math::CeilOp, math::FloorOp,
                 math::TruncOp, math::RoundEvenOp, math::RoundOp, math::SqrtOp,
                 math::RsqrtOp, math::CopySignOp, math::FmaOp,
                 math::CountLeadingZerosOp, math::CountTrailingZerosOp,
                 math::CtPopOp, math::IsFiniteOp, math::IsInfOp, math::IsNaNOp,
                 math::IsNormalOp>(op);
    });
    return applyPartialConversion(getOperation(), target, std::move(patterns));
  }
};

} // namespace
