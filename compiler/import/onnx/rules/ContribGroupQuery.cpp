// Attention over a cache of groups of heads, and the positions that go with it.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Contrib.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;

//===-- RotaryEmbedding
//-----------------------------------------------------===//

/// Angles of positions: [batch, sequence, rotated / 2].
static Value anglesAt(Node &n, Value table, Value positions, Value like) {
  return n.cast(n.gather(table, positions, 0), computeType(n, like));
}

static LogicalResult importRotaryEmbedding(Node &n) {
  Value x = n.operand(0), positions = n.operand(1);
  Value cos = n.operand(2), sin = n.operand(3);
  bool interleaved = n.flag("interleaved", false);
  int64_t heads = n.i("num_heads", 0), rotated = n.i("rotary_embedding_dim", 0);
  n.ignore({"is_packed_batching", "scale"});
  if (!n.checkRank(x, 3, 4) || !n.checkRank(cos, 2, 2) ||
      !n.checkRank(sin, 2, 2) || !n.checkRank(positions, 1, 2))
    return failure();
  int64_t half = n.dim(cos, 1);
  if (ShapedType::isDynamic(half))
    return n.error() << "has angles of type " << cos.getType()
                     << ", expected a known second dim";
  bool packed = n.rank(x) == 3;
  // Without a number of heads the angles give their size.
  if (packed && heads == 0 && !ShapedType::isDynamic(n.dim(x, 2)))
    heads = half ? n.dim(x, 2) / (2 * half) : 0;
  Value all = packed ? splitHeads(n, x, heads) : x;
  if (rotated == 0)
    rotated = 2 * half;
  // One position is that of the first token.
  if (n.rank(positions) == 1)
    positions =
        n.unsqueeze(n.add(positions, n.iota(n.toScalar(n.dimOf(all, 2)))), {0});
  Value turned =
      rotate(n, n.cast(all, computeType(n, x)), anglesAt(n, cos, positions, x),
             anglesAt(n, sin, positions, x), rotated, interleaved);
  turned = n.cast(turned, n.element(x));
  return n.result(packed ? mergeHeads(n, turned) : turned);
}

//===-- GroupQueryAttention
//-------------------------------------------------===//

namespace {

/// One GroupQueryAttention: its heads, and where its queries are.
struct GroupQuery {
  Node &n;
  Value q, k, v; ///< heads of the new tokens
  Value lengths; ///< i64 [batch]: tokens after this step
  Value first;   ///< i64 [batch]: tokens before it
  Value total;   ///< i64 scalar: the most tokens after this step
  Type type;

  bool readHeads();
  void readLengths();
  void normalizeHeads();
  void turn();
  Value cached(Value past, Value fresh, StringRef kind, Value scale,
               Value &all);
  Value allowed(Value k);
};

} // namespace

bool GroupQuery::readHeads() {
  int64_t heads = n.i("num_heads"), shared = n.i("kv_num_heads");
  Value query = n.operand(0), key = n.optional(1), value = n.optional(2);
  if (!n.checkFloat(query) || !n.checkRank(query, 3, 3) ||
      !n.checkSameType({query, key, value}))
    return false;
  if (heads < 1 || shared < 1 || heads % shared != 0 || !key != !value) {
    n.error() << "has " << heads << " query heads for " << shared
              << " key heads, or keys without values";
    return false;
  }
  type = n.element(query);
  if (!key) {
    int64_t width = n.dim(query, 2), all = heads + 2 * shared;
    if (ShapedType::isDynamic(width) || width % all != 0) {
      n.error() << "has packed heads of width " << width
                << ", expected a multiple of " << all;
      return false;
    }
    int64_t size = width / all, keys = heads * size;
    int64_t values = keys + shared * size;
    key = n.slice(query, 2, keys, values);
    value = n.slice(query, 2, values, width);
    query = n.slice(query, 2, 0, keys);
  }
  q = splitHeads(n, n.cast(query, computeType(n, query)), heads);
  k = splitHeads(n, n.cast(key, computeType(n, key)), shared);
  v = splitHeads(n, n.cast(value, computeType(n, value)), shared);
  return checkHeads(n, q, k, v);
}

