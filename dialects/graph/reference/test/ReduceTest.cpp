//===- ReduceTest.cpp - Reductions, products, windows -------------------===//
//
// Most examples are those of the operators' pages in the ONNX documentation.
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/reference/test/Harness.h"

#include "dialects/graph/reference/Philox.h"

#include <cmath>

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::reference;

namespace {
class ReduceTest : public Harness {
protected:
  Type f32Type = builder.getF32Type();
  Type i64Type = builder.getI64Type();

  /// 0, 1, 2, ... as f32.
  Tensor iota(llvm::ArrayRef<int64_t> dims) {
    Tensor tensor = Tensor::zeros(f32Type, dims);
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.setReal(i, static_cast<double>(i));
    return tensor;
  }
  Tensor reduce(ReduceKind kind, Tensor input, llvm::ArrayRef<int64_t> axes,
                bool keep) {
    int64_t rank = input.rank() - (keep ? 0 : axes.size());
    return eval<ReduceOp>(input, input.elementType(), rank,
                          {choice<ReduceKindAttr>("kind", kind),
                           list("axes", axes), flag("keep_dims", keep)});
  }
  NamedAttribute real(llvm::StringRef name, double value) {
    return attr(name, builder.getF64FloatAttr(value));
  }
  Tensor resize(Tensor input, llvm::ArrayRef<int64_t> sizes,
                llvm::ArrayRef<double> scales, ResizeMode mode,
                ResizeCoord coord, ResizeNearest nearest,
                bool antialias = false, bool excludeOutside = false,
                llvm::ArrayRef<double> roi = {}) {
    return eval<ResizeOp>(
        {input, shape(sizes), f32(int64_t(scales.size()), scales),
         f32(int64_t(roi.size()), roi)},
        input.elementType(), input.rank(),
        {choice<ResizeModeAttr>("mode", mode),
         choice<ResizeCoordAttr>("coord", coord),
         choice<ResizeNearestAttr>("nearest", nearest), real("cubic_a", -0.75),
         flag("exclude_outside", excludeOutside), flag("antialias", antialias),
         real("extrapolation", 10)});
  }
};
} // namespace

//===-- Reductions ----------------------------------------------------------//

TEST_F(ReduceTest, Reduces) {
  Tensor x = f32({3, 2, 2}, {5, 1, 20, 2, 30, 1, 40, 2, 55, 1, 60, 2});
  expectReals(reduce(ReduceKind::sum, x, 1, false), {3, 2},
              {25, 3, 70, 3, 115, 3});
  expectReals(reduce(ReduceKind::max, x, {0, 2}, true), {1, 2, 1}, {55, 60});
  expectReals(reduce(ReduceKind::min, x, {0, 1, 2}, false), {}, {1});
  expectReals(reduce(ReduceKind::prod, f32({2, 2}, {2, 3, 4, 5}), 0, false), 2,
              {8, 15});
  EXPECT_TRUE(std::isnan(
      reduce(ReduceKind::max, f32(3, {1, NAN, 2}), 0, false).real(0)));
  EXPECT_TRUE(std::isnan(
      reduce(ReduceKind::min, f32(3, {NAN, 1, 2}), 0, false).real(0)));
  expectReals(reduce(ReduceKind::max, f32({0}, {}), 0, false), {}, {-INFINITY});
  expectReals(reduce(ReduceKind::prod, f32({0}, {}), 0, false), {}, {1});
  expectInts(reduce(ReduceKind::sum, ints(si(8), 2, {127, 1}), 0, false), {},
             {-128});
  expectInts(reduce(ReduceKind::max, ints(ui(8), 2, {255, 1}), 0, false), {},
             {255});
  expectInts(reduce(ReduceKind::min, ints(ui(8), {0}, {}), 0, false), {},
             {255});
  Type i1 = builder.getI1Type();
  expectInts(reduce(ReduceKind::any, ints(i1, {2, 2}, {0, 1, 0, 0}), 1, false),
             2, {1, 0});
  expectInts(reduce(ReduceKind::all, ints(i1, {2, 2}, {1, 1, 1, 0}), 1, false),
             2, {1, 0});
}

TEST_F(ReduceTest, FindsExtremes) {
  auto arg = [&](Tensor x, int64_t axis, bool largest, bool last, bool keep) {
    return eval<ArgReduceOp>(x, i64Type, x.rank() - !keep,
                             {number("axis", axis), flag("largest", largest),
                              flag("select_last", last),
                              flag("keep_dims", keep)});
  };
  Tensor x = f32({2, 2}, {2, 2, 3, 10});
  expectInts(arg(x, 1, true, false, true), {2, 1}, {0, 1});
  expectInts(arg(x, 1, true, true, false), 2, {1, 1});
  expectInts(arg(x, 0, false, false, false), 2, {0, 0});
  expectInts(arg(f32(4, {1, NAN, 9, NAN}), 0, true, true, false), {}, {1});
  EXPECT_FALSE(arg(f32({0}, {}), 0, true, false, true));
}

