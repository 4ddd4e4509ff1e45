// The attention ops of com.microsoft that mask by adding: Attention,
// MultiHeadAttention, DecoderMaskedMultiHeadAttention, QAttention.
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Contrib.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;

void Attention::run(Node &n) {
  if (!checkHeads(n, q, k, v))
    return;
  Type type = n.b.getF32Type();
  Value factor = scale == 0 ? inverseRoot(n, q) : n.scalar(type, scale);
  scores = scoresOf(n, n.mul(n.cast(q, type), factor), n.cast(k, type));
  if (softcap > 0)
    scores = n.mul(n.make<graph::TanhOp>({n.div(scores, softcap)}), softcap);
  if (added)
    scores = n.add(scores, n.cast(added, type));
  Value hidden; // what keeps pairs out, to be added
  if (allowed)
    hidden = n.select(allowed, n.scalar(type, 0), n.scalar(type, -kInfinity));
  Value seen = hidden ? n.add(scores, hidden) : scores;
  if (sink) {
    Value column = n.unsqueeze(n.cast(sink, type), {0, 2, 3});
    Value shape = n.concat({n.dimsOf(seen, 0, 3), n.i64s({1})}, 0);
    Value all = n.softmax(n.concat({seen, n.broadcast(column, shape)}, 3), 3);
    probabilities = n.slice(all, n.i64s({0}), n.dimOf(seen, 3), {3}, {1});
  } else {
    probabilities = maskedSoftmax(n, seen, hidden);
  }
  y = weigh(n, probabilities, n.cast(v, type));
}

//===-- Masks
//---------------------------------------------------------------===//

/// How many times the batch a vector of `mask` is long; 0 if nothing tells.
static int64_t timesBatch(Node &n, Value mask, Value q) {
  auto &shapes = n.importer.shapes;
  if (shapes.dims(mask)[0] == shapes.dims(q)[0])
    return 1;
  int64_t length = n.dim(mask, 0), batch = n.dim(q, 0);
  if (ShapedType::isDynamic(length) || ShapedType::isDynamic(batch))
    return 0;
  // Behind the lengths stand their sums: 3 * batch + 2 in all.
  return length == 2 * batch ? 2 : length == batch || length == 3 * batch + 2;
}

/// Keys before the end of each sample, and not before its start if there is
/// one, as i1.
static Value insideLengths(Node &n, Value mask, Value q, Value k) {
  int64_t times = timesBatch(n, mask, q);
  if (n.failed())
    return {};
  if (times == 0) {
    n.error() << "has a mask of type " << mask.getType()
              << " for queries of type " << q.getType()
              << "; expected one or two numbers per sample";
    return {};
  }
  Value column = n.iota(n.toScalar(n.dimOf(k, 2)));
  Value numbers = n.cast(mask, n.b.getI64Type()), batch = n.dimOf(q, 0);
  auto part = [&](Value from, Value to) {
    return n.unsqueeze(n.slice(numbers, from, to, {0}, {1}), {1, 2, 3});
  };
  Value inside = n.compare(Predicate::lt, column, part(n.i64s({0}), batch));
  if (times == 2) {
    Value starts = part(batch, n.mul(batch, 2));
    inside = n.make<graph::AndOp>(
        {inside, n.compare(Predicate::ge, column, starts)});
  }
  return inside;
}

/// The pairs that `mask` lets see, as i1 that broadcasts against scores.
static Value visible(Node &n, Value mask, Value q, Value k) {
  if (n.failed() || !n.checkRank(mask, 1, 4))
    return {};
  if (n.rank(mask) == 1)
    return insideLengths(n, mask, q, k);
  auto &shapes = n.importer.shapes;
  int64_t last = n.rank(mask) - 1, found = n.dim(mask, last);
  if (!ShapedType::isDynamic(found) && !ShapedType::isDynamic(n.dim(k, 2)) &&
      shapes.dims(mask)[last] != shapes.dims(k)[2] && n.rank(mask) < 4) {
    n.error() << "has a mask of type " << mask.getType() << " for "
              << n.dim(k, 2) << " keys";
    return {};
  }
  Value seen = n.compare(Predicate::gt, mask, 0.0);
  if (n.rank(mask) == 2)
    return n.unsqueeze(seen, {1, 2});
  if (n.rank(mask) == 3)
    return n.unsqueeze(seen, {1});
  // A square of the greatest length: the rows of these queries.
  Value total = n.dimOf(k, 2), from = n.sub(total, n.dimOf(q, 2));
  seen = n.slice(seen, from, total, {2}, {1});
  return n.slice(seen, n.i64s({0}), total, {3}, {1});
}

