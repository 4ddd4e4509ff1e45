// Reading an image at computed places: one gather per neighbour of the place.
#include "compiler/import/onnx/rules/Sample.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using Values = Node::Values;

Value nacre::onnx::reflect(Node &n, Value x, Value low, Value high) {
  Value range = n.sub(high, low);
  Value turn = n.max(n.mul(range, 2), 1e-6);
  Value way = n.make<graph::ModOp>(
      {n.make<graph::AbsOp>({n.sub(x, low)}), turn}, {n.b.flag("fmod", true)});
  Value back = n.compare(Predicate::gt, way, range);
  return n.add(low, n.select(back, n.sub(turn, way), way));
}

Tap nacre::onnx::tapAt(Node &n, Value at, Value weight, Value size, Value low,
                       Value high, Outside outside) {
  Type i64 = n.b.getI64Type();
  Value last = n.sub(size, 1);
  if (outside == Outside::Reflect) {
    Value beyond = n.make<graph::OrOp>({n.compare(Predicate::lt, at, low),
                                        n.compare(Predicate::gt, at, high)});
    at = n.select(beyond, reflect(n, at, low, high), at);
  }
  Value index = n.cast(at, i64);
  Value inside = n.min(n.max(index, 0.0), last);
  if (outside == Outside::Zeros)
    weight = n.select(n.compare(Predicate::eq, index, inside), weight,
                      n.scalarLike(weight, 0));
  return {inside, weight};
}

Value nacre::onnx::sample(Node &n, Value image,
                          ArrayRef<SmallVector<Tap>> dims) {
  Value sum;
  SmallVector<size_t> choice(dims.size(), 0);
  while (!n.failed()) {
    Values indices;
    Value weight;
    for (auto [dim, taps] : llvm::enumerate(dims)) {
      const Tap &tap = taps[choice[dim]];
      indices.push_back(n.unsqueeze(tap.index, {n.rank(tap.index)}));
      weight = weight ? n.mul(weight, tap.weight) : tap.weight;
    }
    int64_t last = n.rank(indices[0]) - 1;
    Value found = n.gatherNd(image, n.concat(indices, last), 1);
    Value part = n.mul(n.cast(found, n.element(weight)),
                       n.unsqueeze(weight, {n.rank(weight)}));
    sum = sum ? n.add(sum, part) : part;
    size_t dim = 0;
    while (dim < dims.size() && ++choice[dim] == dims[dim].size())
      choice[dim++] = 0;
    if (dim == dims.size())
      return sum;
  }
  return {};
}

Value nacre::onnx::channelsLast(Node &n, Value x) {
  Node::Ints perm{0};
  for (int64_t k = 2; k < n.rank(x); ++k)
    perm.push_back(k);
  perm.push_back(1);
  return n.transpose(x, perm);
}

Value nacre::onnx::channelsFirst(Node &n, Value x) {
  Node::Ints perm{0, n.rank(x) - 1};
  for (int64_t k = 1; k < n.rank(x) - 1; ++k)
    perm.push_back(k);
  return n.transpose(x, perm);
}
