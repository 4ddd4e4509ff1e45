// Activations of com.microsoft, most of them fused with an addition.
#include "compiler/import/onnx/Model.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Contrib.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;

Value nacre::onnx::fusedActivation(Node &n, Value x, StringRef name,
                                   ArrayRef<double> parameters) {
  auto parameter = [&](size_t k, double otherwise) {
    return k < parameters.size() && !std::isnan(parameters[k]) ? parameters[k]
                                                               : otherwise;
  };
  if (name.empty())
    return x;
  if (name == "Relu")
    return n.make<graph::ReluOp>({x});
  if (name == "Tanh")
    return n.make<graph::TanhOp>({x});
  if (name == "Sigmoid")
    return n.make<graph::SigmoidOp>({x});
  if (name == "Softplus")
    return softplus(n, x);
  if (name == "Gelu")
    return gelu(n, x, /*tanh=*/false);
  if (name == "LeakyRelu")
    return n.select(n.compare(Predicate::lt, x, 0.0),
                    n.mul(x, parameter(0, 0.01)), x);
  if (name == "Elu") {
    Value below = n.mul(n.sub(n.exp(n.min(x, 0.0)), 1), parameter(0, 1));
    return n.select(n.compare(Predicate::lt, x, 0.0), below, x);
  }
  if (name == "ThresholdedRelu")
    return n.select(n.compare(Predicate::gt, x, parameter(0, 1)), x,
                    n.scalarLike(x, 0));
  if (name == "Clip")
    return n.min(n.max(x, parameter(0, -kInfinity)), parameter(1, kInfinity));
  if (name == "HardSigmoid") {
    Value line = n.add(n.mul(x, parameter(0, 0.2)), parameter(1, 0.5));
    return n.min(n.max(line, 0.0), 1.0);
  }
  if (name == "Softsign")
    return n.div(x, n.add(n.make<graph::AbsOp>({x}), 1));
  if (name == "ScaledTanh") {
    Value inner = n.mul(x, parameter(1, 1));
    return n.mul(n.make<graph::TanhOp>({inner}), parameter(0, 1));
  }
  if (name == "ParametricSoftplus")
    return n.mul(softplus(n, n.mul(x, parameter(1, 1))), parameter(0, 1));
  if (name == "Selu") {
    Value below = n.mul(n.sub(n.exp(n.min(x, 0.0)), 1),
                        parameter(0, 1.67326319217681884765625));
    return n.mul(n.select(n.compare(Predicate::lt, x, 0.0), below, x),
                 parameter(2, 1.05070102214813232421875));
  }
  if (name == "HardSwish")
    return n.mul(x, n.min(n.max(n.add(n.mul(x, 1.0 / 6), 0.5), 0.0), 1.0));
  if (!n.failed())
    n.error() << "has activation " << quoted(name) << ", which is not known";
  return {};
}

/// Computes in f32 and rounds once.
static LogicalResult inFloat(Node &n, Value x,
                             function_ref<Value(Value)> body) {
  if (!n.checkFloat(x))
    return failure();
  return n.result(n.cast(body(n.cast(x, computeType(n, x))), n.element(x)));
}

/// `x` with a bias, if there is one.
static Value biased(Node &n, Value x, Value bias) {
  if (!bias)
    return x;
  return n.checkSameType({n.operand(0), bias})
             ? n.add(x, n.cast(bias, n.element(x)))
             : Value();
}

static LogicalResult importGelu(Node &n) {
  return inFloat(n, n.operand(0), [&](Value x) { return gelu(n, x, false); });
}

static LogicalResult importBiasGelu(Node &n) {
  Value bias = n.operand(1);
  return inFloat(n, n.operand(0),
                 [&](Value x) { return gelu(n, biased(n, x, bias), false); });
}

static LogicalResult importFastGelu(Node &n) {
  Value bias = n.optional(1);
  return inFloat(n, n.operand(0),
                 [&](Value x) { return gelu(n, biased(n, x, bias), true); });
}

static LogicalResult importGemmFastGelu(Node &n) {
  Value product = matmul(n, n.operand(0), n.operand(1)), bias = n.optional(2);
  return inFloat(n, product,
                 [&](Value x) { return gelu(n, biased(n, x, bias), true); });
}

static LogicalResult importQuickGelu(Node &n) {
  double alpha = n.f("alpha", 1.702);
  return inFloat(n, n.operand(0), [&](Value x) { return silu(n, x, alpha); });
}

static LogicalResult importScaledSilu(Node &n) {
  double alpha = n.f("alpha", 1);
  Value scale = n.optional(1);
  Type type = n.element(n.operand(0));
  return inFloat(n, n.operand(0), [&](Value x) {
    Value factor = scale ? n.toScalar(n.cast(scale, n.element(x)))
                         : n.scalarLike(x, alpha);
    Value z = n.cast(n.cast(n.mul(x, factor), type), n.element(x));
    Value s = n.cast(n.make<graph::SigmoidOp>({z}), type);
    return n.mul(z, n.cast(s, n.element(x)));
  });
}

