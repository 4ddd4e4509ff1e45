// Mixtures of experts. All experts see all tokens; those that a token did not
// choose count nothing.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Contrib.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::ReduceKind;

namespace {

/// One layer of all experts: [experts, out, in], and [experts, out] or null.
struct Layer {
  Value weight, bias;

  explicit operator bool() const { return bool(weight); }
};

enum Kind { Relu, Gelu, Silu, SwiGlu, Identity };

/// The attributes and layers of MoE and QMoE.
struct Mixture {
  Node &n;
  Layer first, second, third; ///< the third may be null
  Kind kind = Relu;
  int64_t fusion = 0, chosen = 1;
  bool normalized = false, quantized = false;
  double alpha = 1, beta = 0, limit = kInfinity;

  bool read();
  Value gates(Value router, Value weights);
  Value apply(const Layer &layer, Value x);
  Value activate(Value x);
  LogicalResult run(Value router, Value weights);
};

} // namespace

bool Mixture::read() {
  kind = Kind(n.choice("activation_type", "relu",
                       {"relu", "gelu", "silu", "swiglu", "identity"}));
  fusion = n.i("swiglu_fusion", 0);
  chosen = n.i("k", 1);
  normalized = n.flag("normalize_routing_weights", false);
  alpha = n.f("activation_alpha", 1), beta = n.f("activation_beta", 0);
  limit = n.f("swiglu_limit", kInfinity);
  if (n.flag("use_sparse_mixer", false) ||
      n.flag("swiglu_limit_after_activation", false))
    n.error() << "has use_sparse_mixer or swiglu_limit_after_activation, which "
                 "is not supported";
  else if (fusion < 0 || fusion > 2)
    n.error() << "has swiglu_fusion " << fusion << ", expected 0 to 2";
  else if (kind == SwiGlu && fusion == 0 && !third)
    n.error() << "has swiglu without fusion, but no third layer";
  return !n.failed();
}

/// What each expert counts for each token: [experts, tokens, 1].
Value Mixture::gates(Value router, Value weights) {
  Type f32 = n.b.getF32Type();
  router = n.cast(router, f32);
  Node::Values best = n.makeAll<graph::TopKOp>(
      {router, n.i64(chosen)},
      {n.b.attr("axis", int64_t(1)), n.b.flag("largest", true)});
  if (best.size() != 2)
    return {};
  Value share;
  if (weights) {
    share = n.make<graph::GatherElementsOp>({n.cast(weights, f32), best[1]},
                                            {n.b.attr("axis", int64_t(1))});
    if (normalized)
      share = n.div(share, n.reduce(ReduceKind::sum, share, {1}, true));
  } else if (normalized || quantized) {
    // QMoE takes the chosen ones to be all there are.
    share = n.softmax(best[0], 1);
  } else {
    share = n.make<graph::GatherElementsOp>({n.softmax(router, 1), best[1]},
                                            {n.b.attr("axis", int64_t(1))});
  }
  Value zeros = n.broadcast(n.scalar(f32, 0), n.shapeOf(router));
  Value all = n.make<graph::ScatterElementsOp>(
      {zeros, best[1], share},
      {n.b.attr("axis", int64_t(1)),
       n.b.attr("kind", graph::ScatterKindAttr::get(n.b.getContext(),
                                                    graph::ScatterKind::set))});
  return n.unsqueeze(n.transpose(all, {1, 0}), {2});
}

Value Mixture::apply(const Layer &layer, Value x) {
  Value y = n.matmul(x, n.transpose(layer.weight, {0, 2, 1}));
  return layer.bias ? n.add(y, n.unsqueeze(layer.bias, {1})) : y;
}

/// The first layer with its activation, and the third where there is one.
Value Mixture::activate(Value x) {
  Value y = apply(first, x);
  if (kind == SwiGlu) {
    Value gate = y, linear;
    if (fusion == 0) {
      linear = apply(third, x);
    } else {
      int64_t both = n.dim(first.weight, 1), half = both / 2;
      if (n.failed())
        return {};
      if (ShapedType::isDynamic(both) || both % 2 != 0) {
        n.error() << "has a first layer of width " << both
                  << ", expected two halves";
        return {};
      }
      if (fusion == 1) {
        gate = n.slice(y, n.i64s({0}), n.i64s({both}), {2}, {2});
        linear = n.slice(y, n.i64s({1}), n.i64s({both}), {2}, {2});
      } else {
        gate = n.slice(y, 2, 0, half), linear = n.slice(y, 2, half, both);
      }
    }
    if (limit != kInfinity) {
      gate = n.min(gate, limit);
      linear = n.min(n.max(linear, -limit), limit);
    }
    return n.mul(silu(n, gate, alpha), n.add(linear, beta));
  }
  switch (kind) {
  case Relu:
    y = n.make<graph::ReluOp>({y});
    break;
  case Gelu:
    y = gelu(n, y, /*tanh=*/true);
    break;
  case Silu:
    y = silu(n, y);
    break;
  default:
    break;
  }
  return third ? n.mul(y, apply(third, x)) : y;
}