void GroupQuery::readLengths() {
  Type i64 = n.b.getI64Type();
  Value last = n.operand(5), valid = n.optional(16);
  total = n.toScalar(n.cast(n.operand(6), i64));
  if (n.failed())
    return;
  if (n.rank(last) != 1)
    last = n.reshape(last, {-1});
  lengths = n.add(n.cast(last, i64), 1);
  if (valid) {
    first = n.sub(lengths, n.cast(valid, i64));
    return;
  }
  // A prompt begins at 0, whatever its padding.
  Value sequence = n.toScalar(n.dimOf(q, 2));
  first = n.select(n.compare(Predicate::eq, total, sequence), n.i64(0),
                   n.sub(lengths, sequence));
}

void GroupQuery::normalizeHeads() {
  Value ofQ = n.optional(14), ofK = n.optional(15);
  double both = n.f("qk_norm_epsilon", 1e-6);
  double qEpsilon = n.f("q_norm_epsilon", both);
  double kEpsilon = n.f("k_norm_epsilon", both);
  if (ofQ)
    q = normalizeLast(n, q, ofQ, {}, qEpsilon, true).y;
  if (ofK)
    k = normalizeLast(n, k, ofK, {}, kEpsilon, true).y;
}

void GroupQuery::turn() {
  bool interleaved = n.flag("rotary_interleaved", false);
  Value cos = n.optional(7), sin = n.optional(8), positions = n.optional(9);
  if (!n.flag("do_rotary", false) || n.failed())
    return;
  if (!cos || !sin) {
    n.error() << "has do_rotary, but no angles";
    return;
  }
  if (!n.checkRank(cos, 2, 2))
    return;
  Value step = n.iota(n.toScalar(n.dimOf(q, 2)));
  if (!positions)
    positions = n.add(n.unsqueeze(first, {1}), step);
  Value c = anglesAt(n, cos, positions, q), s = anglesAt(n, sin, positions, q);
  int64_t rotated = 2 * n.dim(cos, 1);
  q = rotate(n, q, c, s, rotated, interleaved);
  k = rotate(n, k, c, s, rotated, interleaved);
}

/// The cache with the new rows in it, in its own type; `all` becomes what is
/// attended to. The cache grows where all tokens do not fit.
Value GroupQuery::cached(Value past, Value fresh, StringRef kind, Value scale,
                         Value &all) {
  Type stored = past ? n.element(past) : type;
  bool quantized =
      n.choice(kind, "NONE", {"NONE", "PER_TENSOR", "PER_CHANNEL"}) != 0;
  if (quantized && !n.failed() && (!scale || !stored.isInteger(8))) {
    n.error() << "has a quantized cache of type " << stored
              << ", expected int8 or uint8 and a scale";
    return {};
  }
  Value zero = n.scalar(stored, 0);
  Value rows;
  if (quantized) {
    zero = n.scalar(stored, stored.isUnsignedInteger() ? 128 : 0);
    scale =
        n.rank(scale) == 1 && n.dim(scale, 0) == 1 ? n.toScalar(scale) : scale;
    scale = n.cast(scale, n.b.getF32Type());
    rows = quantize(n, fresh, scale, zero);
  } else {
    rows = n.cast(fresh, stored);
  }
  if (!past)
    past = n.broadcast(
        zero,
        n.concat({n.dimsOf(fresh, 0, 2), n.i64s({0}), n.dimOf(fresh, 3)}, 0));
  if (!n.checkRank(past, 4, 4))
    return {};
  Value size = n.toScalar(n.dimOf(past, 2));
  Value more = n.sub(n.max(size, total), size);
  Node::Values pads(8, n.i64s({0}));
  pads[6] = n.unsqueeze(more, {0});
  Value room = n.pad(past, n.concat(pads, 0), zero);
  Value cache = writeRows(n, room, rows, first);
  all = quantized ? dequantize(n, cache, scale, zero) : cache;
  return cache;
}