TEST_F(ReduceTest, NormalizesSlices) {
  auto softmax = [&](Tensor x, int64_t axis, bool log) {
    return eval<SoftmaxOp>(x, f32Type, x.rank(),
                           {number("axis", axis), flag("log", log)});
  };
  expectReals(softmax(f32({1, 3}, {-1, 0, 1}), 1, false), {1, 3},
              {0.09003058, 0.24472848, 0.66524094}, 1e-7);
  expectReals(softmax(f32({1, 3}, {-1, 0, 1}), 1, true), {1, 3},
              {-2.4076061, -1.407606, -0.407606}, 1e-6);
  expectReals(softmax(f32({2, 1}, {1e4, 1e4}), 0, false), {2, 1}, {0.5, 0.5});
  expectDims(softmax(f32({2, 0}, {}), 1, false), {2, 0});
}

TEST_F(ReduceTest, Accumulates) {
  auto scan = [&](ScanKind kind, bool exclusive, bool reverse) {
    Tensor x = f32(3, {1, 2, 3});
    return eval<ScanOp>(x, f32Type, 1,
                        {choice<ScanKindAttr>("kind", kind), number("axis", 0),
                         flag("exclusive", exclusive),
                         flag("reverse", reverse)});
  };
  expectReals(scan(ScanKind::sum, false, false), 3, {1, 3, 6});
  expectReals(scan(ScanKind::sum, true, false), 3, {0, 1, 3});
  expectReals(scan(ScanKind::sum, false, true), 3, {6, 5, 3});
  expectReals(scan(ScanKind::sum, true, true), 3, {5, 3, 0});
  expectReals(scan(ScanKind::prod, true, true), 3, {6, 3, 1});
}

//===-- Contractions and windows --------------------------------------------//

TEST_F(ReduceTest, Multiplies) {
  Tensor y = eval<MatmulOp>({iota({2, 3}), iota({3, 2})}, f32Type, 2);
  expectReals(y, {2, 2}, {10, 13, 28, 40});
  y = eval<MatmulOp>({iota({2, 1, 1, 2}), iota({3, 2, 1})}, f32Type, 4);
  expectReals(y, {2, 3, 1, 1}, {1, 3, 5, 3, 13, 23});
  y = eval<MatmulOp>(
      {ints(ui(8), {1, 2}, {255, 255}), ints(si(8), {2, 1}, {-128, -128})},
      si(32), 2);
  expectInts(y, {1, 1}, {-65280});
  Type f16 = builder.getF16Type();
  y = eval<MatmulOp>(
      {reals(f16, {1, 3}, {2048, 1, 1}), reals(f16, {3, 1}, {1, 1, 1})}, f16,
      2);
  expectReals(y, {1, 1}, {2050});
  EXPECT_FALSE(eval<MatmulOp>({iota({2, 3}), iota({2, 3})}, f32Type, 2));
  // Panels and groups of rows with rests.
  Tensor wide = eval<MatmulOp>({iota({5, 2}), iota({2, 300})}, f32Type, 2);
  expectDims(wide, {5, 300});
  for (int64_t m = 0; m < 5; ++m)
    for (int64_t n = 0; n < 300; ++n)
      ASSERT_EQ(wide.real(m * 300 + n), 2 * m * n + (2 * m + 1) * (300 + n));
}

TEST_F(ReduceTest, Convolves) {
  auto conv = [&](Tensor x, Tensor w, llvm::ArrayRef<int64_t> strides,
                  llvm::ArrayRef<int64_t> dilations,
                  llvm::ArrayRef<int64_t> pads, int64_t groups, Type type) {
    return eval<ConvOp>({x, w}, type, x.rank(),
                        {list("strides", strides), list("dilations", dilations),
                         list("pads", pads), number("groups", groups)});
  };
  Tensor ones = f32({1, 1, 3, 3}, {1, 1, 1, 1, 1, 1, 1, 1, 1});
  Tensor y =
      conv(iota({1, 1, 5, 5}), ones, {1, 1}, {1, 1}, {1, 1, 1, 1}, 1, f32Type);
  expectReals(y, {1, 1, 5, 5},
              {12,  21, 27, 33,  24,  33,  54,  63, 72,  51,  63,  99, 108,
               117, 81, 93, 144, 153, 162, 111, 72, 111, 117, 123, 84});
  y = conv(iota({1, 1, 7, 5}), ones, {2, 2}, {1, 1}, {0, 0, 0, 0}, 1, f32Type);
  expectReals(y, {1, 1, 3, 2}, {54, 72, 144, 162, 234, 252});
  // Two groups, one dilated window each.
  y = conv(iota({1, 2, 4}), f32({2, 1, 2}, {1, 10, 1, -1}), {1}, {2}, {0, 1}, 2,
           f32Type);
  expectReals(y, {1, 2, 3}, {20, 31, 2, -2, -2, 6});
  y = conv(ints(ui(8), {1, 1, 2}, {200, 100}), ints(si(8), {1, 1, 2}, {-1, 2}),
           {1}, {1}, {0, 0}, 1, si(32));
  expectInts(y, {1, 1, 1}, {0});
  EXPECT_FALSE(
      conv(iota({1, 1, 2}), iota({1, 1, 3}), {1}, {1}, {0, 0}, 1, f32Type));
}

