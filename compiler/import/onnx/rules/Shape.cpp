#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;

static LogicalResult importShape(Node &n) {
  Value x = n.operand(0);
  int64_t rank = n.rank(x);
  auto clamp = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + rank : at, 0, rank);
  };
  int64_t start = clamp(n.i("start", 0)), end = clamp(n.i("end", rank));
  return n.result(n.dimsOf(x, start, std::max(start, end)));
}

static LogicalResult importSize(Node &n) {
  return n.result(n.sizeOf(n.operand(0)));
}

static LogicalResult importReshape(Node &n) {
  Value x = n.operand(0), shape = n.operand(1);
  bool allowZero = n.flag("allowzero", false);
  n.checkShape(shape);
  return n.result(n.make<graph::ReshapeOp>(
      {x, shape}, {n.b.flag("allow_zero", allowZero)}));
}

static LogicalResult importOldReshape(Node &n) {
  n.ignore({"consumed_inputs"});
  Value x = n.operand(0), shape = n.i64s(n.ints("shape"));
  return n.result(n.make<graph::ReshapeOp>({x, shape}));
}

static LogicalResult importFlatten(Node &n) {
  Value x = n.operand(0);
  int64_t axis = n.i("axis", 1), rank = n.rank(x);
  // The end of the dims is an axis too.
  if (!n.failed() && axis != rank)
    axis = n.normalize(axis, rank);
  return n.failed() ? failure() : n.result(n.flatten(x, axis));
}

/// The axes in attribute or operand 1. Nothing if there are none.
static std::optional<Node::Ints> givenAxes(Node &n) {
  if (n.opset() >= 13)
    return n.constants(1);
  return n.hasAttr("axes") ? std::optional(n.ints("axes")) : std::nullopt;
}

static LogicalResult importSqueeze(Node &n) {
  Value x = n.operand(0);
  if (n.opset() >= 13 && n.isComputed(1)) {
    int64_t left = n.rank(x) - countAxes(n, n.operand(1));
    return n.result(keepDims(n, x, axisMask(n, n.operand(1), n.rank(x)), left));
  }
  std::optional<Node::Ints> axes = givenAxes(n);
  if (n.failed())
    return failure();
  if (!axes) {
    axes.emplace();
    for (int64_t k = 0; k < n.rank(x); ++k) {
      if (n.dim(x, k) == 1)
        axes->push_back(k);
      if (ShapedType::isDynamic(n.dim(x, k)))
        emitWarning(n.loc())
            << n.label() << " has no axes and an input of type " << x.getType()
            << "; dim " << k << " is taken not to be 1";
    }
  }
  Node::Ints positive = n.normalize(*axes, n.rank(x));
  llvm::sort(positive);
  return n.failed() ? failure() : n.result(n.squeeze(x, positive));
}

static LogicalResult importUnsqueeze(Node &n) {
  Value x = n.operand(0);
  if (n.opset() >= 13 && n.isComputed(1)) {
    int64_t rank = n.rank(x) + countAxes(n, n.operand(1));
    return n.result(insertDims(n, x, axisMask(n, n.operand(1), rank), rank));
  }
  std::optional<Node::Ints> axes = givenAxes(n);
  if (n.failed())
    return failure();
  if (!axes)
    return n.error() << "has no axes";
  Node::Ints positive = n.normalize(*axes, n.rank(x) + axes->size());
  llvm::sort(positive);
  return n.failed() ? failure() : n.result(n.unsqueeze(x, positive));
}

static LogicalResult importExpand(Node &n) {
  Value x = n.operand(0), shape = n.operand(1);
  n.checkShape(shape);
  return n.result(n.broadcast(x, shape));
}

void nacre::onnx::addShapeRules(RuleTable &table) {
  table.add("Expand", 8, importExpand);
  table.add("Flatten", 1, importFlatten);
  table.add("Reshape", 1, importOldReshape);
  table.add("Reshape", 5, importReshape);
  table.add("Shape", 1, importShape);
  table.add("Size", 1, importSize);
  table.add("Squeeze", 1, importSqueeze);
  table.add("Unsqueeze", 1, importUnsqueeze);
}