/// Keys that each query sees.
Value GroupQuery::allowed(Value keys) {
  bool causal = n.flag("causal", true);
  int64_t window = n.i("local_window_size", -1);
  if (!causal) {
    Value column = n.iota(n.toScalar(n.dimOf(keys, 2)));
    return n.compare(Predicate::lt, column, n.unsqueeze(lengths, {1, 2, 3}));
  }
  Value apart = distance(n, q, keys, n.unsqueeze(first, {1, 2, 3}));
  Value seen = n.compare(Predicate::ge, apart, 0.0);
  if (window >= 0)
    seen = n.make<graph::AndOp>(
        {seen, n.compare(Predicate::lt, apart, double(window))});
  return seen;
}

/// `bias` with zeros behind its last dim, up to as many keys as there are.
static Value widened(Node &n, Value bias, Value keys) {
  if (!bias || !n.checkRank(bias, 4, 4))
    return {};
  int64_t width = n.dim(bias, 3);
  if (!ShapedType::isDynamic(width) && width == n.dim(keys, 2))
    return bias;
  Node::Values pads(8, n.i64s({0}));
  pads[7] = n.max(n.sub(n.dimOf(keys, 2), n.dimOf(bias, 3)), 0.0);
  return n.pad(bias, n.concat(pads, 0), n.scalarLike(bias, 0));
}

static LogicalResult importGroupQueryAttention(Node &n) {
  GroupQuery op{n, {}, {}, {}, {}, {}, {}, {}};
  double softcap = n.f("softcap", 0), scale = n.f("scale", 0);
  bool smooth = n.i("smooth_softmax", -1) == 1;
  int64_t shown = n.i("qk_output", 0), bits = n.i("kv_cache_bit_width", 0);
  Value bias = n.optional(10), sink = n.optional(11);
  if (n.i("sliding_window_cache", 0) != 0)
    return n.error() << "has a sliding_window_cache, which is not supported";
  if (bits != 0 && bits != 8)
    return n.error() << "has a cache of " << bits
                     << " bits, which is not supported; expected 8";
  if (!op.readHeads())
    return failure();
  op.readLengths();
  op.normalizeHeads();
  op.turn();
  if (n.failed())
    return failure();
  if (!n.has(3) != !n.has(4))
    return n.error() << "has one of past_key and past_value, expected both";
  Attention attention;
  Value keys = op.cached(n.optional(3), op.k, "k_quant_type", n.optional(12),
                         attention.k);
  Value values = op.cached(n.optional(4), op.v, "v_quant_type", n.optional(13),
                           attention.v);
  attention.q = op.q;
  attention.scale = scale;
  attention.softcap = softcap;
  attention.added = widened(n, bias, attention.k);
  attention.allowed = op.allowed(attention.k);
  attention.sink = sink;
  if (smooth && !sink)
    attention.sink =
        n.broadcast(n.scalar(n.b.getF32Type(), 0), n.dimOf(op.q, 1));
  attention.run(n);
  Value product = shown == 2 ? attention.probabilities : attention.scores;
  product = n.slice(product, n.i64s({0}), n.unsqueeze(op.total, {0}), {3}, {1});
  return n.results({n.cast(mergeHeads(n, attention.y), op.type), keys, values,
                    shown ? n.cast(product, op.type) : Value()});
}

void nacre::onnx::addContribGroupQueryRules(RuleTable &table) {
  table.add(kMicrosoft, "GroupQueryAttention", 1, importGroupQueryAttention);
  table.add(kMicrosoft, "RotaryEmbedding", 1, importRotaryEmbedding);
}
