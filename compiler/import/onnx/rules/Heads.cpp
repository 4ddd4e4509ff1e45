#include "compiler/import/onnx/rules/Heads.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;

Value nacre::onnx::splitHeads(Node &n, Value x, int64_t heads) {
  if (!n.checkRank(x, 3, 3))
    return {};
  int64_t width = n.dim(x, 2);
  if (heads < 1 || (!ShapedType::isDynamic(width) && width % heads != 0)) {
    if (!n.failed())
      n.error() << "has " << heads << " heads for a width of " << width;
    return {};
  }
  Value size = n.div(n.dimOf(x, 2), double(heads));
  Value shape = n.concat({n.dimsOf(x, 0, 2), n.i64s({heads}), size}, 0);
  return n.transpose(n.reshape(x, shape), {0, 2, 1, 3});
}

Value nacre::onnx::mergeHeads(Node &n, Value x) {
  return n.collapse(n.transpose(x, {0, 2, 1, 3}), {0, 1, 2});
}

/// Query heads as [batch, key heads, group, sequence, size]; the keys get a dim
/// of 1 there, so that a group shares them without a copy.
static Value grouped(Node &n, Value q, Value k) {
  Value kv = n.dimOf(k, 1);
  Value group = n.div(n.dimOf(q, 1), kv);
  return n.reshape(q,
                   n.concat({n.dimOf(q, 0), kv, group, n.dimsOf(q, 2, 4)}, 0));
}

static Value ungrouped(Node &n, Value x) { return n.collapse(x, {0, 1, 3, 4}); }

static bool sameHeads(Node &n, Value q, Value k) {
  return !ShapedType::isDynamic(n.dim(q, 1)) && n.dim(q, 1) == n.dim(k, 1);
}

Value nacre::onnx::scoresOf(Node &n, Value q, Value k) {
  Value keys = n.transpose(k, {0, 1, 3, 2});
  if (sameHeads(n, q, k))
    return n.matmul(q, keys);
  return ungrouped(n, n.matmul(grouped(n, q, k), n.unsqueeze(keys, {2})));
}

Value nacre::onnx::weigh(Node &n, Value probabilities, Value v) {
  if (sameHeads(n, probabilities, v))
    return n.matmul(probabilities, v);
  return ungrouped(n,
                   n.matmul(grouped(n, probabilities, v), n.unsqueeze(v, {2})));
}

bool nacre::onnx::checkHeads(Node &n, Value q, Value k, Value v) {
  int64_t heads = n.dim(q, 1), shared = n.dim(k, 1);
  if (n.failed())
    return false;
  if (!ShapedType::isDynamic(heads) && !ShapedType::isDynamic(shared) &&
      (shared < 1 || heads % shared != 0 || n.dim(v, 1) != shared))
    n.error() << "has " << heads << " query heads for " << shared
              << " key heads and " << n.dim(v, 1) << " value heads";
  auto differ = [&](Value x, Value y, int64_t axis) {
    int64_t one = n.dim(x, axis), other = n.dim(y, axis);
    return !ShapedType::isDynamic(one) && !ShapedType::isDynamic(other) &&
           one != other;
  };
  if (!n.failed() && (differ(q, k, 0) || differ(k, v, 0) || differ(k, v, 2) ||
                      differ(q, k, 3)))
    n.error() << "has heads of types " << q.getType() << ", " << k.getType()
              << " and " << v.getType()
              << ", whose batches, lengths or sizes differ";
  return !n.failed();
}

Value nacre::onnx::distance(Node &n, Value q, Value k, Value offset) {
  Value row = n.unsqueeze(n.iota(n.toScalar(n.dimOf(q, 2))), {1});
  Value column = n.unsqueeze(n.iota(n.toScalar(n.dimOf(k, 2))), {0});
  return n.sub(n.add(row, offset), column);
}

Value nacre::onnx::maskedSoftmax(Node &n, Value scores, Value bias) {
  Value result = n.softmax(scores, 3);
  if (!bias)
    return result;
  Value most = n.reduce(ReduceKind::max, bias, {n.rank(bias) - 1}, true);
  Value blind = n.compare(Predicate::eq, most, -kInfinity);
  return n.select(blind, n.scalarLike(result, 0), result);
}

