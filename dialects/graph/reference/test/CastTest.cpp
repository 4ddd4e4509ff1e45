//===- CastTest.cpp - Conversions between element types -------------------===//
#include "dialects/graph/reference/test/Harness.h"

#include "llvm/ADT/APFloat.h"
#include <cmath>
#include <random>

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::reference;

namespace {

class CastTest : public Harness {
protected:
  llvm::SmallVector<FloatType> signedSmallFloats() {
    return {Float8E4M3FNType::get(&context), Float8E4M3FNUZType::get(&context),
            Float8E5M2Type::get(&context),   Float8E5M2FNUZType::get(&context),
            Float4E2M1FNType::get(&context), Float6E2M3FNType::get(&context),
            Float6E3M2FNType::get(&context)};
  }
  double decode(FloatType type, uint64_t code) {
    llvm::APFloat value(type.getFloatSemantics(),
                        llvm::APInt(type.getWidth(), code));
    // The NaN of f8E8M0FNU has no mantissa and converts to infinity.
    return value.isNaN() ? NAN : value.convertToDouble();
  }
  /// Finite values of a format by code, the brute-force way.
  std::vector<std::pair<uint64_t, double>> finite(FloatType type) {
    std::vector<std::pair<uint64_t, double>> result;
    for (uint64_t code = 0; code < uint64_t(1) << type.getWidth(); ++code)
      if (std::isfinite(decode(type, code)))
        result.push_back({code, decode(type, code)});
    return result;
  }
  /// Values at, between and around all numbers of a format, and beyond.
  std::vector<double> probes(FloatType type) {
    std::vector<double> result = {0.0,   -0.0,  INFINITY, -INFINITY, 1e30,
                                  -1e30, 1e-30, -1e-30,   1e-45,     3e38};
    auto codes = finite(type);
    for (auto [a, x] : codes)
      for (auto [b, y] : codes) {
        if (b != a && b != a + 1)
          continue;
        auto middle = static_cast<float>((x + y) / 2);
        result.insert(result.end(), {middle, std::nextafterf(middle, INFINITY),
                                     std::nextafterf(middle, -INFINITY)});
      }
    double largest = 0;
    for (auto [code, value] : codes)
      largest = std::max(largest, value);
    for (double factor = 1; factor < 1.3; factor += 1.0 / 64)
      result.insert(result.end(), {largest * factor, -largest * factor});
    std::mt19937 random(7);
    std::uniform_real_distribution<float> exponents(-20, 18);
    for (int i = 0; i < 2000; ++i)
      result.push_back(std::exp2(exponents(random)) * (i % 2 ? 1 : -1));
    return result;
  }
  uint64_t nearest(FloatType type, double value, bool saturate);
};

} // namespace

/// What ONNX says a cast gives, by search: the nearest number, of two the one
/// with the even code; beyond the last number's rounding range the last number,
/// or infinity or NaN.
uint64_t CastTest::nearest(FloatType type, double value, bool saturate) {
  uint64_t sign =
      std::signbit(value) ? uint64_t(1) << (type.getWidth() - 1) : 0;
  double magnitude = std::min(std::fabs(value), 1e6);
  uint64_t best = 0, last = 0;
  double bestError = INFINITY, largest = 0, second = 0;
  for (auto [code, number] : finite(type)) {
    if (std::signbit(number))
      continue;
    double miss = std::fabs(number - magnitude);
    if (miss < bestError || (miss == bestError && code % 2 == 0)) {
      best = code;
      bestError = miss;
    }
    if (number > largest) {
      second = largest;
      largest = number;
      last = code;
    }
  }
  // The next number, if there were one: a tie goes to the even code.
  double limit = largest + (largest - second) / 2;
  bool overflows = magnitude > limit || (magnitude == limit && last % 2 == 1);
  bool hasNaN = llvm::APFloat::semanticsHasNaN(type.getFloatSemantics());
  bool hasInf = llvm::APFloat::semanticsHasInf(type.getFloatSemantics());
  if (overflows && !saturate && hasNaN) {
    llvm::APFloat special =
        hasInf ? llvm::APFloat::getInf(type.getFloatSemantics())
               : llvm::APFloat::getNaN(type.getFloatSemantics());
    return special.bitcastToAPInt().getZExtValue() | sign;
  }
  bool unsignedZero =
      std::isnan(decode(type, uint64_t(1) << (type.getWidth() - 1)));
  return best == 0 && unsignedZero ? 0 : best | sign;
}

