// GreedySearch, and how searches weigh tokens.
#include "compiler/import/onnx/rules/TokenSearch.h"
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Rules.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;
using Values = Node::Values;

Value Search::scalar(unsigned index, Type type) {
  Value value = n.optional(index);
  return value ? n.cast(n.toScalar(value), type) : Value();
}

bool Search::read(unsigned leastIndex, unsigned penaltyIndex,
                  unsigned maskIndex) {
  n.ignore({"model_type", "vocab_size", "past_present_share_buffer"});
  decoder.input = n.operand(0);
  decoder.pad = pad;
  decoder.startToken = n.i("decoder_start_token_id", -1);
  longest = n.toScalar(n.cast(n.operand(1), i64));
  least = scalar(leastIndex, i64);
  penalty = scalar(penaltyIndex, f32);
  never = n.optional(maskIndex);
  neverFirst = n.optional(maskIndex + 1);
  decoder.mask = n.optional(maskIndex + 2);
  return !n.failed() && decoder.read();
}

/// The rows of first tokens with room behind them, filled up.
Value Search::start() {
  Value prompt = decoder.firstIds();
  if (n.failed())
    return {};
  Value room = n.sub(n.unsqueeze(longest, {0}), n.dimOf(prompt, 1));
  Value shape = n.concat({n.dimOf(prompt, 0), n.max(room, 0.0)}, 0);
  return n.concat({prompt, n.broadcast(n.i64(pad), shape)}, 1);
}

/// Which tokens of the vocabulary are among `tokens`, [rows, places]; i1.
Value Search::marked(Value tokens, Value valid, Value vocabulary) {
  // What does not count is written behind the end.
  Value at = n.select(valid, tokens, vocabulary);
  Value size = n.unsqueeze(vocabulary, {0});
  Value zeros =
      n.broadcast(n.i64(0), n.concat({n.dimOf(tokens, 0), n.add(size, 1)}, 0));
  Value ones = n.broadcast(n.i64(1), n.shapeOf(tokens));
  Value marks = n.make<graph::ScatterElementsOp>(
      {zeros, at, ones},
      {n.b.attr("axis", int64_t(1)),
       n.b.attr("kind", graph::ScatterKindAttr::get(n.b.getContext(),
                                                    graph::ScatterKind::set))});
  return n.compare(Predicate::eq, n.slice(marks, n.i64s({0}), size, {1}, {1}),
                   1.0);
}

/// The tokens that would end a run of `gram` tokens that was there before.
Value Search::repeating(Value ids, Value length, Value vocabulary) {
  Value places = n.add(n.sub(n.dimOf(ids, 1), double(gram)), 1);
  places = n.max(places, 0.0);
  auto from = [&](int64_t k) {
    return n.slice(ids, n.i64s({k}), n.add(places, double(k)), {1}, {1});
  };
  // The run has to lie before what is written now.
  Value valid =
      n.compare(Predicate::lt,
                n.add(n.iota(n.toScalar(places)), double(gram - 1)), length);
  for (int64_t k = 0; k + 1 < gram; ++k) {
    Value last = n.max(n.sub(length, double(gram - 1 - k)), 0.0);
    Value token = n.gather(ids, n.unsqueeze(last, {0}), 1);
    valid =
        n.make<graph::AndOp>({valid, n.compare(Predicate::eq, from(k), token)});
  }
  Value tokens = from(gram - 1);
  return marked(tokens, n.broadcast(valid, n.shapeOf(tokens)), vocabulary);
}

