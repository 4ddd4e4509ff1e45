//===- GraphCompute.cpp - Random reductions, contractions, windows --------===//
#include "test/fuzz/GraphGenerator.h"

#include <cmath>

using namespace mlir;
using namespace nacre;
using namespace nacre::fuzz;

ArrayRef<GraphGenerator::Weighted> GraphGenerator::families() {
  using G = GraphGenerator;
  static constexpr Weighted all[] = {
      {&G::elementwise, 40},  {&G::cast, 4},
      {&G::quantize, 4},      {&G::reshape, 4},
      {&G::collapse, 2},      {&G::squeeze, 2},
      {&G::unsqueeze, 2},     {&G::broadcast, 3},
      {&G::transpose, 6},     {&G::concat, 4},
      {&G::slice, 6},         {&G::pad, 4},
      {&G::tile, 2},          {&G::bitcast, 1},
      {&G::shape, 1},         {&G::range, 1},
      {&G::gather, 3},        {&G::gatherElements, 2},
      {&G::gatherNd, 2},      {&G::scatterElements, 3},
      {&G::scatterNd, 2},     {&G::nonZero, 1},
      {&G::topk, 2},          {&G::unique, 1},
      {&G::suppression, 1},   {&G::trees, 1},
      {&G::reduce, 8},        {&G::argReduce, 3},
      {&G::softmax, 4},       {&G::scan, 3},
      {&G::matmul, 7},        {&G::det, 1},
      {&G::conv, 7},          {&G::convTranspose, 2},
      {&G::pool, 4},          {&G::resize, 4},
      {&G::randomNumbers, 1},
  };
  return all;
}

/// Whether products of some elements stay far from the borders of their type.
bool GraphGenerator::isMild(Value value) {
  const Tensor &tensor = tensorOf(value);
  for (int64_t i = 0; i < tensor.size(); ++i)
    if (double size = std::fabs(tensor.real(i));
        size != 0 && !(size > 0.25 && size < 8))
      return false;
  return true;
}

void GraphGenerator::reduce() {
  Value input = ofRank(0, 5);
  if (!input)
    return;
  auto kind = graph::ReduceKind(between(0, typeOf(input).isInteger(1) ? 5 : 3));
  if (kind == graph::ReduceKind::prod && !isMild(input))
    kind = graph::ReduceKind::sum;
  emit<graph::ReduceOp>(
      input,
      {b.attr("kind", graph::ReduceKindAttr::get(&context, kind)),
       b.attr("axes", someAxes(rankOf(input), false)), coin("keep_dims")});
}

void GraphGenerator::argReduce() {
  Value input = ofRank(1, 4);
  if (input)
    emit<graph::ArgReduceOp>(
        input, {b.attr("axis", between(0, rankOf(input) - 1)), coin("largest"),
                coin("select_last"), coin("keep_dims")});
}

void GraphGenerator::softmax() {
  Value input = real(1);
  if (input)
    emit<graph::SoftmaxOp>(
        input, {b.attr("axis", between(0, rankOf(input) - 1)), coin("log")});
}

void GraphGenerator::scan() {
  Value input = ofRank(1, 4);
  if (input)
    emit<graph::ScanOp>(input,
                        {oneOf<graph::ScanKindAttr>("kind", isMild(input)),
                         b.attr("axis", between(0, rankOf(input) - 1)),
                         coin("exclusive"), coin("reverse")});
}

std::pair<Type, Type> GraphGenerator::contractedTypes() {
  if (chance(70)) {
    Type type = floatType();
    return {type, type};
  }
  auto byte = [&]() -> Type {
    return IntegerType::get(&context, 8,
                            chance(50) ? IntegerType::Unsigned
                                       : IntegerType::Signless);
  };
  return {byte(), byte()};
}

void GraphGenerator::matmul() {
  Value lhs = any([](const Tensor &tensor) { return tensor.rank() >= 2; });
  auto [left, right] = contractedTypes();
  if (lhs && chance(60))
    left = typeOf(lhs), right = left;
  else
    lhs = fresh(left, sizes(between(2, 3)));
  if (!lhs)
    return;
  Sizes dims(dimsOf(lhs));
  dims[dims.size() - 2] = dims.back();
  dims.back() = chance(10) ? between(60, 300) : size();
  for (size_t k = 0; k + 2 < dims.size(); ++k)
    if (chance(30))
      dims[k] = dims[k] == 1 ? between(1, 3) : 1;
  if (dims.size() > 2 && chance(30))
    dims.erase(dims.begin());
  emit<graph::MatmulOp>({lhs, of(right, dims)}, {});
}

void GraphGenerator::det() {
  int64_t n = between(0, 6);
  Sizes dims = sizes(between(0, 1));
  dims.append({n, n});
  // What elimination makes of numbers of very different size is all rounding.
  Tensor tensor =
      Tensor::zeros(chance(70) ? b.getF32Type() : b.getF64Type(), dims);
  fill(tensor, /*keepSmall=*/true);
  Value input = fresh(tensor);
  if (chance(70))
    emit<graph::DetOp>(input, {});
  else
    emit<graph::InverseOp>(input, {});
}