TEST_F(ReduceTest, ConvolvesTransposed) {
  auto conv = [&](Tensor x, Tensor w, llvm::ArrayRef<int64_t> strides,
                  llvm::ArrayRef<int64_t> pads,
                  llvm::ArrayRef<int64_t> outputPadding, int64_t groups) {
    llvm::SmallVector<int64_t> ones(strides.size(), 1);
    return eval<ConvTransposeOp>(
        {x, w}, f32Type, x.rank(),
        {list("strides", strides), list("dilations", ones), list("pads", pads),
         list("output_padding", outputPadding), number("groups", groups)});
  };
  Tensor ones = f32({1, 2, 3}, {1, 1, 1, 1, 1, 1});
  Tensor y = conv(iota({1, 1, 3}), ones, 1, {0, 0}, 0, 1);
  expectReals(y, {1, 2, 5}, {0, 1, 3, 3, 2, 0, 1, 3, 3, 2});
  y = conv(iota({1, 1, 3}), ones, 2, {1, 0}, 1, 1);
  expectReals(y, {1, 2, 7}, {0, 1, 1, 3, 2, 2, 0, 0, 1, 1, 3, 2, 2, 0});
  y = conv(f32({1, 2, 1}, {2, 3}), f32({2, 1, 2}, {1, 10, 1, 10}), 1, {0, 0}, 0,
           2);
  expectReals(y, {1, 2, 2}, {2, 20, 3, 30});
}