TEST_F(CastTest, DecodesEverySmallFloat) {
  llvm::SmallVector<FloatType> types = signedSmallFloats();
  types.push_back(Float8E8M0FNUType::get(&context));
  types.push_back(Float8E3M4Type::get(&context));
  for (FloatType type : types) {
    Tensor all = everyValue(type);
    Tensor wide = cast(all, builder.getF32Type());
    for (int64_t code = 0; code < all.size(); ++code) {
      double expected = decode(type, code), actual = wide.real(code);
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(actual)) << "code " << code;
        continue;
      }
      EXPECT_EQ(actual, expected) << "code " << code;
      EXPECT_EQ(std::signbit(actual), std::signbit(expected));
    }
  }
}

TEST_F(CastTest, EncodesToTheNearestSmallFloat) {
  for (FloatType type : signedSmallFloats())
    for (bool saturate : {true, false}) {
      std::vector<double> values = probes(type);
      Tensor input = f32(int64_t(values.size()), values);
      Tensor codes = cast(input, type, saturate);
      for (int64_t i = 0; i < codes.size(); ++i)
        ASSERT_EQ(codes.bits(i), nearest(type, input.real(i), saturate))
            << input.real(i) << " to " << type.getWidth() << " bits";
    }
}

TEST_F(CastTest, RoundsOnceFromF64ToSmallFloats) {
  // Just above a tie, by less than f32 can tell.
  FloatType type = Float8E4M3FNType::get(&context);
  Tensor input = reals(builder.getF64Type(), 2, {1.0625 + 0x1p-40, 1.0625});
  Tensor codes = cast(input, type);
  EXPECT_EQ(decode(type, codes.bits(0)), 1.125);
  EXPECT_EQ(decode(type, codes.bits(1)), 1.0);
}

TEST_F(CastTest, GivesNaNItsCode) {
  Tensor nan = f32(1, {NAN});
  auto code = [&](Type type) { return cast(nan, type).bits(0); };
  EXPECT_EQ(code(Float8E4M3FNType::get(&context)), 0x7fu);
  EXPECT_EQ(code(Float8E4M3FNUZType::get(&context)), 0x80u);
  EXPECT_EQ(code(Float8E5M2FNUZType::get(&context)), 0x80u);
  EXPECT_EQ(code(Float8E8M0FNUType::get(&context)), 0xffu);
  EXPECT_EQ(code(Float4E2M1FNType::get(&context)), 0x8u);
  EXPECT_GT(code(Float8E5M2Type::get(&context)), 0x7cu);
}

TEST_F(CastTest, RoundsExponentsUp) {
  Type type = Float8E8M0FNUType::get(&context);
  Tensor input =
      f32(9, {0, 0.124, 0.25, 1.1, 2, -8, 3.3e38, INFINITY, 0x1p-127});
  Tensor codes = cast(input, type);
  llvm::SmallVector<uint64_t> expected = {0,   124,  125,  128, 128,
                                          130, 0xfe, 0xff, 1};
  for (auto [i, code] : llvm::enumerate(expected))
    EXPECT_EQ(codes.bits(i), code) << input.real(i);
  EXPECT_EQ(cast(input, type, /*saturate=*/false).bits(6), 0xffu);
}

TEST_F(CastTest, ConvertsEveryHalf) {
  for (FloatType type :
       {FloatType(builder.getF16Type()), FloatType(builder.getBF16Type())}) {
    Tensor all = everyValue(type);
    Tensor wide = cast(all, builder.getF32Type()), back = cast(wide, type);
    Tensor exact = cast(all, builder.getF64Type());
    for (int64_t code = 0; code < all.size(); ++code) {
      double expected = decode(type, code);
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(wide.real(code)));
        continue;
      }
      ASSERT_EQ(wide.real(code), expected);
      ASSERT_EQ(exact.real(code), expected);
      ASSERT_EQ(back.bits(code), static_cast<uint64_t>(code));
    }
  }
}

TEST_F(CastTest, RoundsF64ToHalvesOnce) {
  std::mt19937_64 random(11);
  std::vector<double> values = {1 + 0x1p-11 + 0x1p-40,
                                1 + 0x1p-11,
                                65519.999,
                                65520,
                                1e300,
                                -1e300,
                                1e-300,
                                INFINITY,
                                0x1p-25 + 0x1p-60,
                                0x1p-25,
                                3.39e38,
                                3.4e38,
                                1 + 0x1p-8 + 0x1p-50};
  for (int i = 0; i < 5000; ++i) {
    double x =
        std::ldexp(double(random()) / 1.8e19 + 1, int(random() % 44) - 27);
    // Make many that lie next to a tie.
    uint64_t bits = llvm::bit_cast<uint64_t>(x);
    int drop = i % 2 ? 42 : 45;
    bits = (bits >> drop | 1) << drop;
    values.push_back(llvm::bit_cast<double>(bits + (i % 3) - 1));
  }
  Tensor input = reals(builder.getF64Type(), int64_t(values.size()), values);
  for (FloatType type :
       {FloatType(builder.getF16Type()), FloatType(builder.getBF16Type())}) {
    Tensor output = cast(input, type);
    for (auto [i, value] : llvm::enumerate(values)) {
      llvm::APFloat expected(value);
      bool lossy;
      expected.convert(type.getFloatSemantics(),
                       llvm::APFloat::rmNearestTiesToEven, &lossy);
      ASSERT_EQ(output.bits(i), expected.bitcastToAPInt().getZExtValue())
          << value;
    }
  }
}

