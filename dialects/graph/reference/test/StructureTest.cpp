//===- StructureTest.cpp - Structural ops on small examples ---------------===//
//
// Most examples are those of the operators' pages in the ONNX documentation.
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/reference/test/Harness.h"

#include "dialects/graph/reference/Fold.h"
#include "dialects/graph/reference/Philox.h"

#include "mlir/Parser/Parser.h"
#include <cmath>
#include <cstring>

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::reference;

namespace {
class StructureTest : public Harness {
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
  NamedAttribute real(llvm::StringRef name, double value) {
    return attr(name, builder.getF64FloatAttr(value));
  }
  Tensor reduce(ReduceKind kind, Tensor input, llvm::ArrayRef<int64_t> axes,
                bool keep) {
    int64_t rank = input.rank() - (keep ? 0 : axes.size());
    return eval<ReduceOp>(
        input, input.elementType(), rank,
        {choice<ReduceKindAttr>("kind", kind), list("axes", axes),
         flag("keep_dims", keep)});
  }
  Tensor pad(PadMode mode, Tensor input, llvm::ArrayRef<int64_t> pads,
             double value = 0) {
    return eval<PadOp>({input, shape(pads), reals(input.elementType(), {}, {value})},
                       input.elementType(), input.rank(),
                       {choice<PadModeAttr>("mode", mode)});
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

//===-- Movement ------------------------------------------------------------//

TEST_F(StructureTest, Reshapes) {
  Tensor x = iota({2, 3, 4});
  auto reshape = [&](llvm::ArrayRef<int64_t> to, bool allowZero) {
    return eval<ReshapeOp>({x, shape(to)}, f32Type, to.size(),
                           flag("allow_zero", allowZero));
  };
  expectDims(reshape({4, -1}, false), {4, 6});
  expectDims(reshape({2, 0, 4, 1}, false), {2, 3, 4, 1});
  EXPECT_FALSE(reshape({5, -1}, false));
  EXPECT_FALSE(reshape({0, -1}, true));
  EXPECT_FALSE(reshape({-1, -1}, false));
  EXPECT_FALSE(reshape({int64_t(1) << 40, int64_t(1) << 40}, false));
  expectDims(eval<CollapseOp>(x, f32Type, 2, list("starts", {0, 2})), {6, 4});
  expectDims(eval<UnsqueezeOp>(x, f32Type, 5, list("axes", {0, 4})),
             {1, 2, 3, 4, 1});
  expectDims(eval<SqueezeOp>(iota({1, 3, 1}), f32Type, 2, list("axes", {0})),
             {3, 1});
  EXPECT_FALSE(eval<SqueezeOp>(x, f32Type, 2, list("axes", {1})));
  expectInts(eval<ShapeOp>(x, i64Type, 1), 3, {2, 3, 4});
}

TEST_F(StructureTest, Transposes) {
  Tensor y = eval<TransposeOp>(iota({2, 3, 2}), f32Type, 3, list("perm", {2, 0, 1}));
  expectReals(y, {2, 2, 3}, {0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11});
}

TEST_F(StructureTest, BroadcastsAndTiles) {
  Tensor y = eval<BroadcastOp>({f32({3, 1}, {1, 2, 3}), shape({2, 1, 2})}, f32Type, 3);
  expectReals(y, {2, 3, 2}, {1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3});
  EXPECT_FALSE(eval<BroadcastOp>({f32(3, {1, 2, 3}), shape({2})}, f32Type, 1));
  y = eval<TileOp>({f32({1, 2}, {1, 2}), shape({2, 2})}, f32Type, 2);
  expectReals(y, {2, 4}, {1, 2, 1, 2, 1, 2, 1, 2});
  EXPECT_FALSE(eval<TileOp>({f32({1}, {1}), shape({-1})}, f32Type, 1));
}

TEST_F(StructureTest, Concatenates) {
  Tensor y = eval<ConcatOp>({f32({2, 1}, {1, 2}), f32({2, 2}, {3, 4, 5, 6})},
                            f32Type, 2, number("axis", 1));
  expectReals(y, {2, 3}, {1, 3, 4, 2, 5, 6});
}

TEST_F(StructureTest, Slices) {
  auto slice = [&](Tensor x, llvm::ArrayRef<int64_t> starts,
                   llvm::ArrayRef<int64_t> ends, llvm::ArrayRef<int64_t> axes,
                   llvm::ArrayRef<int64_t> steps) {
    return eval<SliceOp>({x, shape(starts), shape(ends)}, f32Type, x.rank(),
                         {list("axes", axes), list("steps", steps)});
  };
  Tensor x = f32({2, 4}, {1, 2, 3, 4, 5, 6, 7, 8});
  expectReals(slice(x, {1, 0}, {2, 3}, {0, 1}, {1, 2}), {1, 2}, {5, 7});
  expectReals(slice(x, {0, 1}, {-1, 1000}, {0, 1}, {1, 1}), {1, 3}, {2, 3, 4});
  expectReals(slice(x, {-1}, {INT64_MIN}, {1}, {-1}), {2, 4},
              {4, 3, 2, 1, 8, 7, 6, 5});
  expectReals(slice(x, {-1}, {-5}, {1}, {-3}), {2, 2}, {4, 1, 8, 5});
  expectDims(slice(x, {3}, {1}, {1}, {1}), {2, 0});
  expectReals(slice(x, {0}, {4}, {1}, {INT64_MAX}), {2, 1}, {1, 5});
  expectReals(slice(x, {3}, {INT64_MIN}, {1}, {INT64_MIN}), {2, 1}, {4, 8});
}

TEST_F(StructureTest, Pads) {
  Tensor x = f32({3, 2}, {1.0, 1.2, 2.3, 3.4, 4.5, 5.7});
  expectReals(pad(PadMode::constant, x, {0, 2, 0, 0}, 9), {3, 4},
              {9, 9, 1.0, 1.2, 9, 9, 2.3, 3.4, 9, 9, 4.5, 5.7}, 1e-6);
  expectReals(pad(PadMode::reflect, f32(3, {1, 2, 3}), {2, 3}), 8,
              {3, 2, 1, 2, 3, 2, 1, 2});
  expectReals(pad(PadMode::edge, f32(3, {1, 2, 3}), {2, 1}), 6,
              {1, 1, 1, 2, 3, 3});
  expectReals(pad(PadMode::wrap, f32(3, {1, 2, 3}), {2, 4}), 9,
              {2, 3, 1, 2, 3, 1, 2, 3, 1});
  expectReals(pad(PadMode::constant, f32(3, {1, 2, 3}), {-1, 2}, 7), 4,
              {2, 3, 7, 7});
  EXPECT_FALSE(pad(PadMode::constant, f32(3, {1, 2, 3}), {-2, -2}));
  EXPECT_FALSE(pad(PadMode::edge, f32({0}, {}), {1, 1}));
}

TEST_F(StructureTest, Counts) {
  Tensor y = eval<RangeOp>({f32({}, {1}), f32({}, {10}), f32({}, {3})}, f32Type, 1);
  expectReals(y, 3, {1, 4, 7});
  y = eval<RangeOp>({i64({}, {10}), i64({}, {6}), i64({}, {-3})}, i64Type, 1);
  expectInts(y, 2, {10, 7});
  y = eval<RangeOp>({i64({}, {0}), i64({}, {6}), i64({}, {-3})}, i64Type, 1);
  expectInts(y, {0}, {});
  EXPECT_FALSE(eval<RangeOp>({i64({}, {0}), i64({}, {6}), i64({}, {0})}, i64Type, 1));
  EXPECT_FALSE(eval<RangeOp>({i64({}, {INT64_MIN}), i64({}, {INT64_MAX}), i64({}, {1})}, i64Type, 1));
  EXPECT_NE(error.find("limit"), std::string::npos);
}

TEST_F(StructureTest, ReadsBitsAnew) {
  Tensor y = eval<BitcastOp>(f32(1, {1}), si(32), 1, attr("to", TypeAttr::get(si(32))));
  expectInts(y, 1, {0x3f800000});
  EXPECT_FALSE(eval<BitcastOp>(f32(1, {1}), si(64), 1, attr("to", TypeAttr::get(si(64)))));
}

//===-- Indexing ------------------------------------------------------------//

TEST_F(StructureTest, Gathers) {
  Tensor x = f32({3, 2}, {1.0, 1.5, 2.5, 3.5, 4.5, 5.5});
  Tensor y = eval<GatherOp>({x, i64({2, 2}, {0, 1, 1, -1})}, f32Type, 3, number("axis", 0));
  expectReals(y, {2, 2, 2}, {1.0, 1.5, 2.5, 3.5, 2.5, 3.5, 4.5, 5.5});
  y = eval<GatherOp>({x, i64({}, {1})}, f32Type, 1, number("axis", 1));
  expectReals(y, 3, {1.5, 3.5, 5.5});
  for (int64_t index : {3, -4})
    EXPECT_FALSE(eval<GatherOp>({x, i64({}, {index})}, f32Type, 1, number("axis", 0)));
  EXPECT_NE(error.find("index -4 is out of range for a dim of 3"), std::string::npos);
  y = eval<GatherElementsOp>({f32({2, 2}, {1, 2, 3, 4}), i64({2, 2}, {0, 0, -1, 0})}, f32Type, 2, number("axis", 1));
  expectReals(y, {2, 2}, {1, 1, 4, 3});
  y = eval<GatherElementsOp>({f32({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}), i64({2, 3}, {1, 2, 0, 2, 0, 0})}, f32Type, 2, number("axis", 0));
  expectReals(y, {2, 3}, {4, 8, 3, 7, 2, 3});
}

TEST_F(StructureTest, GathersByTuples) {
  Tensor x = iota({2, 2});
  Tensor y = eval<GatherNdOp>({x, i64({2, 2}, {0, 0, 1, 1})}, f32Type, 1, number("batch_dims", 0));
  expectReals(y, 2, {0, 3});
  y = eval<GatherNdOp>({x, i64({2, 1}, {1, 0})}, f32Type, 2, number("batch_dims", 0));
  expectReals(y, {2, 2}, {2, 3, 0, 1});
  y = eval<GatherNdOp>({iota({2, 2, 2}), i64({2, 1}, {1, 0})}, f32Type, 2, number("batch_dims", 1));
  expectReals(y, {2, 2}, {2, 3, 4, 5});
  EXPECT_FALSE(eval<GatherNdOp>({x, i64({1, 2}, {0, 2})}, f32Type, 1, number("batch_dims", 0)));
}

TEST_F(StructureTest, Scatters) {
  auto scatter = [&](Tensor x, Tensor indices, Tensor updates, int64_t axis, ScatterKind kind) {
    return eval<ScatterElementsOp>({x, indices, updates}, x.elementType(), x.rank(),
                                   {number("axis", axis), choice<ScatterKindAttr>("kind", kind)});
  };
  Tensor x = f32({1, 5}, {1, 2, 3, 4, 5});
  Tensor twice = i64({1, 2}, {1, 1}), updates = f32({1, 2}, {1.1, 2.1});
  expectReals(scatter(x, i64({1, 2}, {1, 3}), updates, 1, ScatterKind::set), {1, 5}, {1, 1.1, 3, 2.1, 5}, 1e-6);
  expectReals(scatter(x, twice, updates, 1, ScatterKind::add), {1, 5}, {1, 5.2, 3, 4, 5}, 1e-6);
  expectReals(scatter(x, twice, updates, 1, ScatterKind::mul), {1, 5}, {1, 4.62, 3, 4, 5}, 1e-6);
  expectReals(scatter(x, twice, updates, 1, ScatterKind::max), {1, 5}, {1, 2.1, 3, 4, 5}, 1e-6);
  expectReals(scatter(x, twice, updates, 1, ScatterKind::min), {1, 5}, {1, 1.1, 3, 4, 5}, 1e-6);
  expectReals(x, {1, 5}, {1, 2, 3, 4, 5});
  EXPECT_FALSE(scatter(x, i64({1, 1}, {5}), f32({1, 1}, {1}), 1, ScatterKind::set));
  Tensor y = eval<ScatterNdOp>({f32(8, {1, 2, 3, 4, 5, 6, 7, 8}), i64({4, 1}, {4, 3, 1, 7}), f32(4, {9, 10, 11, 12})},
                               f32Type, 1, choice<ScatterKindAttr>("kind", ScatterKind::set));
  expectReals(y, 8, {1, 11, 3, 10, 9, 6, 7, 12});
  y = eval<ScatterNdOp>({iota({2, 2}), i64({2, 1}, {1, 1}), f32({2, 2}, {1, 2, 3, 4})}, f32Type, 2,
                        choice<ScatterKindAttr>("kind", ScatterKind::add));
  expectReals(y, {2, 2}, {0, 1, 6, 9});
}

TEST_F(StructureTest, FindsNonZeros) {
  Tensor y = eval<NonZeroOp>(ints(builder.getI1Type(), {2, 2}, {1, 0, 1, 1}), i64Type, 2);
  expectInts(y, {2, 3}, {0, 1, 1, 0, 0, 1});
  expectInts(eval<NonZeroOp>(f32(3, {-0.0, NAN, 2}), i64Type, 2), {1, 2}, {1, 2});
}

TEST_F(StructureTest, FindsTheBest) {
  auto topk = [&](Tensor x, int64_t k, int64_t axis, bool largest) {
    return evaluateAll<TopKOp>({x, i64({}, {k})}, {number("axis", axis), flag("largest", largest)},
                               {{x.elementType(), x.rank()}, {i64Type, x.rank()}});
  };
  auto best = topk(iota({3, 4}), 3, 1, true);
  ASSERT_EQ(best.size(), 2u);
  expectReals(best[0], {3, 3}, {3, 2, 1, 7, 6, 5, 11, 10, 9});
  expectInts(best[1], {3, 3}, {3, 2, 1, 3, 2, 1, 3, 2, 1});
  best = topk(f32(5, {1, NAN, 3, 1, 3}), 5, 0, true);
  expectInts(best[1], 5, {1, 2, 4, 0, 3});
  best = topk(f32(5, {1, NAN, 3, 1, 3}), 5, 0, false);
  expectInts(best[1], 5, {0, 3, 2, 4, 1});
  best = topk(ints(ui(64), 2, {-1, 1}), 1, 0, true);
  expectInts(best[1], 1, {0});
  EXPECT_TRUE(topk(iota({2}), 3, 0, true).empty());
}

//===-- Reductions ----------------------------------------------------------//

TEST_F(StructureTest, Reduces) {
  Tensor x = f32({3, 2, 2}, {5, 1, 20, 2, 30, 1, 40, 2, 55, 1, 60, 2});
  expectReals(reduce(ReduceKind::sum, x, 1, false), {3, 2}, {25, 3, 70, 3, 115, 3});
  expectReals(reduce(ReduceKind::max, x, {0, 2}, true), {1, 2, 1}, {55, 60});
  expectReals(reduce(ReduceKind::min, x, {0, 1, 2}, false), {}, {1});
  expectReals(reduce(ReduceKind::prod, f32({2, 2}, {2, 3, 4, 5}), 0, false), 2, {8, 15});
  EXPECT_TRUE(std::isnan(reduce(ReduceKind::max, f32(3, {1, NAN, 2}), 0, false).real(0)));
  EXPECT_TRUE(std::isnan(reduce(ReduceKind::min, f32(3, {NAN, 1, 2}), 0, false).real(0)));
  expectReals(reduce(ReduceKind::max, f32({0}, {}), 0, false), {}, {-INFINITY});
  expectReals(reduce(ReduceKind::prod, f32({0}, {}), 0, false), {}, {1});
  expectInts(reduce(ReduceKind::sum, ints(si(8), 2, {127, 1}), 0, false), {}, {-128});
  expectInts(reduce(ReduceKind::max, ints(ui(8), 2, {255, 1}), 0, false), {}, {255});
  expectInts(reduce(ReduceKind::min, ints(ui(8), {0}, {}), 0, false), {}, {255});
  Type i1 = builder.getI1Type();
  expectInts(reduce(ReduceKind::any, ints(i1, {2, 2}, {0, 1, 0, 0}), 1, false), 2, {1, 0});
  expectInts(reduce(ReduceKind::all, ints(i1, {2, 2}, {1, 1, 1, 0}), 1, false), 2, {1, 0});
}

TEST_F(StructureTest, FindsExtremes) {
  auto arg = [&](Tensor x, int64_t axis, bool largest, bool last, bool keep) {
    return eval<ArgReduceOp>(x, i64Type, x.rank() - !keep,
                             {number("axis", axis), flag("largest", largest),
                              flag("select_last", last), flag("keep_dims", keep)});
  };
  Tensor x = f32({2, 2}, {2, 2, 3, 10});
  expectInts(arg(x, 1, true, false, true), {2, 1}, {0, 1});
  expectInts(arg(x, 1, true, true, false), 2, {1, 1});
  expectInts(arg(x, 0, false, false, false), 2, {0, 0});
  expectInts(arg(f32(4, {1, NAN, 9, NAN}), 0, true, true, false), {}, {1});
  EXPECT_FALSE(arg(f32({0}, {}), 0, true, false, true));
}

TEST_F(StructureTest, NormalizesSlices) {
  auto softmax = [&](Tensor x, int64_t axis, bool log) {
    return eval<SoftmaxOp>(x, f32Type, x.rank(), {number("axis", axis), flag("log", log)});
  };
  expectReals(softmax(f32({1, 3}, {-1, 0, 1}), 1, false), {1, 3}, {0.09003058, 0.24472848, 0.66524094}, 1e-7);
  expectReals(softmax(f32({1, 3}, {-1, 0, 1}), 1, true), {1, 3}, {-2.4076061, -1.407606, -0.407606}, 1e-6);
  expectReals(softmax(f32({2, 1}, {1e4, 1e4}), 0, false), {2, 1}, {0.5, 0.5});
  expectDims(softmax(f32({2, 0}, {}), 1, false), {2, 0});
}

TEST_F(StructureTest, Accumulates) {
  auto scan = [&](ScanKind kind, bool exclusive, bool reverse) {
    Tensor x = f32(3, {1, 2, 3});
    return eval<ScanOp>(x, f32Type, 1, {choice<ScanKindAttr>("kind", kind), number("axis", 0),
                                        flag("exclusive", exclusive), flag("reverse", reverse)});
  };
  expectReals(scan(ScanKind::sum, false, false), 3, {1, 3, 6});
  expectReals(scan(ScanKind::sum, true, false), 3, {0, 1, 3});
  expectReals(scan(ScanKind::sum, false, true), 3, {6, 5, 3});
  expectReals(scan(ScanKind::sum, true, true), 3, {5, 3, 0});
  expectReals(scan(ScanKind::prod, true, true), 3, {6, 3, 1});
}

//===-- Contractions and windows --------------------------------------------//

TEST_F(StructureTest, Multiplies) {
  Tensor y = eval<MatmulOp>({iota({2, 3}), iota({3, 2})}, f32Type, 2);
  expectReals(y, {2, 2}, {10, 13, 28, 40});
  y = eval<MatmulOp>({iota({2, 1, 1, 2}), iota({3, 2, 1})}, f32Type, 4);
  expectReals(y, {2, 3, 1, 1}, {1, 3, 5, 3, 13, 23});
  y = eval<MatmulOp>({ints(ui(8), {1, 2}, {255, 255}), ints(si(8), {2, 1}, {-128, -128})}, si(32), 2);
  expectInts(y, {1, 1}, {-65280});
  Type f16 = builder.getF16Type();
  y = eval<MatmulOp>({reals(f16, {1, 3}, {2048, 1, 1}), reals(f16, {3, 1}, {1, 1, 1})}, f16, 2);
  expectReals(y, {1, 1}, {2050});
  EXPECT_FALSE(eval<MatmulOp>({iota({2, 3}), iota({2, 3})}, f32Type, 2));
  // Panels and groups of rows with rests.
  Tensor wide = eval<MatmulOp>({iota({5, 2}), iota({2, 300})}, f32Type, 2);
  expectDims(wide, {5, 300});
  for (int64_t m = 0; m < 5; ++m)
    for (int64_t n = 0; n < 300; ++n)
      ASSERT_EQ(wide.real(m * 300 + n), 2 * m * n + (2 * m + 1) * (300 + n));
}

TEST_F(StructureTest, Convolves) {
  auto conv = [&](Tensor x, Tensor w, llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations,
                  llvm::ArrayRef<int64_t> pads, int64_t groups, Type type) {
    return eval<ConvOp>({x, w}, type, x.rank(), {list("strides", strides), list("dilations", dilations),
                                                 list("pads", pads), number("groups", groups)});
  };
  Tensor ones = f32({1, 1, 3, 3}, {1, 1, 1, 1, 1, 1, 1, 1, 1});
  Tensor y = conv(iota({1, 1, 5, 5}), ones, {1, 1}, {1, 1}, {1, 1, 1, 1}, 1, f32Type);
  expectReals(y, {1, 1, 5, 5}, {12, 21, 27, 33, 24, 33, 54, 63, 72, 51, 63, 99, 108, 117, 81,
                                93, 144, 153, 162, 111, 72, 111, 117, 123, 84});
  y = conv(iota({1, 1, 7, 5}), ones, {2, 2}, {1, 1}, {0, 0, 0, 0}, 1, f32Type);
  expectReals(y, {1, 1, 3, 2}, {54, 72, 144, 162, 234, 252});
  // Two groups, one dilated window each.
  y = conv(iota({1, 2, 4}), f32({2, 1, 2}, {1, 10, 1, -1}), {1}, {2}, {0, 1}, 2, f32Type);
  expectReals(y, {1, 2, 3}, {20, 31, 2, -2, -2, 6});
  y = conv(ints(ui(8), {1, 1, 2}, {200, 100}), ints(si(8), {1, 1, 2}, {-1, 2}), {1}, {1}, {0, 0}, 1, si(32));
  expectInts(y, {1, 1, 1}, {0});
  EXPECT_FALSE(conv(iota({1, 1, 2}), iota({1, 1, 3}), {1}, {1}, {0, 0}, 1, f32Type));
}

TEST_F(StructureTest, ConvolvesTransposed) {
  auto conv = [&](Tensor x, Tensor w, llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> pads,
                  llvm::ArrayRef<int64_t> outputPadding, int64_t groups) {
    llvm::SmallVector<int64_t> ones(strides.size(), 1);
    return eval<ConvTransposeOp>({x, w}, f32Type, x.rank(), {list("strides", strides), list("dilations", ones),
                                 list("pads", pads), list("output_padding", outputPadding), number("groups", groups)});
  };
  Tensor ones = f32({1, 2, 3}, {1, 1, 1, 1, 1, 1});
  Tensor y = conv(iota({1, 1, 3}), ones, 1, {0, 0}, 0, 1);
  expectReals(y, {1, 2, 5}, {0, 1, 3, 3, 2, 0, 1, 3, 3, 2});
  y = conv(iota({1, 1, 3}), ones, 2, {1, 0}, 1, 1);
  expectReals(y, {1, 2, 7}, {0, 1, 1, 3, 2, 2, 0, 0, 1, 1, 3, 2, 2, 0});
  y = conv(f32({1, 2, 1}, {2, 3}), f32({2, 1, 2}, {1, 10, 1, 10}), 1, {0, 0}, 0, 2);
  expectReals(y, {1, 2, 2}, {2, 20, 3, 30});
}

TEST_F(StructureTest, Pools) {
  auto pool = [&](PoolKind kind, Tensor x, llvm::ArrayRef<int64_t> window, llvm::ArrayRef<int64_t> strides,
                  llvm::ArrayRef<int64_t> pads, bool ceil) {
    llvm::SmallVector<int64_t> ones(window.size(), 1);
    return eval<PoolOp>(x, f32Type, x.rank(), {choice<PoolKindAttr>("kind", kind), list("window", window),
                        list("strides", strides), list("dilations", ones), list("pads", pads), flag("ceil_mode", ceil)});
  };
  Tensor x = f32({1, 1, 4, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  expectReals(pool(PoolKind::max, x, {3, 3}, {2, 2}, {0, 0, 0, 0}, true), {1, 1, 2, 2}, {11, 12, 15, 16});
  expectReals(pool(PoolKind::avg, x, {3, 3}, {2, 2}, {0, 0, 0, 0}, true), {1, 1, 2, 2}, {6, 7.5, 12, 13.5});
  Tensor row = f32({1, 1, 3}, {3, 6, 9});
  expectReals(pool(PoolKind::avg, row, 2, 1, {1, 1}, false), {1, 1, 4}, {3, 4.5, 7.5, 9});
  expectReals(pool(PoolKind::avg_include_pad, row, 2, 1, {1, 1}, false), {1, 1, 4}, {1.5, 4.5, 7.5, 4.5});
  expectReals(pool(PoolKind::sum, row, 2, 1, {1, 1}, false), {1, 1, 4}, {3, 9, 15, 9});
  // The window that ceil mode adds counts no element beyond the padding.
  expectReals(pool(PoolKind::avg_include_pad, row, 2, 2, {0, 0}, true), {1, 1, 2}, {4.5, 9});
  // A window that would start in the padding after is dropped.
  expectDims(pool(PoolKind::max, f32({1, 1, 2}, {1, 2}), 1, 2, {0, 1}, true), {1, 1, 1});
  expectReals(pool(PoolKind::max, f32({1, 1, 2}, {-5, -7}), 2, 1, {1, 0}, false), {1, 1, 2}, {-5, -5});
  auto indices = [&](bool columnMajor) {
    return eval<PoolIndicesOp>(x, i64Type, 4, {list("window", {2, 2}), list("strides", {2, 2}), list("dilations", {1, 1}),
                               list("pads", {0, 0, 0, 0}), flag("ceil_mode", false), flag("column_major", columnMajor)});
  };
  expectInts(indices(false), {1, 1, 2, 2}, {5, 7, 13, 15});
  expectInts(indices(true), {1, 1, 2, 2}, {5, 13, 7, 15});
}

TEST_F(StructureTest, Resizes) {
  Tensor x = f32({1, 1, 2, 2}, {1, 2, 3, 4});
  Tensor y = resize(x, {1, 1, 4, 6}, {1, 1, 2, 3}, ResizeMode::nearest, ResizeCoord::half_pixel, ResizeNearest::round_prefer_floor);
  expectReals(y, {1, 1, 4, 6}, {1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 3, 3, 3, 4, 4, 4});
  y = resize(x, {1, 1, 4, 4}, {1, 1, 2, 2}, ResizeMode::linear, ResizeCoord::half_pixel, ResizeNearest::floor);
  expectReals(y, {1, 1, 4, 4}, {1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4});
  y = resize(x, {1, 1, 4, 4}, {1, 1, 2, 2}, ResizeMode::linear, ResizeCoord::align_corners, ResizeNearest::floor);
  expectReals(y, {1, 1, 4, 4}, {1, 1.33333333, 1.66666667, 2, 1.66666667, 2, 2.33333333, 2.66666667,
                                2.33333333, 2.66666667, 3, 3.33333333, 3, 3.33333333, 3.66666667, 4}, 1e-6);
  Tensor grid = f32({4, 4}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
  y = resize(grid, {3, 3}, {0.8, 0.8}, ResizeMode::cubic, ResizeCoord::half_pixel, ResizeNearest::floor);
  expectReals(y, {3, 3}, {1.47119141, 2.78125, 4.08251953, 6.71142578, 8.02148438, 9.32275391, 11.91650391, 13.2265625, 14.52783203}, 1e-5);
  y = resize(grid, {2, 2}, {0.6, 0.6}, ResizeMode::linear, ResizeCoord::half_pixel, ResizeNearest::floor, /*antialias=*/true);
  expectReals(y, {2, 2}, {2.875, 4.5, 9.375, 11}, 1e-5);
  // A factor that f32 cannot hold still hits integer coordinates.
  y = resize(iota({3}), 7, 7.0 / 3, ResizeMode::nearest, ResizeCoord::asymmetric, ResizeNearest::floor);
  expectReals(y, 7, {0, 0, 0, 1, 1, 2, 2});
  y = resize(iota({49}), 1, 1.0 / 49, ResizeMode::nearest, ResizeCoord::align_corners, ResizeNearest::ceil);
  expectReals(y, 1, {0});
  y = resize(grid, {3, 3}, {0.75, 0.75}, ResizeMode::linear, ResizeCoord::tf_crop_and_resize, ResizeNearest::floor,
             false, false, {0.4, 0.6, 1.2, 1.7});
  expectReals(y, {3, 3}, {7.6000004, 10, 10, 12.400001, 10, 10, 10, 10, 10}, 1e-5);
}

TEST_F(StructureTest, DrawsTheSameNumbers) {
  // Known answers of the authors' implementation.
  std::array<uint32_t, 4> zeros = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), zeros);
  std::array<uint32_t, 4> ones = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
  EXPECT_EQ(philox({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}), ones);
  auto random = [&](RandomKind kind, double a, double b, int64_t seed) {
    return eval<RandomOp>(shape({100, 100}), f32Type, 2, {choice<RandomKindAttr>("kind", kind), real("a", a), real("b", b),
                          number("seed", seed), attr("dtype", TypeAttr::get(f32Type))});
  };
  Tensor uniform = random(RandomKind::uniform, -1, 3, 5), normal = random(RandomKind::normal, 2, 3, 5);
  ASSERT_TRUE(uniform && normal) << error;
  EXPECT_EQ(random(RandomKind::uniform, 0, 1, 0).real(0), (0x6627e8d5 >> 8) * 0x1p-24);
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

//===-- Functions, constants ------------------------------------------------//

TEST_F(StructureTest, RunsControlFlow) {
  auto module = parseSourceString<ModuleOp>(R"mlir(
    func.func @count(%n: tensor<i64>, %x: tensor<2xf32>) -> (tensor<2xf32>, tensor<?x2xf32>, tensor<2xf32>) {
      %yes = graph.constant dense<true> : tensor<i1>
      %two = graph.constant dense<2.0> : tensor<f32>
      %limit = graph.constant dense<100.0> : tensor<f32>
      %i0 = graph.constant dense<0> : tensor<i64>
      %r:2 = "graph.loop"(%n, %yes, %x) ({
      ^bb0(%i: tensor<i64>, %c: tensor<2xf32>):
        %next = graph.mul %c, %two : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
        %first = "graph.gather"(%next, %i0) {axis = 0 : i64} : (tensor<2xf32>, tensor<i64>) -> tensor<f32>
        %go = graph.compare lt %first, %limit : (tensor<f32>, tensor<f32>) -> tensor<i1>
        graph.yield %go, %next, %c : tensor<i1>, tensor<2xf32>, tensor<2xf32>
      }) : (tensor<i64>, tensor<i1>, tensor<2xf32>) -> (tensor<2xf32>, tensor<?x2xf32>)
      %big = graph.compare lt %two, %limit : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %s = "graph.if"(%big) ({
        graph.yield %x : tensor<2xf32>
      }, {
        graph.yield %r#0 : tensor<2xf32>
      }) : (tensor<i1>) -> tensor<2xf32>
      return %r#0, %r#1, %s : tensor<2xf32>, tensor<?x2xf32>, tensor<2xf32>
    })mlir", &context);
  ASSERT_TRUE(module);
  auto function = *module->getOps<func::FuncOp>().begin();
  auto run = [&](int64_t n) {
    return evaluateFunction(function, {i64({}, {n}), f32(2, {30, 1})}, &error);
  };
  auto results = run(10);
  ASSERT_TRUE(succeeded(results)) << error;
  expectReals((*results)[0], 2, {120, 4});
  expectReals((*results)[1], {2, 2}, {30, 1, 60, 2});
  expectReals((*results)[2], 2, {30, 1});
  results = run(0);
  ASSERT_TRUE(succeeded(results)) << error;
  expectReals((*results)[0], 2, {30, 1});
  expectDims((*results)[1], {0, 2});
  EXPECT_TRUE(failed(evaluateFunction(function, {}, &error)));
  EXPECT_NE(error.find("2 arguments"), std::string::npos);
}

TEST_F(StructureTest, KeepsConstants) {
  Type types[] = {builder.getI1Type(), si(4), ui(4), si(2), ui(8), si(16), ui(64), builder.getF16Type(),
                  builder.getBF16Type(), f32Type, builder.getF64Type(), Float8E4M3FNType::get(&context),
                  Float4E2M1FNType::get(&context)};
  for (Type type : types)
    for (int64_t size : {0, 1, 3, 9, 5000}) {
      Tensor tensor = Tensor::zeros(type, {size});
      for (int64_t i = 0; i < size; ++i)
        tensor.setBits(i, uint64_t(i) * 2654435761u >> 3);
      ElementsAttr attr = tensor.toAttr();
      EXPECT_EQ(isa<DenseResourceElementsAttr>(attr), tensor.bytes() > 1024);
      Tensor back = Tensor::fromAttr(attr);
      ASSERT_TRUE(back);
      ASSERT_EQ(back.size(), size);
      for (int64_t i = 0; i < size; ++i)
        ASSERT_EQ(back.bits(i), tensor.bits(i));
      EXPECT_EQ(tensor.toAttr(), attr);
    }
  Tensor splat = Tensor::zeros(ui(8), {100000});
  EXPECT_TRUE(isa<DenseElementsAttr>(splat.toAttr()));
  EXPECT_EQ(Tensor::fromAttr(splat.toAttr()).size(), 100000);
}

TEST_F(StructureTest, FoldsWithinALimit) {
  Block block;
  OpBuilder at(&context);
  at.setInsertionPointToStart(&block);
  auto type = RankedTensorType::get({16, 1024}, f32Type);
  Value x = block.addArgument(type, at.getUnknownLoc());
  Operation *op = NegOp::create(at, at.getUnknownLoc(), type, x);
  llvm::SmallVector<ElementsAttr> results;
  ElementsAttr ones = DenseElementsAttr::get(type, 1.0f);
  ASSERT_TRUE(succeeded(foldWithReference(op, ones, results)));
  EXPECT_EQ(results[0], ElementsAttr(DenseElementsAttr::get(type, -1.0f)));
  EXPECT_TRUE(failed(foldWithReference(op, ones, results, 65535)));
  EXPECT_TRUE(results.empty());
  EXPECT_TRUE(failed(foldWithReference(op, ElementsAttr(), results)));
}

TEST_F(StructureTest, SaysWhatStopsIt) {
  Options options;
  options.maxBytes = 100;
  Block block;
  OpBuilder at(&context);
  at.setInsertionPointToStart(&block);
  Location loc = NameLoc::get(at.getStringAttr("my_node"));
  Value x = block.addArgument(RankedTensorType::get({4}, f32Type), loc);
  Value n = block.addArgument(RankedTensorType::get({1}, i64Type), loc);
  Operation *op = TileOp::create(at, loc, RankedTensorType::get({ShapedType::kDynamic}, f32Type), x, n);
  llvm::SmallVector<Tensor> results;
  EXPECT_TRUE(succeeded(evaluate(op, {iota({4}), shape({6})}, results, &error, options)));
  EXPECT_TRUE(failed(evaluate(op, {iota({4}), shape({7})}, results, &error, options)));
  EXPECT_NE(error.find("my_node"), std::string::npos);
  EXPECT_NE(error.find("limit of 100 bytes"), std::string::npos);
  EXPECT_TRUE(failed(evaluate(op, {iota({4}), shape({INT64_MAX})}, results, &error, options)));
  EXPECT_TRUE(failed(evaluate(op, {iota({4})}, results, &error)));
}