/// What masks add to scores, in f32; null for nothing. Keys behind a query are
/// far lower than masked ones.
static Value addedByMasks(Node &n, Value mask, bool causal, Value q, Value k) {
  double filler = n.f("mask_filter_value", -10000);
  Type f32 = n.b.getF32Type();
  Value added;
  if (mask)
    added = n.select(visible(n, mask, q, k), n.scalar(f32, 0),
                     n.scalar(f32, filler));
  if (!causal)
    return added;
  Value past = n.toScalar(n.sub(n.dimOf(k, 2), n.dimOf(q, 2)));
  Value seen = n.compare(Predicate::ge, distance(n, q, k, past), 0.0);
  return n.select(seen, added ? added : n.scalar(f32, 0),
                  n.scalar(f32, -double(std::numeric_limits<float>::max())));
}

/// Scale, masks and all that the ops of this file have alike.
static void attend(Node &n, Attention &attention, Value mask, Value bias,
                   bool causal) {
  attention.scale = n.f("scale", 0);
  if (mask && !n.checkInteger(mask))
    return;
  if (bias && (!n.checkFloat(bias) || !n.checkRank(bias, 4, 4)))
    return;
  attention.added = addedByMasks(n, mask, causal, attention.q, attention.k);
  if (bias) {
    bias = n.cast(bias, n.b.getF32Type());
    attention.added = attention.added ? n.add(bias, attention.added) : bias;
  }
  attention.run(n);
}

//===-- Attention
//-----------------------------------------------------------===//

/// The widths of queries, keys and values; none if they are thirds of a width
/// that is open.
static Node::Ints thirds(Node &n, Value all, Node::Ints sizes) {
  int64_t width = n.dim(all, 2);
  bool open = ShapedType::isDynamic(width);
  if (sizes.empty() && (open || width % 3 == 0))
    sizes.assign(open ? 0 : 3, width / 3);
  else if (sizes.size() != 3 || sizes[0] != sizes[1] || sizes[0] < 1 ||
           sizes[2] < 1 || (!open && 2 * sizes[0] + sizes[2] != width))
    n.error() << "has weights of width " << width
              << ", which are not those of queries, keys and values";
  return sizes;
}

/// What `Attention` and `QAttention` do once inputs are projected; `past` is
/// [2, batch, heads, sequence, size].
static LogicalResult selfAttention(Node &n, Value all, Type type, Value mask,
                                   Value past, Value length, Value bias) {
  int64_t heads = n.i("num_heads");
  Node::Ints sizes = n.ints("qkv_hidden_sizes");
  bool causal = n.flag("unidirectional", false);
  bool shared = n.flag("past_present_share_buffer", false);
  n.ignore({"rotary_embedding_dim"});
  if (n.flag("do_rotary", false))
    return n.error() << "has do_rotary, which is not supported; expected "
                        "MultiHeadAttention of RotaryEmbedding";
  if (!n.checkRank(all, 3, 3))
    return failure();
  Node::Ints ends = thirds(n, all, sizes);
  if (n.failed())
    return failure();
  if (shared != bool(length) && past)
    return n.error() << "has one of past_present_share_buffer and a past "
                        "length, expected both";
  Attention attention;
  Value width = n.dimOf(all, 2), third = n.div(width, 3);
  Value one = ends.empty() ? third : n.i64s({ends[0]});
  Value two = n.mul(one, 2);
  auto part = [&](Value from, Value to) {
    return splitHeads(n, n.slice(all, from, to, {2}, {1}), heads);
  };
  attention.q = part(n.i64s({0}), one), attention.k = part(one, two);
  attention.v = part(two, width);
  Value keys = attention.k, values = attention.v;
  if (past) {
    if (!n.checkRank(past, 5, 5))
      return failure();
    auto append = [&](int64_t which, Value &rows) {
      Value before = n.squeeze(n.slice(past, 0, which, which + 1), {0});
      Cache cache =
          appendRows(n, n.cast(before, n.element(rows)), rows, length);
      rows = cache.rows;
      return cache.room;
    };
    keys = append(0, attention.k);
    values = append(1, attention.v);
  }
  attend(n, attention, mask, bias, causal);
  Value present;
  if (n.wants(1))
    present = n.cast(
        n.concat({n.unsqueeze(keys, {0}), n.unsqueeze(values, {0})}, 0), type);
  return n.results({n.cast(mergeHeads(n, attention.y), type), present});
}

