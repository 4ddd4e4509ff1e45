// BeamSearch of com.microsoft.
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Heads.h"
#include "compiler/import/onnx/rules/TokenSearch.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;
using Values = Node::Values;

namespace {

/// Sequences under way, and the best ones that have ended: `beams` of both per
/// sample.
struct BeamSearch : Search {
  using Search::Search;

  bool early = n.flag("early_stopping", false);
  Value beams, batch; ///< i64 [1]
  Value lengthPenalty;
  // Carried from token to token.
  Value ids, length, scores;     ///< [rows, longest], scalar, [batch, beams]
  Value kept, keptIds, finished; ///< [batch, beams(, longest)], [batch, 1]

  Values carried();
  void restore(ValueRange values);
  void begin();
  Value advance(Value logits, bool first);
  void keep(Value fresh, Value freshIds);
  Value perLength(Value sums);
  Value goOn();
};

} // namespace

Values BeamSearch::carried() {
  Values values{ids, length, scores, kept, keptIds, finished};
  values.append(decoder.states.begin(), decoder.states.end());
  return values;
}

void BeamSearch::restore(ValueRange values) {
  Value *all[] = {&ids, &length, &scores, &kept, &keptIds, &finished};
  for (auto [k, value] : llvm::enumerate(all))
    *value = values[k];
  decoder.states.assign(values.begin() + std::size(all), values.end());
}

void BeamSearch::begin() {
  ids = start();
  batch = n.dimOf(decoder.input, 0);
  length = n.toScalar(n.dimOf(decoder.prompt, 1));
  Value each = n.concat({batch, beams}, 0);
  // All beams are alike at first: one of them counts.
  Value first = n.compare(Predicate::eq, n.iota(n.toScalar(beams)), 0.0);
  scores =
      n.broadcast(n.select(first, n.scalar(f32, 0), n.scalar(f32, -1e9)), each);
  kept = n.broadcast(n.scalar(f32, -kInfinity), each);
  keptIds =
      n.broadcast(n.i64(pad), n.concat({each, n.unsqueeze(longest, {0})}, 0));
  finished = n.broadcast(n.scalar(n.b.getI1Type(), 0),
                         n.concat({batch, n.i64s({1})}, 0));
}

/// Sums of logarithms, [batch, ...], so that long sequences are not worse.
Value BeamSearch::perLength(Value sums) {
  Value size = n.cast(length, f32);
  return n.div(sums, lengthPenalty ? n.make<graph::PowOp>({size, lengthPenalty})
                                   : size);
}

/// Keeps the best of what is kept and of `fresh`, [batch, some].
void BeamSearch::keep(Value fresh, Value freshIds) {
  Value all = n.concat({kept, fresh}, 1);
  Values best = n.makeAll<graph::TopKOp>(
      {all, n.toScalar(beams)},
      {n.b.attr("axis", int64_t(1)), n.b.flag("largest", true)});
  if (n.failed())
    return;
  kept = best[0];
  keptIds = n.gatherNd(n.concat({keptIds, freshIds}, 1),
                       n.unsqueeze(best[1], {2}), 1);
}

