#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;

//===-- Of one operand
//------------------------------------------------------===//

/// Rounds once: what is composed of many ops is computed in f32.
static LogicalResult inFloat(Node &n, function_ref<Value(Value)> body) {
  Value x = n.operand(0);
  if (!x)
    return failure();
  return n.result(n.cast(body(n.cast(x, computeType(n, x))), n.element(x)));
}

/// log(1 + exp(x)) that does not overflow.
Value nacre::onnx::softplus(Node &n, Value x) {
  Value small = n.exp(n.neg(n.make<graph::AbsOp>({x})));
  return n.add(n.max(x, 0.0), n.log(n.add(small, 1)));
}

static LogicalResult importSoftplus(Node &n) {
  return inFloat(n, [&](Value x) { return softplus(n, x); });
}

static LogicalResult importMish(Node &n) {
  return inFloat(n, [&](Value x) {
    return n.mul(x, n.make<graph::TanhOp>({softplus(n, x)}));
  });
}

static LogicalResult importSoftsign(Node &n) {
  Value x = n.operand(0);
  return n.result(n.div(x, n.add(n.make<graph::AbsOp>({x}), 1)));
}

static LogicalResult importLeakyRelu(Node &n) {
  n.ignore({"consumed_inputs"});
  Value x = n.operand(0);
  Value scaled = n.mul(x, n.f("alpha", 0.01));
  return n.result(n.select(n.compare(Predicate::lt, x, 0.0), scaled, x));
}

static Value elu(Node &n, Value x, double alpha) {
  // exp sees no large argument, so that the branch not taken stays finite.
  Value below = n.mul(n.sub(n.exp(n.min(x, 0.0)), 1), alpha);
  return n.select(n.compare(Predicate::lt, x, 0.0), below, x);
}

static LogicalResult importElu(Node &n) {
  n.ignore({"consumed_inputs"});
  double alpha = n.f("alpha", 1);
  return inFloat(n, [&](Value x) { return elu(n, x, alpha); });
}

static LogicalResult importCelu(Node &n) {
  double alpha = n.f("alpha", 1);
  return inFloat(n, [&](Value x) {
    Value below = n.mul(n.sub(n.exp(n.div(n.min(x, 0.0), alpha)), 1), alpha);
    return n.add(n.max(x, 0.0), below);
  });
}

static LogicalResult importSelu(Node &n) {
  n.ignore({"consumed_inputs"});
  bool old = n.opset() < 6;
  double alpha = n.f("alpha", old ? 1.6732 : 1.67326319217681884765625);
  double gamma = n.f("gamma", old ? 1.0507 : 1.05070102214813232421875);
  return inFloat(n, [&](Value x) { return n.mul(elu(n, x, alpha), gamma); });
}

static Value clamp01(Node &n, Value x) { return n.min(n.max(x, 0.0), 1.0); }

static LogicalResult importHardSigmoid(Node &n) {
  n.ignore({"consumed_inputs"});
  double alpha = n.f("alpha", 0.2), beta = n.f("beta", 0.5);
  return n.result(clamp01(n, n.add(n.mul(n.operand(0), alpha), beta)));
}

static LogicalResult importHardSwish(Node &n) {
  Value x = n.operand(0);
  return n.result(n.mul(x, clamp01(n, n.add(n.mul(x, 1.0 / 6), 0.5))));
}

static LogicalResult importThresholdedRelu(Node &n) {
  Value x = n.operand(0);
  double alpha = n.f("alpha", 1);
  return n.result(
      n.select(n.compare(Predicate::gt, x, alpha), x, n.scalarLike(x, 0)));
}

static LogicalResult importShrink(Node &n) {
  Value x = n.operand(0);
  double bias = n.f("bias", 0), lambd = n.f("lambd", 0.5);
  // Of integers too: the comparison is one of reals, then.
  Value real = n.isFloat(x) ? x : n.cast(x, n.b.getF64Type());
  Value zero = n.scalarLike(real, 0);
  Value above =
      n.select(n.compare(Predicate::gt, real, lambd), n.sub(real, bias), zero);
  Value shrunk = n.select(n.compare(Predicate::lt, real, -lambd),
                          n.add(real, bias), above);
  return n.result(n.cast(shrunk, n.element(x)));
}

Value nacre::onnx::gelu(Node &n, Value x, bool tanh) {
  Value inner;
  if (tanh) {
    Value cube = n.mul(n.mul(x, x), x);
    Value angle = n.mul(n.add(x, n.mul(cube, 0.044715)), 0.7978845608028654);
    inner = n.make<graph::TanhOp>({angle});
  } else {
    inner = n.make<graph::ErfOp>({n.mul(x, 0.7071067811865476)});
  }
  return n.mul(n.mul(x, 0.5), n.add(inner, 1));
}

static LogicalResult importGelu(Node &n) {
  bool tanh = n.choice("approximate", "none", {"none", "tanh"}) == 1;
  return inFloat(n, [&](Value x) { return gelu(n, x, tanh); });
}

Value nacre::onnx::silu(Node &n, Value x, double alpha) {
  Value scaled = alpha == 1 ? x : n.mul(x, alpha);
  return n.mul(x, n.make<graph::SigmoidOp>({scaled}));
}

static LogicalResult importSwish(Node &n) {
  double alpha = n.f("alpha", 1);
  return inFloat(n, [&](Value x) { return silu(n, x, alpha); });
}

static LogicalResult importSwiGlu(Node &n) {
  double alpha = n.f("alpha", 1);
  Value linear = n.operand(1);
  return inFloat(n, [&](Value gate) {
    return n.mul(silu(n, gate, alpha), n.cast(linear, n.element(gate)));
  });
}