static LogicalResult importAttention(Node &n) {
  Value x = n.operand(0), weights = n.operand(1), bias = n.optional(2);
  if (!n.checkRank(x, 3, 3) || !n.checkRank(weights, 2, 2) ||
      !n.checkSameType({x, weights, bias}))
    return failure();
  // Halves are rounded where they leave the op, not on the way.
  Type type = n.element(x), f32 = n.b.getF32Type();
  Value all = n.matmul(n.cast(x, f32), n.cast(weights, f32));
  if (bias)
    all = n.add(all, n.cast(bias, f32));
  return selfAttention(n, all, type, n.optional(3), n.optional(4),
                       n.optional(6), n.optional(5));
}

static LogicalResult importQAttention(Node &n) {
  Value x = n.operand(0), weights = n.operand(1), bias = n.operand(2);
  Value scale = n.operand(3), weightScale = n.operand(4);
  if (!n.checkRank(x, 3, 3) || !n.checkRank(weights, 2, 2) ||
      !n.checkFloat(bias))
    return failure();
  auto unit = [&](Value value) {
    return value && n.dim(value, 0) == 1 ? n.toScalar(value) : value;
  };
  Value sum =
      matmulInteger(n, x, weights, unit(n.optional(6)), unit(n.optional(7)));
  Type f32 = n.b.getF32Type();
  Value factor =
      n.mul(n.cast(n.toScalar(scale), f32), n.cast(unit(weightScale), f32));
  Value all = n.add(n.mul(n.cast(sum, f32), factor), n.cast(bias, f32));
  return selfAttention(n, all, n.element(bias), n.optional(5), n.optional(8),
                       {}, {});
}

//===-- MultiHeadAttention
//--------------------------------------------------===//

namespace {

/// Queries, keys and values in any of the forms they are given in.
struct Projections {
  Node &n;
  int64_t heads;
  Value q, k, v;
  bool ready = false; ///< keys and values are heads already: a past of another

  bool read(Value query, Value key, Value value);
  void addBias(Value bias);
  void split();
};

} // namespace

/// Entry `which` of axis 3: [batch, sequence, heads, several, size] packed.
static Value unpacked(Node &n, Value x, int64_t which) {
  Value part = n.squeeze(n.slice(x, 3, which, which + 1), {3});
  return n.collapse(part, {0, 1, 2});
}

bool Projections::read(Value query, Value key, Value value) {
  if (!n.checkRank(query, 3, 5))
    return false;
  q = query, k = key, v = value;
  if (n.rank(query) == 5) {
    q = unpacked(n, query, 0), k = unpacked(n, query, 1);
    v = unpacked(n, query, 2);
  } else if (key && n.rank(key) == 5) {
    k = unpacked(n, key, 0), v = unpacked(n, key, 1);
  } else if (!key) {
    // One third each.
    Value third = n.div(n.dimOf(query, 2), 3), two = n.mul(third, 2);
    q = n.slice(query, n.i64s({0}), third, {2}, {1});
    k = n.slice(query, third, two, {2}, {1});
    v = n.slice(query, two, n.dimOf(query, 2), {2}, {1});
  } else if (!value) {
    n.error() << "has keys, but no values";
  } else {
    ready = n.rank(key) == 4;
  }
  return !n.failed();
}

