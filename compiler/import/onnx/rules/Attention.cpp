// Attention in the forms that ONNX has: Attention, FlexAttention, and what goes
// with them in language models.
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Heads.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;

//===-- Attention
//-----------------------------------------------------------===//

namespace {

/// Which keys a query sees: a bool per pair (null: all), and what is added.
struct Bias {
  Value allowed, added;

  void allow(Node &n, Value more) {
    allowed = allowed ? n.make<graph::AndOp>({allowed, more}) : more;
  }
  /// As one tensor to add, in `type`; null for none.
  Value combined(Node &n, Type type) const {
    if (!allowed)
      return added;
    return n.select(allowed, added ? added : n.scalar(type, 0),
                    n.scalar(type, -kInfinity));
  }
};

} // namespace

/// Keys behind the end of a short mask are not seen.
static Value padMask(Node &n, Value mask, Value k) {
  if (!n.checkRank(mask, 1))
    return mask;
  int64_t last = n.rank(mask) - 1;
  auto &shapes = n.importer.shapes;
  if (n.failed() || shapes.dims(mask)[last] == shapes.dims(k)[2])
    return mask;
  Node::Values pads(2 * n.rank(mask), n.i64s({0}));
  pads.back() = n.max(n.sub(n.dimOf(k, 2), n.dimOf(mask, last)), 0.0);
  double outside = n.element(mask).isInteger(1) ? 0 : -kInfinity;
  return n.pad(mask, n.concat(pads, 0), n.scalarLike(mask, outside));
}

static Bias attentionBias(Node &n, Value q, Value k, Value past) {
  Bias bias;
  Value mask = n.optional(3), lengths = n.optional(6);
  bool causal = n.flag("is_causal", false);
  int64_t left = n.i("left_window_size", -1),
          right = n.i("right_window_size", -1);
  Type i64 = n.b.getI64Type();
  if (mask) {
    mask = padMask(n, mask, k);
    if (n.failed())
      return bias;
    if (n.element(mask).isInteger(1))
      bias.allowed = mask;
    else
      bias.added = mask;
  }
  if (lengths)
    lengths = n.unsqueeze(n.cast(lengths, i64), {1, 2, 3});
  if (causal || left >= 0 || right >= 0) {
    Value offset = past      ? n.toScalar(n.dimOf(past, 2))
                   : lengths ? n.sub(lengths, n.toScalar(n.dimOf(q, 2)))
                             : n.i64(0);
    Value apart = distance(n, q, k, offset);
    if (causal)
      bias.allow(n, n.compare(Predicate::ge, apart, 0.0));
    if (left >= 0)
      bias.allow(n, n.compare(Predicate::le, apart, double(left)));
    if (right >= 0)
      bias.allow(n, n.compare(Predicate::ge, apart, double(-right)));
  }
  if (lengths) {
    Value column = n.iota(n.toScalar(n.dimOf(k, 2)));
    bias.allow(n, n.compare(Predicate::lt, column, lengths));
  }
  return bias;
}

/// Scores of f16 stay in range if both sides are scaled.
static Value scaledScores(Node &n, Value q, Value k, double scale) {
  if (n.element(q).isF32() || n.element(q).isF64())
    return scoresOf(n, n.mul(q, scale), k);
  return scoresOf(n, n.mul(q, std::sqrt(scale)), n.mul(k, std::sqrt(scale)));
}

static LogicalResult importAttention(Node &n) {
  Value q = n.operand(0), k = n.operand(1), v = n.operand(2);
  Value pastKey = n.optional(4), pastValue = n.optional(5);
  int64_t qHeads = n.i("q_num_heads", 0), kvHeads = n.i("kv_num_heads", 0);
  double softcap = n.f("softcap", 0);
  int64_t mode = n.i("qk_matmul_output_mode", 0);
  if (!n.checkRank(q, 3, 4))
    return failure();
  bool packed = n.rank(q) == 3;
  if (packed) {
    q = splitHeads(n, q, qHeads);
    k = splitHeads(n, k, kvHeads);
    v = splitHeads(n, v, kvHeads);
  }
  if (!n.checkRank(k, 4, 4) || !n.checkRank(v, 4, 4))
    return failure();
  if (!pastKey != !pastValue)
    return n.error() << "has one of past_key and past_value, expected both";
  if (pastKey) {
    k = n.concat({pastKey, k}, 2);
    v = n.concat({pastValue, v}, 2);
  }
  if (!checkHeads(n, q, k, v))
    return failure();
  double scale = defaultScale(n, q);
  scale = n.f("scale", scale);
  Type type = n.element(q), precise = type;
  if (n.hasAttr("softmax_precision"))
    precise = n.typeAttr("softmax_precision");
  Value bias = attentionBias(n, q, k, pastKey).combined(n, type);
  if (n.failed())
    return failure();
  Value scores = scaledScores(n, q, k, scale), shown = scores;
  if (softcap > 0)
    scores = n.mul(n.make<graph::TanhOp>({n.div(scores, softcap)}), softcap);
  if (mode == 1)
    shown = scores;
  if (bias)
    scores = n.add(scores, bias);
  if (mode == 2)
    shown = scores;
  Value probabilities = maskedSoftmax(n, n.cast(scores, precise), bias);
  probabilities = n.cast(probabilities, type);
  if (mode == 3)
    shown = probabilities;
  Value y = weigh(n, probabilities, v);
  return n.results({packed ? mergeHeads(n, y) : y, k, v, shown});
}