/// Takes one token for each beam; gives the rows that the beams go on from.
Value BeamSearch::advance(Value logits, bool first) {
  Value sums = process(n.softmax(logits, 1, /*log=*/true), ids, length, first);
  Value vocabulary = n.dimOf(logits, 1), many = n.toScalar(n.mul(beams, 2));
  sums = n.add(n.reshape(sums, n.concat({batch, beams, vocabulary}, 0)),
               n.unsqueeze(scores, {2}));
  Values best = n.makeAll<graph::TopKOp>(
      {n.collapse(sums, {0, 1}), many},
      {n.b.attr("axis", int64_t(1)), n.b.flag("largest", true)});
  if (n.failed())
    return {};
  Value beam = n.div(best[1], n.toScalar(vocabulary));
  Value token = n.sub(best[1], n.mul(beam, n.toScalar(vocabulary)));
  Value ends = n.compare(Predicate::eq, token, double(eos));
  Value rank = n.iota(many), going = n.make<graph::NotOp>({finished});
  // Of the ends, those that rank among the beams are kept.
  Value ended =
      n.make<graph::AndOp>({n.make<graph::AndOp>({ends, going}),
                            n.compare(Predicate::lt, rank, n.toScalar(beams))});
  Value three = n.reshape(ids, n.concat({batch, beams, n.dimOf(ids, 1)}, 0));
  Value keptBefore = kept;
  keep(n.select(ended, perLength(best[0]), n.scalar(f32, -kInfinity)),
       n.gatherNd(three, n.unsqueeze(beam, {2}), 1));
  // Of finished samples nothing is kept any more.
  kept = n.select(finished, keptBefore, kept);
  // The best that do not end go on.
  Value order =
      n.broadcast(n.select(ends, n.add(rank, many), rank), n.shapeOf(token));
  Values chosen = n.makeAll<graph::TopKOp>(
      {order, n.toScalar(beams)},
      {n.b.attr("axis", int64_t(1)), n.b.flag("largest", false)});
  if (n.failed())
    return {};
  auto pick = [&](Value x, double otherwise) {
    Value picked = n.make<graph::GatherElementsOp>(
        {x, chosen[1]}, {n.b.attr("axis", int64_t(1))});
    return n.select(finished, n.scalarLike(x, otherwise), picked);
  };
  scores = pick(best[0], 0);
  Value worst = n.slice(kept, n.i64s({-1}), n.i64s({INT64_MAX}), {1}, {1});
  Value full = n.compare(Predicate::gt, worst, -kInfinity);
  Value attainable = perLength(n.slice(best[0], 1, 0, 1));
  if (!early)
    full = n.make<graph::AndOp>(
        {full, n.compare(Predicate::ge, worst, attainable)});
  Value base = n.mul(n.iota(n.toScalar(batch)), n.toScalar(beams));
  Value rows = n.collapse(n.add(n.unsqueeze(base, {1}), pick(beam, 0)), {0});
  Value tokens = n.collapse(pick(token, double(pad)), {0});
  ids = written(n.gather(ids, rows, 0), length, tokens);
  finished = n.make<graph::OrOp>({finished, full});
  length = n.add(length, 1);
  return rows;
}

Value BeamSearch::goOn() {
  return n.make<graph::NotOp>(
      {n.reduce(ReduceKind::all, finished, {0, 1}, false)});
}

static LogicalResult importBeamSearch(Node &n) {
  BeamSearch s(n);
  s.beams = n.reshape(n.cast(n.operand(3), s.i64), {1});
  s.decoder.beams = s.beams;
  Value wanted = n.reshape(n.cast(n.operand(4), s.i64), {1});
  s.lengthPenalty = s.scalar(5, s.f32);
  s.decoder.startIds = n.optional(10);
  if (n.has(11))
    return n.error() << "has a logits_processor, which is not supported";
  if (!s.read(/*leastIndex=*/2, /*penaltyIndex=*/6, /*maskIndex=*/7))
    return failure();
  s.begin();
  Value logits = s.decoder.begin();
  if (n.failed())
    return failure();
  s.decoder.reorder(s.advance(logits, true));
  auto round = [&](Value, ValueRange carried) -> FailureOr<Values> {
    s.restore(carried);
    Value logits = s.decoder.next(s.ids, s.length);
    if (n.failed())
      return failure();
    s.decoder.reorder(s.advance(logits, false));
    Values yielded{s.goOn()};
    llvm::append_range(yielded, s.carried());
    if (n.failed())
      return failure();
    return yielded;
  };
  Values results;
  if (!s.run(s.length, s.goOn(), s.carried(), round, results))
    return failure();
  s.restore(results);
  // What is still under way counts as it is.
  Value open =
      n.select(s.finished, n.scalar(s.f32, -kInfinity), s.perLength(s.scores));
  s.keep(open,
         n.reshape(s.ids, n.concat({s.batch, s.beams, n.dimOf(s.ids, 1)}, 0)));
  auto best = [&](Value x) {
    return n.slice(x, n.i64s({0}), wanted, {1}, {1});
  };
  return n.results(
      {n.cast(best(s.keptIds), n.b.getI32Type()), best(s.kept), Value()});
}

void nacre::onnx::addBeamSearchRules(RuleTable &table) {
  table.add(kMicrosoft, "BeamSearch", 1, importBeamSearch);
}
