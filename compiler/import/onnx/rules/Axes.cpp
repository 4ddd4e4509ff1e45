// Axes that are known at run time only. Ranks are known all the same, so what
// they decide is a matter of shapes, or of one choice per axis.
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;

int64_t nacre::onnx::countAxes(Node &n, Value axes) {
  if (n.rank(axes) == 0)
    return 1;
  if (!n.checkRank(axes, 1, 1))
    return 0;
  int64_t count = n.dim(axes, 0);
  if (ShapedType::isDynamic(count) || count > kMaxRank)
    n.error()
        << "has axes whose number is known at run time only, or more than "
        << kMaxRank;
  return n.failed() ? 0 : count;
}

Value nacre::onnx::axisMask(Node &n, Value axes, int64_t rank) {
  Type i64 = n.b.getI64Type();
  Value list = n.cast(axes, i64);
  if (n.rank(list) == 0)
    list = n.unsqueeze(list, {0});
  Value named = oneHot(n, list, n.i64(rank), 0);
  return n.cast(n.reduce(ReduceKind::any, named, {1}, false), i64);
}

Value nacre::onnx::keepDims(Node &n, Value x, Value mask, int64_t left) {
  Value kept = n.make<graph::NonZeroOp>({n.compare(Predicate::eq, mask, 0.0)});
  Value positions = n.reshape(kept, {left});
  return n.reshape(x, n.gather(n.shapeOf(x), positions, 0));
}

Value nacre::onnx::insertDims(Node &n, Value x, Value mask, int64_t rank) {
  Value before = n.make<graph::ScanOp>(
      {mask}, {n.b.attr("kind", graph::ScanKindAttr::get(n.b.getContext(),
                                                         graph::ScanKind::sum)),
               n.b.attr("axis", int64_t(0)), n.b.flag("exclusive", true),
               n.b.flag("reverse", false)});
  Value inserted = n.compare(Predicate::ne, mask, 0.0);
  // A scalar has no dim to look at, but none is looked at then.
  Value dims = n.rank(x) == 0 ? n.i64s({1}) : n.shapeOf(x);
  Value from = n.sub(n.iota(n.i64(rank)), before);
  Value inside = n.min(from, double(std::max<int64_t>(n.rank(x) - 1, 0)));
  return n.reshape(x, n.select(inserted, n.i64(1), n.gather(dims, inside, 0)));
}

/// The choice among the axes from `k` on.
static Value chooseFrom(Node &n, Value axis, int64_t k, int64_t count,
                        function_ref<Value(int64_t)> build) {
  if (k + 1 >= count)
    return build(k);
  return buildIf(
      n, n.compare(Predicate::eq, axis, double(k)), [&] { return build(k); },
      [&] { return chooseFrom(n, axis, k + 1, count, build); });
}

Value nacre::onnx::switchAxis(Node &n, Value axis, int64_t rank, int64_t count,
                              function_ref<Value(int64_t)> build) {
  Value at = n.toScalar(n.cast(axis, n.b.getI64Type()));
  Value positive =
      n.select(n.compare(Predicate::lt, at, 0.0), n.add(at, double(rank)), at);
  return n.failed() ? Value() : chooseFrom(n, positive, 0, count, build);
}
