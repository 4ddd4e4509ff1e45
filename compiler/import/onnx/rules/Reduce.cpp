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

//===-- Compositions --------------------------------------------------------===//

namespace {
/// x -> before -> reduce -> after, in floats if `real`.
struct Composition {
  Value (*reduce)(Node &n, Value x, ArrayRef<int64_t> axes, bool keep);
  bool real;
};
} // namespace

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
  Value sum =
      n.reduce(ReduceKind::sum, n.exp(n.sub(x, shift)), axes, keep);
  return n.add(n.log(sum), keep ? shift : n.squeeze(shift, axes));
}

/// `axesSince`: the first opset with axes as an operand.
static Rule reduction(Composition composition, int64_t axesSince) {
  return [=](Node &n) -> LogicalResult {
    Value x = n.operand(0);
    bool keep = n.flag("keepdims", true);
    std::optional<Node::Ints> axes = reductionAxes(n, x, axesSince);
    if (!axes)
      return failure();
    Type type = n.element(x);
    Value result;
    if (composition.real && !n.isFloat(x)) {
      x = n.cast(x, n.b.getF64Type());
      result = composition.reduce(n, x, *axes, keep);
    } else if (composition.real) {
      result = composition.reduce(n, n.cast(x, computeType(n, x)), *axes, keep);
    } else {
      result = composition.reduce(n, x, *axes, keep);
    }
    return n.result(n.cast(result, type));
  };
}

//===-- Others --------------------------------------------------------------===//

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
  std::optional<Node::Ints> axis = n.constants(1);
  bool exclusive = n.flag("exclusive", false);
  bool reverse = n.flag("reverse", false);
  if (n.failed())
    return failure();
  if (axis->size() != 1)
    return n.error() << "has " << axis->size() << " axes, expected 1";
  int64_t positive = n.normalize((*axis)[0], n.rank(x));
  return n.result(n.make<graph::ScanOp>(
      {x},
      {n.b.attr("kind", graph::ScanKindAttr::get(n.b.getContext(), kind)),
       n.b.attr("axis", positive), n.b.flag("exclusive", exclusive),
       n.b.flag("reverse", reverse)}));
}

void nacre::onnx::addReduceRules(RuleTable &table) {
  auto add = [&](StringRef op, Composition composition, int64_t axesSince = 18) {
    table.add(op, 1, reduction(composition, axesSince));
  };
  add("ReduceL1", {reduceL1, false});
  add("ReduceL2", {reduceL2, true});
  add("ReduceLogSum", {reduceLogSum, true});
  add("ReduceLogSumExp", {reduceLogSumExp, true});
  add("ReduceMax", {reducePlain<ReduceKind::max>, false});
  add("ReduceMean", {reduceMean, false});
  add("ReduceMin", {reducePlain<ReduceKind::min>, false});
  add("ReduceProd", {reducePlain<ReduceKind::prod>, false});
  add("ReduceSum", {reducePlain<ReduceKind::sum>, false}, 13);
  add("ReduceSumSquare", {reduceSquare, false});
  table.add("ArgMax", 1, importArg<true>);
  table.add("ArgMin", 1, importArg<false>);
  table.add("CumSum", 11, importScan<graph::ScanKind::sum>);
  table.add("CumProd", 26, importScan<graph::ScanKind::prod>);
}