TEST_F(ReduceTest, Pools) {
  auto pool = [&](PoolKind kind, Tensor x, llvm::ArrayRef<int64_t> window,
                  llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> pads,
                  bool ceil) {
    llvm::SmallVector<int64_t> ones(window.size(), 1);
    return eval<PoolOp>(x, f32Type, x.rank(),
                        {choice<PoolKindAttr>("kind", kind),
                         list("window", window), list("strides", strides),
                         list("dilations", ones), list("pads", pads),
                         flag("ceil_mode", ceil)});
  };
  Tensor x = f32({1, 1, 4, 4},
                 {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  expectReals(pool(PoolKind::max, x, {3, 3}, {2, 2}, {0, 0, 0, 0}, true),
              {1, 1, 2, 2}, {11, 12, 15, 16});
  expectReals(pool(PoolKind::avg, x, {3, 3}, {2, 2}, {0, 0, 0, 0}, true),
              {1, 1, 2, 2}, {6, 7.5, 12, 13.5});
  Tensor row = f32({1, 1, 3}, {3, 6, 9});
  expectReals(pool(PoolKind::avg, row, 2, 1, {1, 1}, false), {1, 1, 4},
              {3, 4.5, 7.5, 9});
  expectReals(pool(PoolKind::avg_include_pad, row, 2, 1, {1, 1}, false),
              {1, 1, 4}, {1.5, 4.5, 7.5, 4.5});
  expectReals(pool(PoolKind::sum, row, 2, 1, {1, 1}, false), {1, 1, 4},
              {3, 9, 15, 9});
  // The window that ceil mode adds counts no element beyond the padding.
  expectReals(pool(PoolKind::avg_include_pad, row, 2, 2, {0, 0}, true),
              {1, 1, 2}, {4.5, 9});
  // A window that would start in the padding after is dropped.
  expectDims(pool(PoolKind::max, f32({1, 1, 2}, {1, 2}), 1, 2, {0, 1}, true),
             {1, 1, 1});
  expectReals(
      pool(PoolKind::max, f32({1, 1, 2}, {-5, -7}), 2, 1, {1, 0}, false),
      {1, 1, 2}, {-5, -5});
  auto indices = [&](bool columnMajor) {
    return eval<PoolIndicesOp>(
        x, i64Type, 4,
        {list("window", {2, 2}), list("strides", {2, 2}),
         list("dilations", {1, 1}), list("pads", {0, 0, 0, 0}),
         flag("ceil_mode", false), flag("column_major", columnMajor)});
  };
  expectInts(indices(false), {1, 1, 2, 2}, {5, 7, 13, 15});
  expectInts(indices(true), {1, 1, 2, 2}, {5, 13, 7, 15});
}

TEST_F(ReduceTest, Resizes) {
  Tensor x = f32({1, 1, 2, 2}, {1, 2, 3, 4});
  Tensor y = resize(x, {1, 1, 4, 6}, {1, 1, 2, 3}, ResizeMode::nearest,
                    ResizeCoord::half_pixel, ResizeNearest::round_prefer_floor);
  expectReals(y, {1, 1, 4, 6}, {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2,
                                3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4});
  y = resize(x, {1, 1, 4, 4}, {1, 1, 2, 2}, ResizeMode::linear,
             ResizeCoord::half_pixel, ResizeNearest::floor);
  expectReals(y, {1, 1, 4, 4},
              {1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3,
               3.25, 3.75, 4});
  y = resize(x, {1, 1, 4, 4}, {1, 1, 2, 2}, ResizeMode::linear,
             ResizeCoord::align_corners, ResizeNearest::floor);
  expectReals(y, {1, 1, 4, 4},
              {1, 1.33333333, 1.66666667, 2, 1.66666667, 2, 2.33333333,
               2.66666667, 2.33333333, 2.66666667, 3, 3.33333333, 3, 3.33333333,
               3.66666667, 4},
              1e-6);
  Tensor grid =
      f32({4, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  y = resize(grid, {3, 3}, {0.8, 0.8}, ResizeMode::cubic,
             ResizeCoord::half_pixel, ResizeNearest::floor);
  expectReals(y, {3, 3},
              {1.47119141, 2.78125, 4.08251953, 6.71142578, 8.02148438,
               9.32275391, 11.91650391, 13.2265625, 14.52783203},
              1e-5);
  y = resize(grid, {2, 2}, {0.6, 0.6}, ResizeMode::linear,
             ResizeCoord::half_pixel, ResizeNearest::floor, /*antialias=*/true);
  expectReals(y, {2, 2}, {2.875, 4.5, 9.375, 11}, 1e-5);
  // A factor that f32 cannot hold still hits integer coordinates.
  y = resize(iota({3}), 7, 7.0 / 3, ResizeMode::nearest,
             ResizeCoord::asymmetric, ResizeNearest::floor);
  expectReals(y, 7, {0, 0, 0, 1, 1, 2, 2});
  y = resize(iota({49}), 1, 1.0 / 49, ResizeMode::nearest,
             ResizeCoord::align_corners, ResizeNearest::ceil);
  expectReals(y, 1, {0});
  y = resize(grid, {3, 3}, {0.75, 0.75}, ResizeMode::linear,
             ResizeCoord::tf_crop_and_resize, ResizeNearest::floor, false,
             false, {0.4, 0.6, 1.2, 1.7});
  expectReals(y, {3, 3}, {7.6000004, 10, 10, 12.400001, 10, 10, 10, 10, 10},
              1e-5);
}

TEST_F(ReduceTest, DrawsTheSameNumbers) {
  // Known answers of the authors' implementation.
  std::array<uint32_t, 4> zeros = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c,
                                   0x9b00dbd8};
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), zeros);
  std::array<uint32_t, 4> ones = {0x408f276d, 0x41c83b0e, 0xa20bc7c6,
                                  0x6d5451fd};
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), ones);
  auto random = [&](RandomKind kind, double a, double b, int64_t seed) {
    return eval<RandomOp>(shape({100, 100}), f32Type, 2,
                          {choice<RandomKindAttr>("kind", kind), real("a", a),
                           real("b", b), number("seed", seed),
                           attr("dtype", TypeAttr::get(f32Type))});
  };
  Tensor uniform = random(RandomKind::uniform, -1, 3, 5),
         normal = random(RandomKind::normal, 2, 3, 5);
  ASSERT_TRUE(uniform && normal) << error;
  EXPECT_EQ(random(RandomKind::uniform, 0, 1, 0).real(0),
            (0x6627e8d5 >> 8) * 0x1p-24);
  double sum = 0, squares = 0, mean = 0;
  for (int64_t i = 0; i < uniform.size(); ++i) {
    ASSERT_TRUE(uniform.real(i) >= -1 && uniform.real(i) < 3);
    mean += uniform.real(i) / 10000;
    sum += normal.real(i) / 10000;
    squares += std::pow(normal.real(i) - 2, 2) / 10000;
  }
  EXPECT_NEAR(mean, 1, 0.05);
  EXPECT_NEAR(sum, 2, 0.1);
  EXPECT_NEAR(squares, 9, 0.4);
}
