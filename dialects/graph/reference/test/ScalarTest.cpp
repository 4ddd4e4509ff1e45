//===- ScalarTest.cpp - Scalar bodies of elementwise ops ------------------===//
#include "dialects/graph/reference/test/Harness.h"

#include <cmath>
#include <random>

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::reference;

namespace {

class ScalarTest : public Harness {
protected:
  /// Compares an op on every pair of 8-bit integers with plain C++.
  template <typename OpT>
  void checkPairs(Type type, llvm::function_ref<int64_t(int64_t, int64_t)> f,
                  Attrs attrs = {}) {
    auto [a, b] = everyPair(type);
    Tensor output = map<OpT>({a, b}, attrs);
    Tensor expected = Tensor::zeros(type, a.dims());
    for (int64_t i = 0; i < a.size(); ++i) {
      expected.setInteger(i, f(a.integer(i), b.integer(i)));
      ASSERT_EQ(output.bits(i), expected.bits(i))
          << OpT::getOperationName().str() << " of " << a.integer(i) << " and "
          << b.integer(i);
    }
  }
  template <typename OpT>
  void checkIntegers(llvm::function_ref<int64_t(int64_t, int64_t)> f,
                     Attrs attrs = {}) {
    for (Type type : {si(8), ui(8), si(4), ui(4), si(2), ui(2)})
      checkPairs<OpT>(type, f, attrs);
  }
  /// Compares a float op on f16, bf16, f32 and f64 with a function of doubles,
  /// to which halves agree exactly after rounding.
  template <typename OpT>
  void checkFloats(llvm::function_ref<double(double, double)> f, bool exact) {
    for (Type type : {Type(builder.getF16Type()), Type(builder.getBF16Type()),
                      Type(builder.getF32Type()), Type(builder.getF64Type())}) {
      std::mt19937 random(3);
      std::uniform_real_distribution<double> values(-4, 4);
      Tensor a = Tensor::zeros(type, {500}), b = Tensor::zeros(type, {500});
      for (int64_t i = 0; i < 500; ++i) {
        a.setReal(i, values(random));
        b.setReal(i, values(random));
      }
      b.setReal(7, NAN);
      Tensor output = map<OpT>({a, b});
      for (int64_t i = 0; i < 500; ++i) {
        double expected = f(a.real(i), b.real(i)), actual = output.real(i);
        if (std::isnan(expected)) {
          ASSERT_TRUE(std::isnan(actual));
          continue;
        }
        Tensor rounded = reals(type, {}, {expected});
        double slack = exact ? 0 : 4e-7 * std::fabs(expected);
        ASSERT_NEAR(actual, rounded.real(0), slack) << a.real(i);
      }
    }
  }
  template <typename OpT>
  void checkUnary(llvm::function_ref<double(double)> f, double from,
                  double to) {
    for (Type type : {Type(builder.getF16Type()), Type(builder.getBF16Type()),
                      Type(builder.getF32Type()), Type(builder.getF64Type())}) {
      Tensor input = Tensor::zeros(type, {101});
      for (int64_t i = 0; i <= 100; ++i)
        input.setReal(i, from + (to - from) * i / 100);
      Tensor output = map<OpT>(input);
      for (int64_t i = 0; i <= 100; ++i) {
        Tensor rounded = reals(type, {}, {f(input.real(i))});
        ASSERT_NEAR(output.real(i), rounded.real(0),
                    2e-7 * std::fabs(rounded.real(0)))
            << OpT::getOperationName().str() << " of " << input.real(i);
      }
    }
  }
};

int64_t floorMod(int64_t a, int64_t b) {
  if (b == 0)
    return 0;
  int64_t rest = a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

int64_t power(int64_t a, int64_t b) {
  if (b < 0)
    return a == 1 ? 1 : a == -1 ? (b % 2 ? -1 : 1) : 0;
  uint64_t result = 1;
  for (int64_t i = 0; i < b; ++i)
    result *= static_cast<uint64_t>(a);
  return static_cast<int64_t>(result);
}

} // namespace

TEST_F(ScalarTest, IntegersWrapAndDoNotTrap) {
  checkIntegers<AddOp>([](int64_t a, int64_t b) { return a + b; });
  checkIntegers<SubOp>([](int64_t a, int64_t b) { return a - b; });
  checkIntegers<MulOp>([](int64_t a, int64_t b) { return a * b; });
  checkIntegers<DivOp>([](int64_t a, int64_t b) { return b ? a / b : 0; });
  checkIntegers<MaxOp>([](int64_t a, int64_t b) { return std::max(a, b); });
  checkIntegers<MinOp>([](int64_t a, int64_t b) { return std::min(a, b); });
  checkIntegers<BitAndOp>([](int64_t a, int64_t b) { return a & b; });
  checkIntegers<BitOrOp>([](int64_t a, int64_t b) { return a | b; });
  checkIntegers<BitXorOp>([](int64_t a, int64_t b) { return a ^ b; });
}

TEST_F(ScalarTest, RemaindersTakeTheSignAskedFor) {
  checkIntegers<ModOp>(floorMod, {flag("fmod", false)});
  checkIntegers<ModOp>([](int64_t a, int64_t b) { return b ? a % b : 0; },
                       {flag("fmod", true)});
  Tensor a = f32(6, {-4.3, 7.2, 5, 4.3, -7.2, 8});
  Tensor b = f32(6, {2.1, -3.4, 8, -2.1, 3.4, 5});
  Tensor truncated = map<ModOp>({a, b}, {flag("fmod", true)});
  Tensor floored = map<ModOp>({a, b}, {flag("fmod", false)});
  for (int64_t i = 0; i < 6; ++i) {
    auto x = static_cast<float>(a.real(i)), y = static_cast<float>(b.real(i));
    EXPECT_EQ(truncated.real(i), std::fmod(x, y));
    EXPECT_EQ(std::signbit(floored.real(i)), std::signbit(y));
    EXPECT_NEAR(floored.real(i), x - std::floor(x / y) * y, 1e-5);
  }
}

TEST_F(ScalarTest, WideIntegersDoNotTrapEither) {
  for (unsigned width : {16, 32, 64}) {
    int64_t least = llvm::minIntN(width);
    Tensor a = ints(si(width), 3, {least, least, 7});
    Tensor b = ints(si(width), 3, {-1, 0, 0});
    expectInts(map<DivOp>({a, b}), 3, {least, 0, 0});
    expectInts(map<ModOp>({a, b}, {flag("fmod", false)}), 3, {0, 0, 0});
    expectInts(map<AbsOp>(a), 3, {least, least, 7});
    expectInts(map<NegOp>(b), 3, {1, 0, 0});
  }
  Tensor big = ints(ui(64), 2, {-1, 5}), three = ints(ui(64), 2, {3, 0});
  Tensor quotient = map<DivOp>({big, three});
  EXPECT_EQ(quotient.bits(0), UINT64_MAX / 3);
  EXPECT_EQ(quotient.bits(1), 0u);
}

TEST_F(ScalarTest, ShiftsBeyondTheWidthGiveZero) {
  for (Type type : {ui(8), ui(4), ui(2)}) {
    int64_t width = type.getIntOrFloatBitWidth();
    checkPairs<ShiftLeftOp>(
        type, [&](int64_t a, int64_t b) { return b < width ? a << b : 0; });
    checkPairs<ShiftRightOp>(
        type, [&](int64_t a, int64_t b) { return b < width ? a >> b : 0; });
  }
  Tensor a = ints(ui(64), 3, {-1, -1, -1}), b = ints(ui(64), 3, {63, 64, -1});
  expectInts(map<ShiftRightOp>({a, b}), 3, {1, 0, 0});
}

TEST_F(ScalarTest, IntegerPowersAreExact) {
  checkIntegers<PowOp>(power);
  Tensor base = i64(6, {3, -3, 2, 2, 7, -1});
  Tensor exponent = i64(6, {39, 39, 62, 64, -1, INT64_MAX});
  expectInts(
      map<PowOp>({base, exponent}), 6,
      {4052555153018976267, -4052555153018976267, int64_t(1) << 62, 0, 0, -1});
  Tensor huge = i64(1, {(int64_t(1) << 62) + 1});
  expectInts(map<PowOp>({i64(1, {5}), huge}), 1, {5});
  // The types of the operands may differ.
  Tensor mixed =
      eval<PowOp>({ints(si(32), 3, {1, 2, 3}), f32(3, {4, 5, 6})}, si(32), 1);
  expectInts(mixed, 3, {1, 32, 729});
  mixed = eval<PowOp>({f32(4, {-2, 2, -1, 0.5}), i64(4, {3, -2, 16777217, 2})},
                      builder.getF32Type(), 1);
  expectReals(mixed, 4, {-8, 0.25, -1, 0.25});
  mixed = eval<PowOp>({f32(2, {2, 9}), reals(builder.getF64Type(), 2, {3, .5})},
                      builder.getF32Type(), 1);
  expectReals(mixed, 2, {8, 3});
}

TEST_F(ScalarTest, FloatsRoundInTheirType) {
  checkFloats<AddOp>([](double a, double b) { return a + b; }, true);
  checkFloats<SubOp>([](double a, double b) { return a - b; }, true);
  checkFloats<MulOp>([](double a, double b) { return a * b; }, true);
  checkFloats<DivOp>([](double a, double b) { return a / b; }, true);
  auto ifNumbers = [](double a, double b, double value) {
    return std::isnan(a) || std::isnan(b) ? NAN : value;
  };
  checkFloats<MaxOp>(
      [&](double a, double b) { return ifNumbers(a, b, std::max(a, b)); },
      true);
  checkFloats<MinOp>(
      [&](double a, double b) { return ifNumbers(a, b, std::min(a, b)); },
      true);
  checkFloats<PowOp>([](double a, double b) { return std::pow(a, b); }, false);
}

TEST_F(ScalarTest, FunctionsAgreeWithTheLibrary) {
  checkUnary<ExpOp>([](double x) { return std::exp(x); }, -8, 8);
  checkUnary<LogOp>([](double x) { return std::log(x); }, 0.01, 90);
  checkUnary<SqrtOp>([](double x) { return std::sqrt(x); }, 0, 90);
  checkUnary<RsqrtOp>([](double x) { return 1 / std::sqrt(x); }, 0.5, 90);
  checkUnary<ReciprocalOp>([](double x) { return 1 / x; }, 0.5, 9);
  checkUnary<ErfOp>([](double x) { return std::erf(x); }, -3, 3);
  checkUnary<SinOp>([](double x) { return std::sin(x); }, -9, 9);
  checkUnary<CosOp>([](double x) { return std::cos(x); }, -9, 9);
  checkUnary<TanOp>([](double x) { return std::tan(x); }, -1.5, 1.5);
  checkUnary<AsinOp>([](double x) { return std::asin(x); }, -1, 1);
  checkUnary<AcosOp>([](double x) { return std::acos(x); }, -1, 1);
  checkUnary<AtanOp>([](double x) { return std::atan(x); }, -9, 9);
  checkUnary<SinhOp>([](double x) { return std::sinh(x); }, -6, 6);
  checkUnary<CoshOp>([](double x) { return std::cosh(x); }, -6, 6);
  checkUnary<TanhOp>([](double x) { return std::tanh(x); }, -6, 6);
  checkUnary<AsinhOp>([](double x) { return std::asinh(x); }, -6, 6);
  checkUnary<AcoshOp>([](double x) { return std::acosh(x); }, 1, 6);
  checkUnary<AtanhOp>([](double x) { return std::atanh(x); }, -0.9, 0.9);
  checkUnary<CeilOp>([](double x) { return std::ceil(x); }, -3, 3);
  checkUnary<FloorOp>([](double x) { return std::floor(x); }, -3, 3);
  checkUnary<RoundOp>([](double x) { return std::nearbyint(x); }, -2.5, 2.5);
  checkUnary<AbsOp>([](double x) { return std::fabs(x); }, -3, 3);
  checkUnary<NegOp>([](double x) { return -x; }, -3, 3);
  checkUnary<ReluOp>([](double x) { return std::max(x, 0.0); }, -3, 3);
  checkUnary<SigmoidOp>([](double x) { return 1 / (1 + std::exp(-x)); }, -9, 9);
}

TEST_F(ScalarTest, KeepsNaNAndExtremes) {
  Tensor input = f32(5, {NAN, -INFINITY, INFINITY, -100, 0});
  Tensor sigmoid = map<SigmoidOp>(input);
  EXPECT_TRUE(std::isnan(sigmoid.real(0)));
  EXPECT_EQ(sigmoid.real(1), 0);
  EXPECT_EQ(sigmoid.real(2), 1);
  EXPECT_NEAR(sigmoid.real(3), std::exp(-100.0), 1e-45);
  EXPECT_TRUE(std::isnan(map<ReluOp>(input).real(0)));
  Tensor sign = map<SignOp>(input);
  EXPECT_TRUE(std::isnan(sign.real(0)));
  EXPECT_EQ(sign.real(1), -1);
  EXPECT_EQ(sign.real(2), 1);
  EXPECT_EQ(sign.real(4), 0);
  expectInts(map<SignOp>(ints(si(8), 3, {-128, 0, 5})), 3, {-1, 0, 1});
  expectInts(map<SignOp>(ints(ui(8), 3, {255, 0, 5})), 3, {1, 0, 1});
  Type i1 = builder.getI1Type();
  expectInts(eval<IsNanOp>(input, i1, 1), 5, {1, 0, 0, 0, 0});
  auto isInf = [&](bool negative, bool positive) {
    return eval<IsInfOp>(
        input, i1, 1, {flag("negative", negative), flag("positive", positive)});
  };
  expectInts(isInf(true, true), 5, {0, 1, 1, 0, 0});
  expectInts(isInf(false, true), 5, {0, 0, 1, 0, 0});
  expectInts(isInf(true, false), 5, {0, 1, 0, 0, 0});
  expectInts(isInf(false, false), 5, {0, 0, 0, 0, 0});
}

TEST_F(ScalarTest, ComparesAsTheTypeCounts) {
  Type i1 = builder.getI1Type();
  auto compare = [&](Predicate predicate, Tensor a, Tensor b) {
    return eval<CompareOp>({a, b}, i1, a.rank(),
                           {choice<PredicateAttr>("predicate", predicate)});
  };
  Tensor a = f32(4, {1, 2, NAN, -0.0}), b = f32(4, {2, 2, NAN, 0.0});
  expectInts(compare(Predicate::eq, a, b), 4, {0, 1, 0, 1});
  expectInts(compare(Predicate::ne, a, b), 4, {1, 0, 1, 0});
  expectInts(compare(Predicate::lt, a, b), 4, {1, 0, 0, 0});
  expectInts(compare(Predicate::le, a, b), 4, {1, 1, 0, 1});
  expectInts(compare(Predicate::gt, a, b), 4, {0, 0, 0, 0});
  expectInts(compare(Predicate::ge, a, b), 4, {0, 1, 0, 1});
  expectInts(compare(Predicate::lt, ints(si(8), 1, {-1}), ints(si(8), 1, {1})),
             1, {1});
  expectInts(compare(Predicate::lt, ints(ui(8), 1, {255}), ints(ui(8), 1, {1})),
             1, {0});
  expectInts(compare(Predicate::lt, ints(i1, 1, {0}), ints(i1, 1, {1})), 1,
             {1});
}

TEST_F(ScalarTest, BroadcastsOperands) {
  Tensor a = f32({2, 1, 3}, {1, 2, 3, 4, 5, 6}), b = f32({2, 1}, {10, 20});
  Tensor sum = eval<AddOp>({a, b}, builder.getF32Type(), 3);
  expectReals(sum, {2, 2, 3}, {11, 12, 13, 21, 22, 23, 14, 15, 16, 24, 25, 26});
  sum = eval<AddOp>({f32({3, 1}, {1, 2, 3}), f32({}, {1})},
                    builder.getF32Type(), 2);
  expectReals(sum, {3, 1}, {2, 3, 4});
  expectDims(eval<AddOp>({f32({0, 3}, {}), f32({1, 3}, {1, 2, 3})},
                         builder.getF32Type(), 2),
             {0, 3});
  EXPECT_FALSE(eval<AddOp>({f32(2, {1, 2}), f32(3, {1, 2, 3})},
                           builder.getF32Type(), 1));
  EXPECT_NE(error.find("do not broadcast"), std::string::npos);
  Tensor chosen = eval<SelectOp>(
      {ints(builder.getI1Type(), {2, 1}, {1, 0}), f32(2, {1, 2}), f32({}, {9})},
      builder.getF32Type(), 2);
  expectReals(chosen, {2, 2}, {1, 2, 9, 9});
}

TEST_F(ScalarTest, LogicIsOneBitWide) {
  Tensor a = ints(builder.getI1Type(), 4, {0, 0, 1, 1});
  Tensor b = ints(builder.getI1Type(), 4, {0, 1, 0, 1});
  expectInts(map<AndOp>({a, b}), 4, {0, 0, 0, 1});
  expectInts(map<OrOp>({a, b}), 4, {0, 1, 1, 1});
  expectInts(map<XorOp>({a, b}), 4, {0, 1, 1, 0});
  expectInts(map<NotOp>(a), 4, {1, 1, 0, 0});
  expectInts(map<BitNotOp>(ints(ui(8), 2, {0, 0x5a})), 2, {255, 0xa5});
}

TEST_F(ScalarTest, QuantizesWithTiesToEven) {
  // ONNX's example of QuantizeLinear.
  Tensor x = f32(6, {0, 2, 3, 1000, -254, -1000});
  Tensor scale = f32({}, {2}), zero = ints(ui(8), {}, {128});
  expectInts(eval<QuantizeOp>({x, scale, zero}, ui(8), 1), 6,
             {128, 129, 130, 255, 1, 0});
  Tensor wild = f32(5, {NAN, INFINITY, -INFINITY, 1e30, 5});
  Tensor zero4 = ints(si(4), {}, {-1});
  expectInts(eval<QuantizeOp>({wild, scale, zero4}, si(4), 1), 5,
             {-8, 7, -8, 7, 1});
  Type f8 = Float8E4M3FNType::get(&context);
  Tensor coded = eval<QuantizeOp>({x, scale, reals(f8, {}, {0})}, f8, 1);
  expectReals(coded, 6, {0, 1, 1.5, 448, -128, -448});
}

TEST_F(ScalarTest, DequantizesExactly) {
  Tensor x = ints(ui(8), 4, {0, 3, 128, 255});
  Tensor scale = f32({}, {2}), zero = ints(ui(8), {}, {128});
  expectReals(eval<DequantizeOp>({x, scale, zero}, builder.getF32Type(), 1), 4,
              {-256, -250, 0, 254});
  Type f8 = Float8E5M2Type::get(&context);
  Tensor coded = reals(f8, 3, {0, 0.5, -57344});
  expectReals(eval<DequantizeOp>({coded, scale, reals(f8, {}, {0})},
                                 builder.getF32Type(), 1),
              3, {0, 1, -114688});
}