GraphGenerator::Attributes GraphGenerator::windowAttributes(unsigned spatial) {
  Sizes strides, dilations, pads;
  for (unsigned k = 0; k < spatial; ++k) {
    strides.push_back(chance(60) ? 1 : between(1, 4));
    dilations.push_back(chance(75) ? 1 : between(1, 3));
  }
  for (unsigned k = 0; k < 2 * spatial; ++k)
    pads.push_back(chance(50) ? 0 : between(0, 3));
  return {b.attr("strides", strides), b.attr("dilations", dilations),
          b.attr("pads", pads)};
}

/// Finite numbers: what an infinity makes of the zeros around and between the
/// elements of the input is left open.
Value GraphGenerator::weights(Type element, ArrayRef<int64_t> dims) {
  Tensor tensor = Tensor::zeros(element, dims);
  if (!tensor || tensor.size() > 1 << 14)
    return {};
  fill(tensor, /*keepSmall=*/true);
  return fresh(tensor);
}

void GraphGenerator::conv() {
  auto [left, right] = contractedTypes();
  Value input = chance(60) ? real(3, 5) : Value();
  if (input)
    left = right = typeOf(input);
  int64_t groups = chance(70) ? 1 : between(1, 4);
  if (!input) {
    unsigned spatial = between(1, 3);
    Sizes dims{between(1, 3), groups * between(1, 20)};
    for (unsigned k = 0; k < spatial; ++k)
      dims.push_back(between(1, 36 >> (2 * spatial - 2) | 4));
    input = fresh(left, dims);
  }
  if (!input)
    return;
  int64_t channels = dimsOf(input)[1];
  if (chance(15))
    groups = channels;
  if (groups == 0 || channels % groups != 0)
    return;
  Sizes weight{groups * between(1, chance(20) ? 40 : 6), channels / groups};
  for (int64_t k = 2; k < rankOf(input); ++k)
    weight.push_back(chance(40) ? 1 : between(1, 5));
  Attributes attributes = windowAttributes(rankOf(input) - 2);
  attributes.push_back(b.attr("groups", groups));
  emit<graph::ConvOp>({input, weights(right, weight)}, attributes);
}

void GraphGenerator::convTranspose() {
  Value input = real(3, 5);
  if (!input)
    return;
  int64_t groups = chance(70) ? 1 : between(1, 3), channels = dimsOf(input)[1];
  if (channels % groups != 0)
    return;
  Sizes weight{channels, between(1, 5)};
  Sizes more;
  for (int64_t k = 2; k < rankOf(input); ++k) {
    weight.push_back(between(1, 4));
    more.push_back(chance(70) ? 0 : between(0, 2));
  }
  Attributes attributes = windowAttributes(rankOf(input) - 2);
  attributes.push_back(b.attr("output_padding", more));
  attributes.push_back(b.attr("groups", groups));
  emit<graph::ConvTransposeOp>({input, weights(typeOf(input), weight)},
                               attributes);
}

void GraphGenerator::pool() {
  Value input = ofRank(3, 5);
  if (!input)
    return;
  Sizes window;
  for (int64_t k = 2; k < rankOf(input); ++k)
    window.push_back(between(1, 4));
  Attributes attributes = windowAttributes(rankOf(input) - 2);
  attributes.push_back(b.attr("window", window));
  attributes.push_back(coin("ceil_mode"));
  if (chance(20)) {
    attributes.push_back(coin("column_major"));
    emit<graph::PoolIndicesOp>(input, attributes);
    return;
  }
  attributes.push_back(oneOf<graph::PoolKindAttr>("kind", 3));
  emit<graph::PoolOp>(input, attributes);
}

void GraphGenerator::resize() {
  Value input = chance(70) ? real(1, 5) : ofRank(1, 5);
  if (!input)
    return;
  Sizes sizes;
  Tensor scales = Tensor::zeros(b.getF32Type(), {rankOf(input)});
  scales.rawMutable();
  for (auto [k, dim] : llvm::enumerate(dimsOf(input))) {
    bool same = chance(50) || dim == 0;
    sizes.push_back(same ? dim : between(1, 12));
    scales.setReal(k, same ? 1.0 : double(sizes.back()) / double(dim));
  }
  Value roi = fresh(b.getF32Type(), chance(50) ? 2 * rankOf(input) : 0);
  emit<graph::ResizeOp>({input, integers(sizes), fresh(scales), roi},
                        {oneOf<graph::ResizeModeAttr>("mode", 2),
                         oneOf<graph::ResizeCoordAttr>("coord", 6),
                         oneOf<graph::ResizeNearestAttr>("nearest", 3),
                         b.attr("cubic_a", b.getF64FloatAttr(-0.75)),
                         coin("exclude_outside"), coin("antialias"),
                         b.attr("extrapolation", b.getF64FloatAttr(0.5))});
}

void GraphGenerator::randomNumbers() {
  emit<graph::RandomOp>(integers(sizes(between(1, 3))),
                        {oneOf<graph::RandomKindAttr>("kind", 1),
                         b.attr("a", b.getF64FloatAttr(-1)),
                         b.attr("b", b.getF64FloatAttr(2)),
                         b.attr("seed", between(0, 1000)),
                         b.attr("dtype", TypeAttr::get(floatType()))});
}
