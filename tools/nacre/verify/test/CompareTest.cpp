#include "tools/nacre/verify/Compare.h"
#include "tools/nacre/io/Element.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <limits>

using namespace nacre;
using io::Tensor;
using verify::Difference;

namespace {

template <typename T>
Tensor make(uint32_t dtype, std::vector<int64_t> dims, std::vector<T> values) {
  Tensor tensor;
  tensor.dtype = dtype;
  tensor.dims = std::move(dims);
  tensor.data.resize(values.size() * sizeof(T));
  std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
  return tensor;
}

std::string differ(const Tensor &got, const Tensor &expected,
                   verify::Tolerance tolerance = {}, bool onlyShape = false) {
  std::string text;
  Difference difference;
  bool same =
      verify::agree(got, expected, tolerance, onlyShape, text, difference);
  EXPECT_EQ(same, text.empty());
  return text;
}

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

} // namespace

TEST(Compare, SaysWhereAndByHowMuch) {
  Tensor expected = make<float>(NACRE_F32, {2, 2}, {1, 2, 3, 4});
  Tensor got = make<float>(NACRE_F32, {2, 2}, {1, 2, 3.5, 5});
  EXPECT_EQ(differ(got, expected),
            "2 of 4 elements differ, first at [1, 0]: got 3.5, expected 3; max "
            "error 1 absolute, 0.25 relative");
}

TEST(Compare, AllowsTheTolerance) {
  Tensor expected = make<float>(NACRE_F32, {1}, {100});
  EXPECT_EQ(differ(make<float>(NACRE_F32, {1}, {100.09f}), expected), "");
  EXPECT_NE(differ(make<float>(NACRE_F32, {1}, {100.2f}), expected), "");
  EXPECT_EQ(differ(make<float>(NACRE_F32, {1}, {100.2f}), expected, {0, 0.3}),
            "");
}

TEST(Compare, NanAndInfinityAgreeWithThemselvesOnly) {
  auto one = [](float value) { return make<float>(NACRE_F32, {}, {value}); };
  EXPECT_EQ(differ(one(kNan), one(kNan)), "");
  EXPECT_EQ(differ(one(kInf), one(kInf)), "");
  EXPECT_NE(differ(one(kNan), one(1)), "");
  EXPECT_NE(differ(one(1), one(kNan)), "");
  EXPECT_NE(differ(one(kInf), one(-kInf)), "");
  EXPECT_NE(differ(one(1e30f), one(kInf)), "");
}

TEST(Compare, IntegersAreExact) {
  Tensor big = make<int64_t>(NACRE_I64, {1}, {1000000});
  EXPECT_NE(differ(make<int64_t>(NACRE_I64, {1}, {1000001}), big), "");
  EXPECT_EQ(differ(make<int64_t>(NACRE_I64, {1}, {1000001}), big, {0, 1}), "");
  EXPECT_NE(differ(make<uint8_t>(NACRE_U8, {1}, {0}),
                   make<uint8_t>(NACRE_U8, {1}, {255}), {0, 1}),
            "");
  EXPECT_NE(differ(make<uint8_t>(NACRE_BOOL, {1}, {0}),
                   make<uint8_t>(NACRE_BOOL, {1}, {1}), {0, 5}),
            "");
}

TEST(Compare, ShapeAndTypeCount) {
  Tensor a = make<float>(NACRE_F32, {2, 1}, {1, 2});
  Tensor b = make<float>(NACRE_F32, {2}, {1, 2});
  EXPECT_EQ(differ(a, b), "got float[2, 1], expected float[2]");
  Tensor c = make<int32_t>(NACRE_I32, {2}, {1, 2});
  EXPECT_EQ(differ(c, b, {}, true), "got int32[2], expected float[2]");
  EXPECT_EQ(differ(make<float>(NACRE_F32, {2}, {8, 9}), b, {}, true), "");
}

TEST(Element, DecodesNarrowFloats) {
  struct Case {
    uint32_t dtype;
    uint16_t bits;
    double value;
  };
  for (Case c : {Case{NACRE_F16, 0x3c00, 1},
                 {NACRE_F16, 0x0001, 0x1p-24},
                 {NACRE_F16, 0xfbff, -65504},
                 {NACRE_BF16, 0x3fc0, 1.5},
                 {NACRE_F8E4M3FN, 0x7e, 448},
                 {NACRE_F8E4M3FN, 0x01, 0x1p-9},
                 {NACRE_F8E5M2, 0x7b, 57344},
                 {NACRE_F8E4M3FNUZ, 0x7f, 240},
                 {NACRE_F8E5M2FNUZ, 0x7f, 57344},
                 {NACRE_F4E2M1, 0x7, 6},
                 {NACRE_F4E2M1, 0x9, -0.5},
                 {NACRE_F8E8M0, 128, 2}})
    EXPECT_EQ(io::floatElement(c.dtype, reinterpret_cast<uint8_t *>(&c.bits)),
              c.value)
        << c.dtype << " " << c.bits;
  uint8_t nan = 0x80, top = 0x7f;
  EXPECT_TRUE(std::isnan(io::floatElement(NACRE_F8E4M3FNUZ, &nan)));
  EXPECT_TRUE(std::isnan(io::floatElement(NACRE_F8E4M3FN, &top)));
}

TEST(Element, StoresEveryHalf) {
  for (uint32_t dtype : {uint32_t(NACRE_F16), uint32_t(NACRE_BF16)})
    for (unsigned bits = 0; bits < 0x10000; ++bits) {
      uint16_t in = uint16_t(bits), out = 0;
      auto *element = reinterpret_cast<uint8_t *>(&in);
      double value = io::floatElement(dtype, element);
      if (std::isnan(value))
        continue;
      io::storeFloat(dtype, value, reinterpret_cast<uint8_t *>(&out));
      ASSERT_EQ(in, out);
    }
  uint16_t tie = 0;
  io::storeFloat(NACRE_F16, 2049, reinterpret_cast<uint8_t *>(&tie));
  EXPECT_EQ(tie, 0x6800); // 2048: halves go to even
  io::storeFloat(NACRE_F16, 65520, reinterpret_cast<uint8_t *>(&tie));
  EXPECT_EQ(tie, 0x7c00);
}

TEST(Element, MasksNarrowIntegers) {
  uint8_t value = 0x0f;
  EXPECT_EQ(int64_t(io::integerElement(NACRE_I4, &value)), -1);
  EXPECT_EQ(io::integerElement(NACRE_U2, &value), 3u);
}