TEST_F(CastTest, TruncatesFloatsToIntegersAsX86Does) {
  for (Type from : {Type(builder.getF32Type()), Type(builder.getF64Type())}) {
    Tensor input =
        reals(from, 9, {1.9, -1.9, 300, -300, 3e9, 1e20, -1e20, NAN, INFINITY});
    expectInts(cast(input, si(32)), 9,
               {1, -1, 300, -300, INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN,
                INT32_MIN});
    expectInts(cast(input, si(8)), 9, {1, -1, 44, -44, 0, 0, 0, 0, 0});
    expectInts(cast(input, ui(8)), 9, {1, 255, 44, 212, 0, 0, 0, 0, 0});
    expectInts(cast(input, ui(32)), 9,
               {1, 4294967295, 300, 4294966996, 3000000000, 0, 0, 0, 0});
    expectInts(cast(input, si(64)), 9,
               {1, -1, 300, -300, 3000000000, INT64_MIN, INT64_MIN, INT64_MIN,
                INT64_MIN});
    expectInts(cast(input, builder.getI1Type()), 9,
               {1, 1, 1, 1, 1, 1, 1, 1, 1});
  }
  Tensor edges =
      reals(builder.getF64Type(), 4,
            {-2147483648.9, 2147483647.9, 2147483648.0, -2147483649.0});
  expectInts(cast(edges, si(32)), 4,
             {INT32_MIN, INT32_MAX, INT32_MIN, INT32_MIN});
  Tensor upper = reals(builder.getF64Type(), 3, {0x1p63, 0x1.8p63, 0x1p64});
  Tensor whole = cast(upper, ui(64));
  EXPECT_EQ(whole.bits(0), uint64_t(1) << 63);
  EXPECT_EQ(whole.bits(1), uint64_t(3) << 62);
  EXPECT_EQ(whole.bits(2), 0u);
}

TEST_F(CastTest, WrapsToNarrowIntegers) {
  Tensor input = f32(5, {-9, -8, 7, 8, 15});
  expectInts(cast(input, ui(4)), 5, {7, 8, 7, 8, 15});
  expectInts(cast(input, si(4)), 5, {7, -8, 7, -8, -1});
  expectInts(cast(f32(5, {-3, -2, 1, 2, 3}), si(2)), 5, {1, -2, 1, -2, -1});
  expectInts(cast(i64(3, {-1, 256, 300}), ui(8)), 3, {255, 0, 44});
  expectInts(cast(ints(ui(4), 2, {15, 3}), si(8)), 2, {15, 3});
  expectInts(cast(ints(si(4), 2, {-1, 3}), ui(16)), 2, {65535, 3});
}

TEST_F(CastTest, ConvertsIntegersToFloats) {
  Tensor input = i64(4, {16777217, -3, 65520, INT64_MAX});
  expectReals(cast(input, builder.getF32Type()), 4,
              {16777216, -3, 65520, 0x1p63});
  expectReals(cast(input, builder.getF64Type()), 4,
              {16777217, -3, 65520, 0x1p63});
  Tensor half = cast(input, builder.getF16Type());
  EXPECT_TRUE(std::isinf(half.real(0)) && std::isinf(half.real(2)));
  EXPECT_EQ(half.real(1), -3);
  // 2^25 + 2^17 + 1 lies above a tie of bfloat16 that f32 rounds onto.
  Tensor tie = ints(si(32), 1, {(1 << 25) + (1 << 17) + 1});
  EXPECT_EQ(cast(tie, builder.getBF16Type()).real(0), 0x1p25 + 0x1p18);
  expectReals(cast(ints(ui(64), 1, {-1}), builder.getF32Type()), 1, {0x1p64});
  expectReals(cast(ints(builder.getI1Type(), 2, {1, 0}), builder.getF16Type()),
              2, {1, 0});
  expectInts(cast(i64(3, {0, 256, -1}), builder.getI1Type()), 3, {0, 1, 1});
}