static LogicalResult importPRelu(Node &n) {
  n.ignore({"consumed_inputs"});
  Value x = n.operand(0), slope = n.operand(1);
  // Before opset 7 a vector has one slope per channel.
  if (n.opset() < 7 && n.rank(slope) == 1 && n.dim(slope, 0) != 1)
    slope = n.alongAxis(slope, 1, n.rank(x));
  Value scaled = n.mul(x, slope);
  return n.result(n.select(n.compare(Predicate::lt, x, 0.0), scaled, x));
}

//===-- Along an axis
//-------------------------------------------------------===//

static Value hardmax(Node &n, Value x, int64_t axis) {
  Value best = n.make<graph::ArgReduceOp>(
      {x}, {n.b.attr("axis", axis), n.b.flag("largest", true),
            n.b.flag("select_last", false), n.b.flag("keep_dims", true)});
  Value length = n.squeeze(n.dimOf(x, axis), {0});
  Value position = n.alongAxis(n.iota(length), axis, n.rank(x));
  return n.cast(n.compare(Predicate::eq, position, best), n.element(x));
}

enum class Max { Soft, LogSoft, Hard };

static Value maximum(Node &n, Max kind, Value x, int64_t axis) {
  return kind == Max::Hard ? hardmax(n, x, axis)
                           : n.softmax(x, axis, kind == Max::LogSoft);
}

template <Max kind>
static LogicalResult importMax(Node &n) {
  Value x = n.operand(0);
  int64_t axis = n.axis("axis", -1, x);
  return n.failed() ? failure() : n.result(maximum(n, kind, x, axis));
}

/// Before opset 13 all dims from `axis` on are one.
template <Max kind>
static LogicalResult importOldMax(Node &n) {
  Value x = n.operand(0);
  int64_t axis = n.axis("axis", 1, x);
  if (n.failed())
    return failure();
  if (axis == n.rank(x) - 1)
    return n.result(maximum(n, kind, x, axis));
  Value flat = maximum(n, kind, n.flatten(x, axis), 1);
  return n.result(n.reshape(flat, n.shapeOf(x)));
}

//===-- Dropout
//-------------------------------------------------------------===//

/// What inference makes of it: nothing, and a mask of all.
static LogicalResult keepAll(Node &n, Value x, Type maskType) {
  Value mask;
  if (n.wants(1))
    mask = n.broadcast(n.scalar(maskType, 1), n.shapeOf(x));
  return n.results({x, mask});
}

static LogicalResult importDropout(Node &n) {
  Value x = n.operand(0), ratio = n.optional(1), training = n.optional(2);
  int64_t seed = n.i("seed", 0);
  Type i1 = n.b.getI1Type(), f32 = n.b.getF32Type();
  if (n.failed())
    return failure();
  std::optional<Node::Ints> known = n.known(training);
  if (!training || (known && known->size() == 1 && !known->front()))
    return keepAll(n, x, i1);
  ratio = ratio ? n.cast(n.toScalar(ratio), f32) : n.scalar(f32, 0.5);
  ratio = n.select(n.toScalar(training), ratio, n.scalar(f32, 0));
  Value draw = n.make<graph::RandomOp>(
      {n.shapeOf(x)},
      {n.b.attr("kind", graph::RandomKindAttr::get(n.b.getContext(),
                                                   graph::RandomKind::uniform)),
       n.b.attr("a", n.b.getF64FloatAttr(0)),
       n.b.attr("b", n.b.getF64FloatAttr(1)), n.b.attr("seed", seed),
       n.b.attr("dtype", TypeAttr::get(f32))});
  Value mask = n.compare(Predicate::ge, draw, ratio);
  Value scaled = n.mul(x, n.cast(n.div(1, n.sub(1, ratio)), n.element(x)));
  return n.results({n.select(mask, scaled, n.scalarLike(x, 0)), mask});
}

static LogicalResult importOldDropout(Node &n) {
  n.ignore({"consumed_inputs", "is_test", "ratio"});
  Value x = n.operand(0);
  if (!x)
    return failure();
  return keepAll(n, x, n.opset() < 10 ? n.element(x) : n.b.getI1Type());
}

void nacre::onnx::addActivationRules(RuleTable &table) {
  table.add("Celu", 12, importCelu);
  table.add("Dropout", 1, importOldDropout);
  table.add("Dropout", 12, importDropout);
  table.add("Elu", 1, importElu);
  table.add("Gelu", 20, importGelu);
  table.add("HardSigmoid", 1, importHardSigmoid);
  table.add("HardSwish", 14, importHardSwish);
  table.add("Hardmax", 1, importOldMax<Max::Hard>);
  table.add("Hardmax", 13, importMax<Max::Hard>);
  table.add("LeakyRelu", 1, importLeakyRelu);
  table.add("LogSoftmax", 1, importOldMax<Max::LogSoft>);
  table.add("LogSoftmax", 13, importMax<Max::LogSoft>);
  table.add("Mish", 18, importMish);
  table.add("PRelu", 1, importPRelu);
  table.add("Selu", 1, importSelu);
  table.add("Shrink", 9, importShrink);
  table.add("Softmax", 1, importOldMax<Max::Soft>);
  table.add("Softmax", 13, importMax<Max::Soft>);
  table.add("Softplus", 1, importSoftplus);
  table.add("Softsign", 1, importSoftsign);
  table.add("SwiGLU", 28, importSwiGlu);
  table.add("Swish", 24, importSwish);
  table.add("ThresholdedRelu", 1, importThresholdedRelu);
}
