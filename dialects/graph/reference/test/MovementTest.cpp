//===- MovementTest.cpp - Movement, gather, scatter ---------------------===//
//
// Most examples are those of the operators' pages in the ONNX documentation.
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/reference/test/Harness.h"

#include <cmath>

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::reference;

namespace {
class MovementTest : public Harness {
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
  Tensor pad(PadMode mode, Tensor input, llvm::ArrayRef<int64_t> pads,
             double value = 0) {
    return eval<PadOp>(
        {input, shape(pads), reals(input.elementType(), {}, {value})},
        input.elementType(), input.rank(), {choice<PadModeAttr>("mode", mode)});
  }
};
} // namespace

//===-- Movement ------------------------------------------------------------//

TEST_F(MovementTest, Reshapes) {
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

TEST_F(MovementTest, Transposes) {
  Tensor y =
      eval<TransposeOp>(iota({2, 3, 2}), f32Type, 3, list("perm", {2, 0, 1}));
  expectReals(y, {2, 2, 3}, {0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11});
}

TEST_F(MovementTest, BroadcastsAndTiles) {
  Tensor y =
      eval<BroadcastOp>({f32({3, 1}, {1, 2, 3}), shape({2, 1, 2})}, f32Type, 3);
  expectReals(y, {2, 3, 2}, {1, 1, 2, 2, 3, 3, 1, 1, 2, 2, 3, 3});
  EXPECT_FALSE(eval<BroadcastOp>({f32(3, {1, 2, 3}), shape({2})}, f32Type, 1));
  y = eval<TileOp>({f32({1, 2}, {1, 2}), shape({2, 2})}, f32Type, 2);
  expectReals(y, {2, 4}, {1, 2, 1, 2, 1, 2, 1, 2});
  EXPECT_FALSE(eval<TileOp>({f32({1}, {1}), shape({-1})}, f32Type, 1));
}

TEST_F(MovementTest, Concatenates) {
  Tensor y = eval<ConcatOp>({f32({2, 1}, {1, 2}), f32({2, 2}, {3, 4, 5, 6})},
                            f32Type, 2, number("axis", 1));
  expectReals(y, {2, 3}, {1, 3, 4, 2, 5, 6});
}

TEST_F(MovementTest, Slices) {
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

TEST_F(MovementTest, Pads) {
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

TEST_F(MovementTest, Counts) {
  Tensor y =
      eval<RangeOp>({f32({}, {1}), f32({}, {10}), f32({}, {3})}, f32Type, 1);
  expectReals(y, 3, {1, 4, 7});
  y = eval<RangeOp>({i64({}, {10}), i64({}, {6}), i64({}, {-3})}, i64Type, 1);
  expectInts(y, 2, {10, 7});
  y = eval<RangeOp>({i64({}, {0}), i64({}, {6}), i64({}, {-3})}, i64Type, 1);
  expectInts(y, {0}, {});
  EXPECT_FALSE(
      eval<RangeOp>({i64({}, {0}), i64({}, {6}), i64({}, {0})}, i64Type, 1));
  EXPECT_FALSE(eval<RangeOp>(
      {i64({}, {INT64_MIN}), i64({}, {INT64_MAX}), i64({}, {1})}, i64Type, 1));
  EXPECT_NE(error.find("limit"), std::string::npos);
}

TEST_F(MovementTest, ReadsBitsAnew) {
  Tensor y = eval<BitcastOp>(f32(1, {1}), si(32), 1,
                             attr("to", TypeAttr::get(si(32))));
  expectInts(y, 1, {0x3f800000});
  EXPECT_FALSE(eval<BitcastOp>(f32(1, {1}), si(64), 1,
                               attr("to", TypeAttr::get(si(64)))));
}

//===-- Indexing ------------------------------------------------------------//

TEST_F(MovementTest, Gathers) {
  Tensor x = f32({3, 2}, {1.0, 1.5, 2.5, 3.5, 4.5, 5.5});
  Tensor y = eval<GatherOp>({x, i64({2, 2}, {0, 1, 1, -1})}, f32Type, 3,
                            number("axis", 0));
  expectReals(y, {2, 2, 2}, {1.0, 1.5, 2.5, 3.5, 2.5, 3.5, 4.5, 5.5});
  y = eval<GatherOp>({x, i64({}, {1})}, f32Type, 1, number("axis", 1));
  expectReals(y, 3, {1.5, 3.5, 5.5});
  for (int64_t index : {3, -4})
    EXPECT_FALSE(
        eval<GatherOp>({x, i64({}, {index})}, f32Type, 1, number("axis", 0)));
  EXPECT_NE(error.find("index -4 is out of range for a dim of 3"),
            std::string::npos);
  y = eval<GatherElementsOp>(
      {f32({2, 2}, {1, 2, 3, 4}), i64({2, 2}, {0, 0, -1, 0})}, f32Type, 2,
      number("axis", 1));
  expectReals(y, {2, 2}, {1, 1, 4, 3});
  y = eval<GatherElementsOp>({f32({3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9}),
                              i64({2, 3}, {1, 2, 0, 2, 0, 0})},
                             f32Type, 2, number("axis", 0));
  expectReals(y, {2, 3}, {4, 8, 3, 7, 2, 3});
}

TEST_F(MovementTest, GathersByTuples) {
  Tensor x = iota({2, 2});
  Tensor y = eval<GatherNdOp>({x, i64({2, 2}, {0, 0, 1, 1})}, f32Type, 1,
                              number("batch_dims", 0));
  expectReals(y, 2, {0, 3});
  y = eval<GatherNdOp>({x, i64({2, 1}, {1, 0})}, f32Type, 2,
                       number("batch_dims", 0));
  expectReals(y, {2, 2}, {2, 3, 0, 1});
  y = eval<GatherNdOp>({iota({2, 2, 2}), i64({2, 1}, {1, 0})}, f32Type, 2,
                       number("batch_dims", 1));
  expectReals(y, {2, 2}, {2, 3, 4, 5});
  EXPECT_FALSE(eval<GatherNdOp>({x, i64({1, 2}, {0, 2})}, f32Type, 1,
                                number("batch_dims", 0)));
}

TEST_F(MovementTest, Scatters) {
  auto scatter = [&](Tensor x, Tensor indices, Tensor updates, int64_t axis,
                     ScatterKind kind) {
    return eval<ScatterElementsOp>(
        {x, indices, updates}, x.elementType(), x.rank(),
        {number("axis", axis), choice<ScatterKindAttr>("kind", kind)});
  };
  Tensor x = f32({1, 5}, {1, 2, 3, 4, 5});
  Tensor twice = i64({1, 2}, {1, 1}), updates = f32({1, 2}, {1.1, 2.1});
  expectReals(scatter(x, i64({1, 2}, {1, 3}), updates, 1, ScatterKind::set),
              {1, 5}, {1, 1.1, 3, 2.1, 5}, 1e-6);
  expectReals(scatter(x, twice, updates, 1, ScatterKind::add), {1, 5},
              {1, 5.2, 3, 4, 5}, 1e-6);
  expectReals(scatter(x, twice, updates, 1, ScatterKind::mul), {1, 5},
              {1, 4.62, 3, 4, 5}, 1e-6);
  expectReals(scatter(x, twice, updates, 1, ScatterKind::max), {1, 5},
              {1, 2.1, 3, 4, 5}, 1e-6);
  expectReals(scatter(x, twice, updates, 1, ScatterKind::min), {1, 5},
              {1, 1.1, 3, 4, 5}, 1e-6);
  expectReals(x, {1, 5}, {1, 2, 3, 4, 5});
  EXPECT_FALSE(
      scatter(x, i64({1, 1}, {5}), f32({1, 1}, {1}), 1, ScatterKind::set));
  Tensor y = eval<ScatterNdOp>(
      {f32(8, {1, 2, 3, 4, 5, 6, 7, 8}), i64({4, 1}, {4, 3, 1, 7}),
       f32(4, {9, 10, 11, 12})},
      f32Type, 1, choice<ScatterKindAttr>("kind", ScatterKind::set));
  expectReals(y, 8, {1, 11, 3, 10, 9, 6, 7, 12});
  y = eval<ScatterNdOp>(
      {iota({2, 2}), i64({2, 1}, {1, 1}), f32({2, 2}, {1, 2, 3, 4})}, f32Type,
      2, choice<ScatterKindAttr>("kind", ScatterKind::add));
  expectReals(y, {2, 2}, {0, 1, 6, 9});
}

TEST_F(MovementTest, FindsNonZeros) {
  Tensor y = eval<NonZeroOp>(ints(builder.getI1Type(), {2, 2}, {1, 0, 1, 1}),
                             i64Type, 2);
  expectInts(y, {2, 3}, {0, 1, 1, 0, 0, 1});
  expectInts(eval<NonZeroOp>(f32(3, {-0.0, NAN, 2}), i64Type, 2), {1, 2},
             {1, 2});
}

TEST_F(MovementTest, FindsTheBest) {
  auto topk = [&](Tensor x, int64_t k, int64_t axis, bool largest) {
    return evaluateAll<TopKOp>(
        {x, i64({}, {k})}, {number("axis", axis), flag("largest", largest)},
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
