//===- GraphIndexed.cpp - Random ops that go by index ---------------------===//
#include "test/fuzz/GraphGenerator.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::fuzz;

Value GraphGenerator::indices(ArrayRef<int64_t> dims, int64_t bound,
                              bool unique) {
  Tensor tensor =
      Tensor::zeros(chance(60) ? b.getI64Type() : b.getI32Type(), dims);
  if (!tensor || tensor.size() > 4096 || (bound == 0 && tensor.size() > 0) ||
      (unique && tensor.size() > bound))
    return {};
  Sizes order = unique ? permutation(bound) : Sizes();
  tensor.rawMutable();
  for (int64_t i = 0; i < tensor.size(); ++i) {
    int64_t index = unique ? order[i] : between(0, bound - 1);
    tensor.setInteger(i, chance(30) ? index - bound : index);
  }
  return fresh(tensor);
}

Value GraphGenerator::tuples(ArrayRef<int64_t> shape, ArrayRef<int64_t> dims) {
  Tensor tensor = Tensor::zeros(b.getI64Type(), shape);
  if (!tensor || tensor.size() > 4096)
    return {};
  tensor.rawMutable();
  int64_t length = shape.back();
  for (int64_t i = 0; i < tensor.size(); ++i) {
    int64_t bound = dims[i % length];
    if (bound == 0)
      return {};
    tensor.setInteger(i, between(chance(20) ? -bound : 0, bound - 1));
  }
  // The length of a tuple has to be known.
  return constant(tensor);
}

void GraphGenerator::gather() {
  Value input = ofRank(1, 4);
  if (!input)
    return;
  int64_t axis = between(0, rankOf(input) - 1);
  emit<graph::GatherOp>(
      {input, indices(sizes(between(0, 2)), dimsOf(input)[axis])},
      b.attr("axis", axis));
}

void GraphGenerator::gatherElements() {
  Value input = ofRank(1, 4);
  if (!input)
    return;
  int64_t axis = between(0, rankOf(input) - 1);
  Sizes dims(dimsOf(input));
  for (int64_t &dim : dims)
    if (chance(30))
      dim = between(std::min<int64_t>(dim, 1), dim);
  dims[axis] = size();
  emit<graph::GatherElementsOp>({input, indices(dims, dimsOf(input)[axis])},
                                b.attr("axis", axis));
}

void GraphGenerator::gatherNd() {
  Value input = ofRank(1, 4);
  if (!input)
    return;
  int64_t batch = between(0, std::min<int64_t>(2, rankOf(input) - 1));
  int64_t length = between(1, rankOf(input) - batch);
  Sizes shape(dimsOf(input).take_front(batch));
  for (int64_t more = between(batch == 0, 2); more > 0; --more)
    shape.push_back(between(1, 4));
  shape.push_back(length);
  emit<graph::GatherNdOp>(
      {input, tuples(shape, dimsOf(input).drop_front(batch))},
      b.attr("batch_dims", batch));
}

void GraphGenerator::scatterElements() {
  Value input = ofRank(1, 4);
  if (!input)
    return;
  int64_t axis = between(0, rankOf(input) - 1);
  Sizes dims(dimsOf(input));
  for (int64_t &dim : dims)
    dim = between(std::min<int64_t>(dim, 1), dim);
  Value where = indices(dims, dimsOf(input)[axis]);
  if (!where)
    return;
  emit<graph::ScatterElementsOp>(
      {input, where, of(typeOf(input), dims)},
      {b.attr("axis", axis), oneOf<graph::ScatterKindAttr>("kind", 4)});
}

void GraphGenerator::scatterNd() {
  Value input = ofRank(1, 4);
  if (!input)
    return;
  int64_t length = between(1, rankOf(input));
  Sizes shape;
  for (int64_t more = between(1, 2); more > 0; --more)
    shape.push_back(between(1, 5));
  Sizes updates(shape);
  llvm::append_range(updates, dimsOf(input).drop_front(length));
  shape.push_back(length);
  emit<graph::ScatterNdOp>(
      {input, tuples(shape, dimsOf(input)), of(typeOf(input), updates)},
      oneOf<graph::ScatterKindAttr>("kind", 4));
}

void GraphGenerator::nonZero() {
  if (Value input = any())
    emit<graph::NonZeroOp>(input, {});
}

void GraphGenerator::topk() {
  Value input = ofRank(1, 4);
  if (!input)
    return;
  int64_t axis = between(0, rankOf(input) - 1);
  emit<graph::TopKOp>({input, integer(between(0, dimsOf(input)[axis]))},
                      {b.attr("axis", axis), coin("largest")});
}

void GraphGenerator::unique() {
  if (Value input = ofRank(2, 2))
    emit<graph::UniqueOp>(input, coin("sorted"));
}

void GraphGenerator::suppression() {
  int64_t batch = between(1, 2), boxes = between(0, 20),
          classes = between(1, 3);
  auto scalar = [&](double value) -> Value {
    Tensor tensor = Tensor::zeros(b.getF32Type(), {});
    tensor.setReal(0, value);
    return fresh(tensor);
  };
  emit<graph::NonMaxSuppressionOp>(
      {of(b.getF32Type(), {batch, boxes, 4}),
       of(b.getF32Type(), {batch, classes, boxes}), integer(between(0, boxes)),
       scalar(0.5), scalar(pick(std::initializer_list<double>{0, 0.3, -1}))},
      coin("centered"));
}

void GraphGenerator::trees() {
  Type real = chance(70) ? b.getF32Type() : b.getF64Type();
  int64_t rows = size(), features = between(1, 5), nodes = between(1, 9);
  auto table = [&](int64_t count, int64_t bound) -> Value {
    Tensor tensor = Tensor::zeros(b.getI64Type(), count);
    tensor.rawMutable();
    for (int64_t i = 0; i < count; ++i)
      tensor.setInteger(i, between(0, bound - 1));
    return fresh(tensor);
  };
  emit<graph::TreeLeavesOp>(
      {of(real, {rows, features}), table(between(1, 4), nodes),
       table(nodes, features), of(real, {nodes}), table(nodes, 6),
       table(nodes, nodes), table(nodes, nodes), of(b.getI1Type(), {nodes})},
      b.attr("depth", between(0, 4)));
}