void Projections::addBias(Value bias) {
  if (!bias || !n.checkRank(bias, 1, 1))
    return;
  Value width = n.dimOf(q, 2), two = n.mul(width, 2);
  q = n.add(q, n.slice(bias, n.i64s({0}), width, {0}, {1}));
  if (ready)
    return;
  k = n.add(k, n.slice(bias, width, two, {0}, {1}));
  v = n.add(v, n.slice(bias, two, n.dimOf(bias, 0), {0}, {1}));
}

void Projections::split() {
  q = splitHeads(n, q, heads);
  if (ready)
    return;
  k = splitHeads(n, k, heads);
  v = splitHeads(n, v, heads);
}

/// Operands of the two ops, which number them differently.
namespace {
struct MultiHead {
  Value query, key, value, bias, mask, added, pastKey, pastValue, length;
};
} // namespace

static LogicalResult multiHead(Node &n, const MultiHead &in, bool causal) {
  Projections projections{n, n.i("num_heads"), {}, {}, {}};
  if (in.mask && !n.checkRank(in.mask, 1, 3))
    return failure();
  Type type = n.element(in.query), f32 = n.b.getF32Type();
  auto wide = [&](Value x) { return n.cast(x, f32); };
  if (!n.checkFloat(in.query) ||
      !n.checkSameType({in.query, in.key, in.value, in.bias}) ||
      !projections.read(wide(in.query), wide(in.key), wide(in.value)))
    return failure();
  projections.addBias(wide(in.bias));
  projections.split();
  Attention attention;
  attention.q = projections.q;
  Cache keys{projections.k, projections.k},
      values{projections.v, projections.v};
  if (!in.pastKey != !in.pastValue)
    return n.error() << "has one of past_key and past_value, expected both";
  if (in.pastKey) {
    keys = appendRows(n, wide(in.pastKey), projections.k, in.length);
    values = appendRows(n, wide(in.pastValue), projections.v, in.length);
  }
  attention.k = keys.rows, attention.v = values.rows;
  attend(n, attention, in.mask, in.added, causal);
  return n.results({n.cast(mergeHeads(n, attention.y), type),
                    n.cast(keys.room, type), n.cast(values.room, type),
                    n.cast(attention.scores, type)});
}

static LogicalResult importMultiHeadAttention(Node &n) {
  bool causal = n.flag("unidirectional", false);
  if (n.has(9))
    return n.error() << "has a cache_indirection, which is not supported";
  return multiHead(n,
                   {n.operand(0), n.optional(1), n.optional(2), n.optional(3),
                    n.optional(4), n.optional(5), n.optional(6), n.optional(7),
                    n.optional(8)},
                   causal);
}

static LogicalResult importDecoderMasked(Node &n) {
  n.ignore({"output_qk"});
  bool shared = n.flag("past_present_share_buffer", false);
  if (n.has(9))
    return n.error() << "has a cache_indirection, which is not supported";
  n.optional(8); // the width of beams, which says nothing without it
  Value length = n.optional(7);
  return multiHead(n,
                   {n.operand(0), n.optional(1), n.optional(2), n.optional(10),
                    n.optional(3), n.optional(4), n.optional(5), n.optional(6),
                    shared ? length : Value()},
                   /*causal=*/false);
}

void nacre::onnx::addContribAttentionRules(RuleTable &table) {
  table.add(kMicrosoft, "Attention", 1, importAttention);
  table.add(kMicrosoft, "DecoderMaskedMultiHeadAttention", 1,
            importDecoderMasked);
  table.add(kMicrosoft, "MultiHeadAttention", 1, importMultiHeadAttention);
  table.add(kMicrosoft, "QAttention", 1, importQAttention);
}