/// `scores`, [rows, vocabulary], of the token at `length`.
Value Search::process(Value scores, Value ids, Value length, bool first) {
  Value vocabulary = n.toScalar(n.dimOf(scores, 1));
  Value lowest = n.scalar(f32, -double(std::numeric_limits<float>::max()));
  if (penalty) {
    Value before =
        n.compare(Predicate::lt, n.iota(n.toScalar(n.dimOf(ids, 1))), length);
    Value used = marked(ids, n.broadcast(before, n.shapeOf(ids)), vocabulary);
    Value less = n.select(n.compare(Predicate::lt, scores, 0.0),
                          n.mul(scores, penalty), n.div(scores, penalty));
    scores = n.select(used, less, scores);
  }
  if (gram > 0)
    scores = n.select(repeating(ids, length, vocabulary), lowest, scores);
  auto keep = [&](Value mask) {
    Value out = n.compare(Predicate::eq, n.cast(mask, i64), 0.0);
    scores = n.select(out, lowest, scores);
  };
  if (never)
    keep(n.unsqueeze(never, {0}));
  if (neverFirst && first)
    keep(decoder.repeat(neverFirst));
  if (least) {
    Value ends = n.compare(Predicate::eq, n.iota(vocabulary), double(eos));
    Value early = n.compare(Predicate::lt, length, least);
    scores = n.select(n.make<graph::AndOp>({ends, early}), lowest, scores);
  }
  return scores;
}

/// `ids` with `token`, [rows], at the place `length`.
Value Search::written(Value ids, Value length, Value token) {
  Value here =
      n.compare(Predicate::eq, n.iota(n.toScalar(n.dimOf(ids, 1))), length);
  return n.select(here, n.unsqueeze(token, {1}), ids);
}

/// The loop over tokens.
bool Search::run(Value length, Value condition, Values inits,
                 const LoopBuilder::Body &body, Values &results) {
  if (n.failed())
    return false;
  LoopBuilder loop{n, n.sub(longest, length), condition, std::move(inits),
                   body};
  auto built = loop.build();
  if (mlir::failed(built))
    return false;
  results = *built;
  return true;
}

//===-- Greedy
//--------------------------------------------------------------===//

static LogicalResult importGreedySearch(Node &n) {
  Search s(n);
  s.decoder.beams = n.i64s({1});
  if (!s.read(/*leastIndex=*/2, /*penaltyIndex=*/3, /*maskIndex=*/4))
    return failure();
  Value ids = s.start();
  Value logits = s.decoder.begin();
  if (n.failed())
    return failure();
  Value length = n.toScalar(n.dimOf(s.decoder.prompt, 1));
  Value finished = n.broadcast(n.scalar(n.b.getI1Type(), 0), n.dimOf(ids, 0));
  auto advance = [&](Value logits, bool first) {
    Value scores = s.process(logits, ids, length, first);
    Values best = n.makeAll<graph::TopKOp>(
        {scores, n.i64(1)},
        {n.b.attr("axis", int64_t(1)), n.b.flag("largest", true)});
    if (n.failed())
      return;
    Value token = n.squeeze(best[1], {1});
    Value ends = n.compare(Predicate::eq, token, double(s.eos));
    finished = n.make<graph::OrOp>({finished, ends});
    // An end is not written.
    ids = s.written(ids, length, n.select(finished, n.i64(s.pad), token));
    length = n.add(length, 1);
  };
  auto goOn = [&] {
    return n.make<graph::NotOp>(
        {n.reduce(ReduceKind::all, finished, {0}, false)});
  };
  auto carried = [&] {
    Values values{ids, length, finished};
    llvm::append_range(values, s.decoder.states);
    return values;
  };
  auto restore = [&](ValueRange values) {
    ids = values[0], length = values[1], finished = values[2];
    s.decoder.states.assign(values.begin() + 3, values.end());
  };
  advance(logits, true);
  auto round = [&](Value, ValueRange values) -> FailureOr<Values> {
    restore(values);
    Value logits = s.decoder.next(ids, length);
    if (n.failed())
      return failure();
    advance(logits, false);
    Values yielded{goOn()};
    llvm::append_range(yielded, carried());
    if (n.failed())
      return failure();
    return yielded;
  };
  Values results;
  if (n.failed() || !s.run(length, goOn(), carried(), round, results))
    return failure();
  return n.result(n.cast(results[0], n.b.getI32Type()));
}

void nacre::onnx::addTokenSearchRules(RuleTable &table) {
  table.add(kMicrosoft, "GreedySearch", 1, importGreedySearch);
}
