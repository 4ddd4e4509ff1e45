#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;

std::optional<Node::Ints> nacre::onnx::reductionAxes(Node &n, Value x,
                                                     int64_t inputSince) {
  Node::Ints axes;
  bool noop = false;
  if (n.opset() >= inputSince) {
    axes = n.constants(1).value_or(Node::Ints());
    noop = n.flag("noop_with_empty_axes", false);
  } else {
    axes = n.ints("axes");
  }
  if (axes.empty() && !noop)
    axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x)));
  axes = n.normalize(axes, n.rank(x));
  llvm::sort(axes);
  return n.failed() ? std::nullopt : std::optional(axes);
}

//===-- Compositions
//--------------------------------------------------------===//

namespace {

/// The same in steps: elements, then one axis after the other, then the result
/// (with the number of elements that went into each).
struct StepwiseReduction {
  Value (*before)(Node &n, Value x);
  ReduceKind kind;
  Value (*after)(Node &n, Value x, Value count);
};

struct Composition {
  Value (*reduce)(Node &n, Value x, ArrayRef<int64_t> axes, bool keep);
  bool real; ///< computed in floats
  StepwiseReduction steps;
};

} // namespace

static Value same(Node &n, Value x) { return x; }
static Value absolute(Node &n, Value x) { return n.make<graph::AbsOp>({x}); }
static Value square(Node &n, Value x) { return n.mul(x, x); }
static Value exponential(Node &n, Value x) { return n.exp(x); }
static Value result(Node &n, Value x, Value) { return x; }
static Value root(Node &n, Value x, Value) { return n.sqrt(x); }
static Value logarithm(Node &n, Value x, Value) { return n.log(x); }
static Value average(Node &n, Value x, Value count) {
  return n.div(x, n.cast(count, n.element(x)));
}

static Value plain(Node &n, ReduceKind kind, Value x, ArrayRef<int64_t> axes,
                   bool keep) {
  // Of bools the greatest is `any`, the least `all`.
  if (x && n.element(x).isInteger(1) && kind == ReduceKind::max)
    kind = ReduceKind::any;
  if (x && n.element(x).isInteger(1) && kind == ReduceKind::min)
    kind = ReduceKind::all;
  return n.reduce(kind, x, axes, keep);
}

template <ReduceKind kind>
static Value reducePlain(Node &n, Value x, ArrayRef<int64_t> axes, bool keep) {
  return plain(n, kind, x, axes, keep);
}

static Value reduceMean(Node &n, Value x, ArrayRef<int64_t> axes, bool keep) {
  return n.mean(x, axes, keep);
}

static Value reduceL1(Node &n, Value x, ArrayRef<int64_t> axes, bool keep) {
  return n.reduce(ReduceKind::sum, n.make<graph::AbsOp>({x}), axes, keep);
}

static Value reduceSquare(Node &n, Value x, ArrayRef<int64_t> axes, bool keep) {
  return n.reduce(ReduceKind::sum, n.mul(x, x), axes, keep);
}

static Value reduceL2(Node &n, Value x, ArrayRef<int64_t> axes, bool keep) {
  return n.sqrt(reduceSquare(n, x, axes, keep));
}

static Value reduceLogSum(Node &n, Value x, ArrayRef<int64_t> axes, bool keep) {
  return n.log(n.reduce(ReduceKind::sum, x, axes, keep));
}

/// The greatest element is taken out first, so that exp does not overflow; an
/// infinite one is not, as infinity - infinity is no number.
static Value reduceLogSumExp(Node &n, Value x, ArrayRef<int64_t> axes,
                             bool keep) {
  Value most = n.reduce(ReduceKind::max, x, axes, true);
  Value infinite = n.make<graph::IsInfOp>(
      {most}, {n.b.flag("negative", true), n.b.flag("positive", true)});
  Value shift = n.select(infinite, n.scalarLike(x, 0), most);
  Value sum = n.reduce(ReduceKind::sum, n.exp(n.sub(x, shift)), axes, keep);
  return n.add(n.log(sum), keep ? shift : n.squeeze(shift, axes));
}