Value nacre::onnx::inverseRoot(Node &n, Value q) {
  int64_t size = n.dim(q, 3);
  Type f32 = n.b.getF32Type();
  if (!ShapedType::isDynamic(size))
    return n.scalar(f32, 1 / std::sqrt(double(std::max<int64_t>(size, 1))));
  return n.make<graph::RsqrtOp>({n.cast(n.toScalar(n.dimOf(q, 3)), f32)});
}

double nacre::onnx::defaultScale(Node &n, Value q) {
  int64_t size = n.dim(q, 3);
  if (ShapedType::isDynamic(size) && !n.hasAttr("scale") && !n.failed())
    n.error() << "has neither a scale nor a head size that is known now";
  return 1 / std::sqrt(double(std::max<int64_t>(size, 1)));
}

//===-- Positions
//-----------------------------------------------------------===//

Value nacre::onnx::rotate(Node &n, Value x, Value cos, Value sin,
                          int64_t rotated, bool interleaved) {
  int64_t size = n.dim(x, 3);
  if (n.failed())
    return {};
  if (ShapedType::isDynamic(size) || rotated < 0 || rotated % 2 != 0 ||
      rotated > size) {
    n.error() << "rotates " << rotated << " elements of heads of " << size;
    return {};
  }
  cos = n.unsqueeze(cos, {1});
  sin = n.unsqueeze(sin, {1});
  Value part = n.slice(x, 3, 0, rotated), x1, x2;
  if (interleaved) {
    Value pairs = n.reshape(
        part, n.concat({n.dimsOf(part, 0, 3), n.i64s({rotated / 2, 2})}, 0));
    x1 = n.squeeze(n.slice(pairs, 4, 0, 1), {4});
    x2 = n.squeeze(n.slice(pairs, 4, 1, 2), {4});
  } else {
    x1 = n.slice(part, 3, 0, rotated / 2);
    x2 = n.slice(part, 3, rotated / 2, rotated);
  }
  Value real = n.sub(n.mul(cos, x1), n.mul(sin, x2));
  Value imaginary = n.add(n.mul(sin, x1), n.mul(cos, x2));
  Value turned = interleaved
                     ? n.collapse(n.concat({n.unsqueeze(real, {4}),
                                            n.unsqueeze(imaginary, {4})},
                                           4),
                                  {0, 1, 2, 3})
                     : n.concat({real, imaginary}, 3);
  if (rotated < size)
    turned = n.concat({turned, n.slice(x, 3, rotated, size)}, 3);
  return turned;
}

//===-- Caches
//--------------------------------------------------------------===//

Cache nacre::onnx::appendRows(Node &n, Value past, Value fresh, Value length) {
  if (!length) {
    Value rows = n.concat({past, fresh}, 2);
    return {rows, rows};
  }
  length = n.reshape(n.cast(length, n.b.getI64Type()), {1});
  Value before = n.slice(past, n.i64s({0}), length, {2}, {1});
  Value rows = n.concat({before, fresh}, 2);
  Value behind = n.slice(past, n.dimOf(rows, 2), n.i64s({INT64_MAX}), {2}, {1});
  return {rows, n.concat({rows, behind}, 2)};
}

Value nacre::onnx::writeRows(Node &n, Value cache, Value fresh, Value first) {
  // Each row of the cache looks for its own: nothing is written out of place.
  Value row = n.unsqueeze(n.iota(n.toScalar(n.dimOf(cache, 2))), {1});
  Value at = n.sub(row, n.unsqueeze(first, {1, 2, 3})); // [batch, 1, rows, 1]
  Value count = n.toScalar(n.dimOf(fresh, 2));
  Value inside = n.make<graph::AndOp>(
      {n.compare(Predicate::ge, at, 0.0), n.compare(Predicate::lt, at, count)});
  Value all = fresh;
  if (n.dim(fresh, 2) != 1) {
    Value index = n.min(n.max(at, 0.0), n.sub(count, 1));
    Value shape = n.concat({n.dimsOf(cache, 0, 3), n.i64s({1})}, 0);
    all = n.gatherNd(fresh, n.broadcast(index, shape), 2);
  }
  Value before = n.compare(Predicate::lt, at, 0.0);
  return n.select(inside, all,
                  n.select(before, cache, n.scalarLike(cache, 0)));
}
