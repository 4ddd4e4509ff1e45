//===- GraphMovement.cpp - Random ops that move elements ------------------===//
#include "test/fuzz/GraphGenerator.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::fuzz;

Value GraphGenerator::integers(ArrayRef<int64_t> wanted) {
  // The dims of a value, if they are what is asked for.
  for (Value value : values)
    if (!wanted.empty() && dimsOf(value) == wanted && chance(40)) {
      auto made = emit<graph::ShapeOp>(value, {});
      return made.empty() ? Value() : made.front();
    }
  Tensor tensor = Tensor::vector(&context, wanted);
  return chance(75) ? constant(tensor) : argument(tensor);
}

Value GraphGenerator::integer(int64_t value) {
  Tensor tensor = Tensor::scalar(&context, value);
  return chance(75) ? constant(tensor) : argument(tensor);
}

/// `count` elements under up to four dims.
static void splitCount(int64_t count,
                       llvm::function_ref<int64_t(int64_t)> below,
                       SmallVectorImpl<int64_t> &dims) {
  for (int64_t k = below(3); k >= 0 && count > 0; --k) {
    SmallVector<int64_t> divisors;
    for (int64_t d = 1; d <= count && d < 300; ++d)
      if (count % d == 0)
        divisors.push_back(d);
    dims.push_back(divisors[below(divisors.size())]);
    count /= dims.back();
  }
  dims.push_back(count);
}

void GraphGenerator::reshape() {
  Value input = any();
  if (!input)
    return;
  Sizes dims;
  splitCount(
      tensorOf(input).size(), [&](int64_t n) { return between(0, n - 1); },
      dims);
  bool allowZero = chance(20);
  if (chance(40))
    dims[between(0, dims.size() - 1)] = -1;
  for (auto [k, dim] : llvm::enumerate(dims))
    if (!allowZero && int64_t(k) < rankOf(input) && dim == dimsOf(input)[k] &&
        chance(30))
      dim = 0;
  emit<graph::ReshapeOp>({input, integers(dims)},
                         b.flag("allow_zero", allowZero));
}

void GraphGenerator::collapse() {
  Value input = ofRank(1, 5);
  if (!input)
    return;
  Sizes starts{0};
  for (int64_t k = 1; k < rankOf(input); ++k)
    if (chance(50))
      starts.push_back(k);
  emit<graph::CollapseOp>(input, b.attr("starts", starts));
}

void GraphGenerator::squeeze() {
  Value input = any([](const Tensor &tensor) {
    return llvm::is_contained(tensor.dims(), 1);
  });
  if (!input)
    return;
  Sizes axes;
  for (auto [k, dim] : llvm::enumerate(dimsOf(input)))
    if (dim == 1 && chance(70))
      axes.push_back(int64_t(k));
  emit<graph::SqueezeOp>(input, b.attr("axes", axes));
}

void GraphGenerator::unsqueeze() {
  Value input = ofRank(0, 3);
  if (!input)
    return;
  int64_t more = between(1, 2);
  Sizes axes = permutation(rankOf(input) + more);
  axes.resize(more);
  emit<graph::UnsqueezeOp>(input, b.attr("axes", axes));
}

void GraphGenerator::broadcast() {
  Value input = ofRank(0, 4);
  if (!input)
    return;
  Sizes dims(dimsOf(input));
  for (int64_t &dim : dims)
    dim = dim == 1 ? between(1, 5) : chance(30) ? 1 : dim;
  if (chance(40))
    dims.insert(dims.begin(), between(1, 4));
  emit<graph::BroadcastOp>({input, integers(dims)}, {});
}

void GraphGenerator::transpose() {
  Value input = ofRank(1, 5);
  if (input)
    emit<graph::TransposeOp>(input, b.attr("perm", permutation(rankOf(input))));
}

void GraphGenerator::concat() {
  Value first = ofRank(1, 5);
  if (!first)
    return;
  int64_t axis = between(0, rankOf(first) - 1);
  SmallVector<Value> inputs{first};
  for (int64_t more = between(0, 2); more >= 0; --more) {
    Sizes dims(dimsOf(first));
    if (chance(50))
      dims[axis] = size();
    if (Value next = of(typeOf(first), dims))
      inputs.insert(inputs.begin() + between(0, inputs.size()), next);
  }
  emit<graph::ConcatOp>(inputs, b.attr("axis", axis));
}

void GraphGenerator::slice() {
  Value input = ofRank(1, 5);
  if (!input)
    return;
  Sizes axes = someAxes(rankOf(input), true), starts, ends, steps;
  for (int64_t axis : axes) {
    int64_t dim = dimsOf(input)[axis];
    int64_t step = chance(60) ? 1
                              : pick(std::initializer_list<int64_t>{
                                    2, 3, -1, -2, 7, INT64_MAX, INT64_MIN});
    int64_t from = between(0, dim), to = between(from, dim);
    if (step < 0)
      std::swap(--from, --to);
    // To the end, out of bounds, and counted from the end.
    if (chance(20))
      to = step > 0 ? INT64_MAX : INT64_MIN;
    else if (chance(30) && to >= 0)
      to -= dim;
    if (chance(20) && from > 0)
      from -= dim;
    starts.push_back(from);
    ends.push_back(to);
    steps.push_back(step);
  }
  emit<graph::SliceOp>({input, integers(starts), integers(ends)},
                       {b.attr("axes", axes), b.attr("steps", steps)});
}

void GraphGenerator::pad() {
  Value input = ofRank(1, 4);
  if (!input)
    return;
  Sizes pads;
  for (int64_t k = 0; k < 2 * rankOf(input); ++k)
    pads.push_back(chance(50)   ? 0
                   : chance(80) ? between(0, 4)
                                : between(-2, 0));
  emit<graph::PadOp>({input, integers(pads), fresh(typeOf(input), {})},
                     oneOf<graph::PadModeAttr>("mode", 3));
}

void GraphGenerator::tile() {
  Value input = ofRank(0, 4);
  if (!input)
    return;
  Sizes repeats;
  for (int64_t k = 0; k < rankOf(input); ++k)
    repeats.push_back(chance(50) ? 1 : between(0, 3));
  emit<graph::TileOp>({input, integers(repeats)}, {});
}

void GraphGenerator::bitcast() {
  if (Value input = any())
    for (int attempt = 0; attempt < 4; ++attempt)
      if (!emit<graph::BitcastOp>(input,
                                  b.attr("to", TypeAttr::get(elementType())))
               .empty())
        return;
}

void GraphGenerator::shape() {
  if (Value input = any())
    emit<graph::ShapeOp>(input, {});
}

void GraphGenerator::range() {
  Type type = elementType();
  auto scalar = [&](double value) -> Value {
    Tensor tensor = Tensor::zeros(type, {});
    tensor.setReal(0, value);
    return chance(50) ? constant(tensor) : argument(tensor);
  };
  int64_t start = between(-4, 4),
          step = pick(std::initializer_list<int64_t>{1, 2, 3, -1, -2});
  emit<graph::RangeOp>({scalar(double(start)),
                        scalar(double(start + step * between(-1, 20))),
                        scalar(double(step))},
                       {});
}