/// Attention whose scores and probabilities pass through subgraphs.
static LogicalResult importFlexAttention(Node &n) {
  Value q = n.operand(0), k = n.operand(1), v = n.operand(2);
  if (!n.checkRank(q, 4, 4) || !n.checkRank(k, 4, 4) || !n.checkRank(v, 4, 4) ||
      !checkHeads(n, q, k, v))
    return failure();
  double scale = defaultScale(n, q);
  scale = n.f("scale", scale);
  Type precise = computeType(n, q);
  if (n.hasAttr("softmax_precision"))
    precise = n.typeAttr("softmax_precision");
  auto modify = [&](StringRef name, Value x) -> Value {
    if (n.failed() || !x || !n.hasAttr(name))
      return x;
    const proto::GraphProto *body = n.subgraph(name);
    if (!body || body->input_size() != 1 || body->output_size() != 1) {
      n.error() << "has a subgraph '" << name
                << "' that has not 1 input and 1 output";
      return {};
    }
    auto values = n.importer.importBody(*body, n.frame, n.scope, {x});
    return mlir::failed(values) ? Value() : n.cast(values->front(), precise);
  };
  Value scores =
      modify("score_mod", n.cast(scaledScores(n, q, k, scale), precise));
  Value probabilities = modify("prob_mod", n.softmax(scores, 3));
  Value y = weigh(n, probabilities, n.cast(v, precise));
  return n.result(n.cast(y, n.element(v)));
}

//===-- Recurrent forms
//-----------------------------------------------------===//

namespace {
struct LinearRule {
  bool gated, delta;
};
} // namespace

/// [batch, time, heads * size] -> [time, batch, heads, size], in f32.
static Value timeFirst(Node &n, Value x, int64_t heads) {
  Value split = splitHeads(n, n.cast(x, n.b.getF32Type()), heads);
  return n.transpose(split, {2, 0, 1, 3});
}

/// S is moved by what a key says of a value; a query reads it.
static LogicalResult importLinearAttention(Node &n) {
  Value query = n.operand(0), key = n.operand(1), value = n.operand(2);
  Value past = n.optional(3), decay = n.optional(4), beta = n.optional(5);
  int64_t qHeads = n.i("q_num_heads"), kvHeads = n.i("kv_num_heads");
  n.ignore({"chunk_size"});
  static constexpr LinearRule rules[] = {
      {false, false}, {true, false}, {false, true}, {true, true}};
  LinearRule rule =
      rules[n.choice("update_rule", "gated_delta",
                     {"linear", "gated", "delta", "gated_delta"})];
  double scale = n.f("scale", 0);
  if (n.failed())
    return failure();
  if (rule.gated != bool(decay) || rule.delta != bool(beta))
    return n.error() << "has a decay or beta that its update rule does not "
                        "take, or lacks one";
  Type f32 = n.b.getF32Type();
  Value q = timeFirst(n, query, qHeads), k = timeFirst(n, key, kvHeads),
        v = timeFirst(n, value, kvHeads);
  if (!n.checkRank(q, 4, 4) || !n.checkRank(k, 4, 4))
    return failure();
  if (scale == 0)
    scale = defaultScale(n, q);
  Value g = decay ? timeFirst(n, decay, kvHeads) : Value();
  Value rate =
      beta ? timeFirst(n, beta, std::max<int64_t>(1, n.dim(beta, 2))) : Value();
  Type stateType = past ? n.element(past) : n.element(query);
  Value state =
      past ? n.cast(past, f32)
           : n.broadcast(n.scalar(f32, 0),
                         n.concat({n.dimsOf(k, 1, 4), n.dimOf(v, 3)}, 0));
  Value trips = n.toScalar(n.dimOf(q, 0));
  auto body = [&](Value t, ValueRange carried) -> FailureOr<Node::Values> {
    Value s = carried[0];
    auto at = [&](Value x) { return n.gather(x, t, 0); };
    Value kt = at(k), vt = at(v);
    if (g)
      s = n.mul(s, n.unsqueeze(n.exp(at(g)), {3}));
    if (rate) {
      Value known = n.squeeze(n.matmul(n.unsqueeze(kt, {2}), s), {2});
      vt = n.mul(at(rate), n.sub(vt, known));
    }
    s = n.add(s, n.mul(n.unsqueeze(kt, {3}), n.unsqueeze(vt, {2})));
    Value rows = n.unsqueeze(at(q), {2});
    Value out = n.squeeze(weigh(n, rows, s), {2});
    if (n.failed())
      return failure();
    return Node::Values{n.scalar(n.b.getI1Type(), 1), s, n.mul(out, scale)};
  };
  if (n.failed())
    return failure();
  LoopBuilder loop{n, trips, n.scalar(n.b.getI1Type(), 1), {state}, body};
  auto results = loop.build();
  if (mlir::failed(results))
    return failure();
  Value y = n.collapse(n.transpose((*results)[1], {1, 0, 2, 3}), {0, 1, 2});
  return n.results(
      {n.cast(y, n.element(query)), n.cast((*results)[0], stateType)});
}