/// The two halves of the last dim.
static std::pair<Value, Value> halves(Node &n, Value x) {
  if (!n.checkRank(x, 1))
    return {};
  int64_t last = n.rank(x) - 1;
  Value middle = n.div(n.dimOf(x, last), 2);
  return {n.slice(x, n.i64s({0}), middle, {last}, {1}),
          n.slice(x, middle, n.dimOf(x, last), {last}, {1})};
}

static LogicalResult importBiasSplitGelu(Node &n) {
  Value bias = n.operand(1);
  return inFloat(n, n.operand(0), [&](Value x) {
    auto [left, right] = halves(n, biased(n, x, bias));
    return n.mul(left, gelu(n, right, false));
  });
}

static LogicalResult importSwiGlu(Node &n) {
  Value up = n.optional(1);
  double alpha = n.f("activation_alpha", 1), beta = n.f("activation_beta", 0);
  double limit = n.f("limit", 0);
  bool round = n.flag("round_activation", false);
  Type type = n.element(n.operand(0));
  return inFloat(n, n.operand(0), [&](Value gate) {
    Value linear = n.cast(up, n.element(gate));
    if (!up)
      std::tie(gate, linear) = halves(n, gate);
    if (limit > 0) {
      gate = n.min(gate, limit);
      linear = n.min(n.max(linear, -limit), limit);
    }
    Value active = silu(n, gate, alpha);
    if (round)
      active = n.cast(n.cast(active, type), n.element(gate));
    return n.mul(active, beta == 0 ? linear : n.add(linear, beta));
  });
}

//===-- Additions
//-----------------------------------------------------------===//

static LogicalResult importBiasAdd(Node &n) {
  Value x = n.operand(0), bias = n.operand(1), skip = n.operand(2);
  return n.result(n.add(biased(n, x, bias), skip));
}

static LogicalResult importGatedAdd(Node &n) {
  Value x = n.operand(0), y = n.operand(1), gate = n.operand(2);
  if (Value weight = n.optional(3)) {
    Type f32 = n.b.getF32Type();
    Value projected = matmul(n, n.cast(gate, f32), n.cast(weight, f32));
    projected = n.cast(n.cast(projected, n.element(x)), f32);
    gate = n.cast(n.make<graph::SigmoidOp>({projected}), n.element(x));
  }
  return n.result(n.add(x, n.mul(y, gate)));
}

/// The bias has dims of 1 where it is spread: the dims before `axis`, or those
/// between its own and `axis`.
static LogicalResult importBiasSoftmax(Node &n) {
  Value x = n.operand(0), bias = n.operand(1);
  int64_t axis = n.axis("axis", 1, x);
  n.ignore({"is_inner_broadcast"});
  if (n.failed())
    return failure();
  Value sum =
      n.add(n.cast(x, computeType(n, x)), n.cast(bias, computeType(n, x)));
  Value flat = n.softmax(n.flatten(sum, axis), 1);
  return n.result(n.cast(n.reshape(flat, n.shapeOf(sum)), n.element(x)));
}

static LogicalResult importIsAllFinite(Node &n) {
  bool infOnly = n.flag("isinf_only", false),
       nanOnly = n.flag("isnan_only", false);
  Value all;
  for (Value x : n.operands()) {
    Value bad;
    if (!nanOnly)
      bad = n.make<graph::IsInfOp>(
          {x}, {n.b.flag("negative", true), n.b.flag("positive", true)});
    if (!infOnly) {
      Value nan = n.make<graph::IsNanOp>({x});
      bad = bad ? n.make<graph::OrOp>({bad, nan}) : nan;
    }
    Value good = n.make<graph::NotOp>({bad});
    Node::Ints axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x)));
    good = n.reduce(graph::ReduceKind::all, good, axes, false);
    all = all ? n.make<graph::AndOp>({all, good}) : good;
  }
  return n.result(all ? all : n.scalar(n.b.getI1Type(), 1));
}

void nacre::onnx::addContribActivationRules(RuleTable &table) {
  auto add = [&](StringRef op, Rule rule) {
    table.add(kMicrosoft, op, 1, rule);
  };
  add("BiasAdd", importBiasAdd);
  add("BiasGelu", importBiasGelu);
  add("BiasSoftmax", importBiasSoftmax);
  add("BiasSplitGelu", importBiasSplitGelu);
  add("FastGelu", importFastGelu);
  add("GatedAdd", importGatedAdd);
  add("Gelu", importGelu);
  add("GemmFastGelu", importGemmFastGelu);
  add("IsAllFinite", importIsAllFinite);
  add("QuickGelu", importQuickGelu);
  add("ScaledSiLU", importScaledSilu);
  add("SwiGLU", importSwiGlu);
}