LogicalResult Mixture::run(Value router, Value weights) {
  Value x = n.operand(0);
  if (!read() || !n.checkFloat(x) || !n.checkRank(x, 2, 3) ||
      !n.checkRank(router, 2, 2))
    return failure();
  int64_t experts = n.dim(router, 1);
  if (ShapedType::isDynamic(experts) || chosen < 1 || chosen > experts)
    return n.error() << "chooses " << chosen << " of " << experts << " experts";
  Type f32 = n.b.getF32Type();
  for (Layer *layer : {&first, &second, &third}) {
    layer->weight = n.cast(layer->weight, f32);
    layer->bias = n.cast(layer->bias, f32);
  }
  Value tokens = n.rank(x) == 3 ? n.collapse(x, {0, 2}) : x;
  tokens = n.unsqueeze(n.cast(tokens, f32), {0});
  Value y = apply(second, activate(tokens));
  y = n.reduce(ReduceKind::sum, n.mul(y, gates(router, weights)), {0}, false);
  return n.result(n.cast(n.reshape(y, n.shapeOf(x)), n.element(x)));
}

static LogicalResult importMoE(Node &n) {
  Mixture mixture{n, {}, {}, {}};
  mixture.first = {n.operand(2), n.optional(3)};
  mixture.second = {n.operand(4), n.optional(5)};
  mixture.third = {n.optional(6), n.optional(7)};
  return mixture.run(n.operand(1), {});
}

//===-- Quantized
//-----------------------------------------------------------===//

/// [experts, out, in * bits / 8] with a scale per row or per block of it.
static Value dequantized(Node &n, Value bytes, Value scales, Value zero,
                         int64_t bits) {
  if (!checkBits(n, bits) || !n.checkRank(bytes, 3, 3) ||
      !n.checkRank(scales, 2, 3))
    return {};
  if (!n.element(bytes).isUnsignedInteger(8)) {
    n.error() << "has weights of type " << bytes.getType()
              << ", expected uint8";
    return {};
  }
  bool blocked = n.rank(scales) == 3;
  Value numbers = unpackBits(n, bytes, bits);
  Value blocks = blocked ? n.dimOf(scales, 2) : n.i64s({1});
  Value size = n.div(n.dimOf(numbers, 2), blocks);
  Value split =
      n.reshape(numbers, n.concat({n.dimsOf(numbers, 0, 2), blocks, size}, 0));
  if (zero) {
    int64_t last = n.rank(zero) - 1;
    zero = unpackBits(n, zero, bits);
    zero = n.slice(zero, n.i64s({0}), n.dimOf(scales, last), {last}, {1});
    zero = n.unsqueeze(zero, blocked ? ArrayRef<int64_t>{3}
                                     : ArrayRef<int64_t>{2, 3});
  } else {
    zero = n.scalarLike(split, double(1 << (bits - 1)));
  }
  scales =
      n.unsqueeze(n.cast(scales, n.b.getF32Type()),
                  blocked ? ArrayRef<int64_t>{3} : ArrayRef<int64_t>{2, 3});
  return n.reshape(dequantize(n, split, scales, zero), n.shapeOf(numbers));
}

static LogicalResult importQMoE(Node &n) {
  n.choice("quant_type", "int", {"int"});
  n.ignore({"block_size", "accuracy_level"});
  if (n.i("weights_prepacked", -1) > 0)
    return n.error() << "has weights that are packed for one device, which is "
                        "not supported";
  int64_t bits = n.i("expert_weight_bits", 4);
  // Weights, scales and biases stand in threes, the zero points from 11.
  auto layer = [&](unsigned at, StringRef name, unsigned zero) -> Layer {
    Value bytes = n.optional(at);
    int64_t own = n.i(name, bits);
    Value zeroPoints = n.optional(zero), scales = n.optional(at + 1);
    if (!bytes)
      return {};
    return {dequantized(n, bytes, scales ? scales : n.operand(at + 1),
                        zeroPoints, own),
            n.optional(at + 2)};
  };
  Mixture mixture{n, {}, {}, {}};
  mixture.quantized = true;
  mixture.first = layer(2, "fc1_expert_weight_bits", 11);
  mixture.second = layer(5, "fc2_expert_weight_bits", 12);
  mixture.third = layer(8, "fc3_expert_weight_bits", 13);
  if (!n.failed() && (!mixture.first || !mixture.second))
    return n.error() << "lacks the weights of one of its layers";
  return mixture.run(n.operand(1), n.optional(14));
}

void nacre::onnx::addContribMixtureRules(RuleTable &table) {
  table.add(kMicrosoft, "MoE", 1, importMoE);
  table.add(kMicrosoft, "QMoE", 1, importQMoE);
}