static LogicalResult importCausalConv(Node &n) {
  Value x = n.operand(0), weight = n.operand(1), bias = n.optional(2);
  Value past = n.optional(3);
  bool silu = n.choice("activation", "none", {"none", "silu", "swish"}) != 0;
  if (!n.checkRank(x, 3, 3) || !n.checkRank(weight, 3, 3))
    return failure();
  int64_t channels = n.dim(weight, 0), size = n.dim(weight, 2);
  if (ShapedType::isDynamic(channels) || ShapedType::isDynamic(size) ||
      size < 1)
    return n.error() << "has weights of type " << weight.getType()
                     << ", expected a known number of channels and size";
  Value before =
      past ? past
           : n.broadcast(n.scalarLike(x, 0),
                         n.concat({n.dimsOf(x, 0, 2), n.i64s({size - 1})}, 0));
  Value all = n.concat({before, x}, 2);
  Value y = n.make<graph::ConvOp>(
      {all, weight},
      {n.b.attr("strides", Node::Ints{1}), n.b.attr("dilations", Node::Ints{1}),
       n.b.attr("pads", {0, 0}), n.b.attr("groups", channels)});
  y = addChannels(n, y, bias);
  if (silu) {
    Value wide = n.cast(y, computeType(n, x));
    y = n.cast(n.mul(wide, n.make<graph::SigmoidOp>({wide})), n.element(x));
  }
  Value length = n.dimOf(all, 2);
  Value state = n.slice(all, n.sub(length, double(size - 1)), length, {2}, {1});
  return n.results({y, state});
}

//===-- Positions and caches
//------------------------------------------------===//

static LogicalResult importRotaryEmbedding(Node &n) {
  Value x = n.operand(0), cos = n.operand(1), sin = n.operand(2);
  Value positions = n.optional(3);
  bool interleaved = n.flag("interleaved", false);
  int64_t heads = n.i("num_heads", 0), rotated = n.i("rotary_embedding_dim", 0);
  if (!n.checkRank(x, 3, 4))
    return failure();
  bool packed = n.rank(x) == 3;
  // [batch, heads, sequence, size]
  Value all = packed ? splitHeads(n, x, heads) : x;
  int64_t size = n.dim(all, 3);
  if (n.failed())
    return failure();
  if (rotated == 0)
    rotated = size;
  if (positions) {
    cos = n.gather(cos, positions, 0);
    sin = n.gather(sin, positions, 0);
  }
  Value turned = rotate(n, all, cos, sin, rotated, interleaved);
  return n.result(packed ? mergeHeads(n, turned) : turned);
}

/// Writes a run of elements per sample into a cache.
static LogicalResult importTensorScatter(Node &n) {
  Value cache = n.operand(0), update = n.operand(1), start = n.optional(2);
  bool circular = n.choice("mode", "linear", {"linear", "circular"}) == 1;
  int64_t axis = n.axis("axis", -2, cache);
  if (n.failed())
    return failure();
  if (axis == 0)
    return n.error() << "has axis 0, which is the batch";
  // [batch, sequence, ...]
  Node::Ints perm{0, axis}, back(n.rank(cache));
  for (int64_t k = 1; k < n.rank(cache); ++k)
    if (k != axis)
      perm.push_back(k);
  for (auto [to, from] : llvm::enumerate(perm))
    back[from] = to;
  Value target = n.transpose(cache, perm), source = n.transpose(update, perm);
  Value step = n.unsqueeze(n.iota(n.toScalar(n.dimOf(source, 1))), {0});
  Value batch = n.unsqueeze(n.iota(n.toScalar(n.dimOf(source, 0))), {1});
  Value first = start ? n.unsqueeze(start, {1}) : n.i64(0);
  Value at = n.add(first, step);
  if (circular)
    at = n.make<graph::ModOp>({at, n.toScalar(n.dimOf(target, 1))},
                              {n.b.flag("fmod", false)});
  Value shape = n.dimsOf(source, 0, 2);
  Value indices = n.concat({n.unsqueeze(n.broadcast(batch, shape), {2}),
                            n.unsqueeze(n.broadcast(at, shape), {2})},
                           2);
  Value written = n.make<graph::ScatterNdOp>(
      {target, indices, source},
      {n.b.attr("kind", graph::ScatterKindAttr::get(n.b.getContext(),
                                                    graph::ScatterKind::set))});
  return n.result(n.transpose(written, back));
}

void nacre::onnx::addAttentionRules(RuleTable &table) {
  table.add("Attention", 23, importAttention);
  table.add("CausalConvWithState", 27, importCausalConv);
  table.add("ai.onnx.preview", "FlexAttention", 1, importFlexAttention);
  table.add("LinearAttention", 27, importLinearAttention);
  table.add("RotaryEmbedding", 23, importRotaryEmbedding);
  table.add("TensorScatter", 24, importTensorScatter);
}