/// One after the other, each axis is reduced or not. What is done to the
/// elements before and after is the same for all axes, so it is taken out.
static LogicalResult reduceComputed(Node &n, StepwiseReduction steps, Value x,
                                    Type type, bool keep, bool noop) {
  Value axes = n.operand(1), mask = axisMask(n, axes, n.rank(x));
  int64_t rank = n.rank(x), count = countAxes(n, axes);
  if (n.failed())
    return failure();
  if (count == 0) {
    // No axes are all axes, or none.
    mask = n.broadcast(n.i64(noop ? 0 : 1), n.i64s({rank}));
    count = noop ? 0 : rank;
  }
  Value y = steps.before(n, x);
  Value elements = n.i64(1);
  for (int64_t k = 0; k < rank; ++k) {
    Value chosen =
        n.compare(Predicate::ne, n.toScalar(n.slice(mask, 0, k, k + 1)), 0.0);
    Value whole = y;
    elements =
        n.select(chosen, n.mul(elements, n.toScalar(n.dimOf(x, k))), elements);
    y = buildIf(
        n, chosen, [&] { return plain(n, steps.kind, whole, {k}, true); },
        [&] { return whole; });
  }
  y = steps.after(n, y, elements);
  if (!keep)
    y = keepDims(n, y, mask, rank - count);
  return n.result(n.cast(y, type));
}

/// `axesSince`: the first opset with axes as an operand.
static Rule reduction(Composition composition, int64_t axesSince) {
  return [=](Node &n) -> LogicalResult {
    Value x = n.operand(0);
    bool keep = n.flag("keepdims", true);
    Type type = n.element(x);
    if (composition.real && x)
      x = n.cast(x, n.isFloat(x) ? computeType(n, x) : n.b.getF64Type());
    if (n.opset() >= axesSince && n.isComputed(1))
      return reduceComputed(n, composition.steps, x, type, keep,
                            n.flag("noop_with_empty_axes", false));
    std::optional<Node::Ints> axes = reductionAxes(n, x, axesSince);
    if (!axes)
      return failure();
    return n.result(n.cast(composition.reduce(n, x, *axes, keep), type));
  };
}

//===-- Others
//--------------------------------------------------------------===//

template <bool largest>
static LogicalResult importArg(Node &n) {
  Value x = n.operand(0);
  int64_t axis = n.axis("axis", 0, x);
  bool keep = n.flag("keepdims", true);
  bool last = n.flag("select_last_index", false);
  if (n.failed())
    return failure();
  return n.result(n.make<graph::ArgReduceOp>(
      {x}, {n.b.attr("axis", axis), n.b.flag("largest", largest),
            n.b.flag("select_last", last), n.b.flag("keep_dims", keep)}));
}

template <graph::ScanKind kind>
static LogicalResult importScan(Node &n) {
  Value x = n.operand(0);
  n.operand(1);
  bool exclusive = n.flag("exclusive", false);
  bool reverse = n.flag("reverse", false);
  auto scan = [&](int64_t axis) {
    return n.make<graph::ScanOp>(
        {x},
        {n.b.attr("kind", graph::ScanKindAttr::get(n.b.getContext(), kind)),
         n.b.attr("axis", axis), n.b.flag("exclusive", exclusive),
         n.b.flag("reverse", reverse)});
  };
  if (n.isComputed(1) && n.checkRank(x, 1))
    return n.result(switchAxis(n, n.operand(1), n.rank(x), n.rank(x), scan));
  std::optional<Node::Ints> axis = n.constants(1);
  if (n.failed())
    return failure();
  if (axis->size() != 1)
    return n.error() << "has " << axis->size() << " axes, expected 1";
  return n.result(scan(n.normalize((*axis)[0], n.rank(x))));
}

void nacre::onnx::addReduceRules(RuleTable &table) {
  auto add = [&](StringRef op, Composition composition,
                 int64_t axesSince = 18) {
    table.add(op, 1, reduction(composition, axesSince));
  };
  constexpr ReduceKind sum = ReduceKind::sum, max = ReduceKind::max,
                       min = ReduceKind::min, prod = ReduceKind::prod;
  add("ReduceL1", {reduceL1, false, {absolute, sum, result}});
  add("ReduceL2", {reduceL2, true, {square, sum, root}});
  add("ReduceLogSum", {reduceLogSum, true, {same, sum, logarithm}});
  add("ReduceLogSumExp",
      {reduceLogSumExp, true, {exponential, sum, logarithm}});
  add("ReduceMax", {reducePlain<max>, false, {same, max, result}});
  add("ReduceMean", {reduceMean, false, {same, sum, average}});
  add("ReduceMin", {reducePlain<min>, false, {same, min, result}});
  add("ReduceProd", {reducePlain<prod>, false, {same, prod, result}});
  add("ReduceSum", {reducePlain<sum>, false, {same, sum, result}}, 13);
  add("ReduceSumSquare", {reduceSquare, false, {square, sum, result}});
  table.add("ArgMax", 1, importArg<true>);
  table.add("ArgMin", 1, importArg<false>);
  table.add("CumSum", 11, importScan<graph::ScanKind::sum>);
  table.add("CumProd", 26, importScan<graph::ScanKind::prod>);
}
