// Non-maximum suppression. Per class a list of candidates: each round takes the
// best of it and keeps, in place, those that do not overlap it, so the work
// shrinks with the list and no sorting is needed.

#include "passes/linalg/Nest.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

namespace {
struct Suppression {
  bool centered;
  Location loc;
  Value boxes, scores, iou, least;
  Value count, most; // sizes

  /// Candidates in `list[0, length)`; `best` of them (if there is one) has
  /// score `score`.
  struct State {
    Value list, length, best, score;
    SmallVector<Value> values() const { return {list, length, best, score}; }
    static State of(ValueRange values) {
      return {values[0], values[1], values[2], values[3]};
    }
  };

  Value index(graph::Scalar s, int64_t value) const {
    return s.integer(s.builder.getIndexType(), value);
  }
  SmallVector<Value> place(ValueRange at, Value last) const {
    SmallVector<Value> result(at);
    result.push_back(last);
    return result;
  }
  SmallVector<std::pair<Value, Value>> box(graph::Scalar s, Value batch,
                                           Value at) const;
  Value overlaps(graph::Scalar s, Value batch, Value i, Value j) const;
  State offer(graph::Scalar s, ValueRange at, State state, Value box,
              Value stays) const;
  State collect(OpBuilder &b, ValueRange at, Value list) const;
  SmallVector<Value> round(OpBuilder &b, ValueRange at, Value number,
                           Value chosen, State state) const;
  SmallVector<Value> run(OpBuilder &b, ValueRange at, ValueRange out) const;
};
} // namespace

/// Least and greatest coordinate of box `at` along two dims.
SmallVector<std::pair<Value, Value>>
Suppression::box(graph::Scalar s, Value batch, Value at) const {
  auto read = [&](int64_t k) -> Value {
    return s.make<tensor::ExtractOp>(boxes, ValueRange{batch, at, index(s, k)});
  };
  SmallVector<std::pair<Value, Value>> sides;
  for (int64_t k = 0; k < 2; ++k) {
    Value a = read(k), c = read(2 + k);
    if (centered) {
      Value half = s.make<arith::MulFOp>(c, s.real(c.getType(), 0.5));
      c = s.make<arith::AddFOp>(a, half);
      a = s.make<arith::SubFOp>(a, half);
    }
    sides.emplace_back(s.make<arith::MinimumFOp>(a, c),
                       s.make<arith::MaximumFOp>(a, c));
  }
  return sides;
}

/// Whether the intersection over union of two boxes is above the threshold.
Value Suppression::overlaps(graph::Scalar s, Value batch, Value i,
                            Value j) const {
  auto a = box(s, batch, i), c = box(s, batch, j);
  auto area = [&](auto &sides) -> Value {
    return s.make<arith::MulFOp>(
        s.make<arith::SubFOp>(sides[0].second, sides[0].first),
        s.make<arith::SubFOp>(sides[1].second, sides[1].first));
  };
  Value zero = s.zero(a[0].first.getType());
  Value common;
  for (int64_t k = 0; k < 2; ++k) {
    Value high = s.make<arith::MinimumFOp>(a[k].second, c[k].second);
    Value low = s.make<arith::MaximumFOp>(a[k].first, c[k].first);
    Value size =
        s.make<arith::MaximumFOp>(s.make<arith::SubFOp>(high, low), zero);
    common = common ? s.make<arith::MulFOp>(common, size) : size;
  }
  Value first = area(a), second = area(c);
  Value total =
      s.make<arith::SubFOp>(s.make<arith::AddFOp>(first, second), common);
  Value ratio = s.make<arith::DivFOp>(common, total);
  using P = arith::CmpFPredicate;
  Value result = s.cmp(P::OGT, ratio, iou);
  for (Value positive : {common, first, second, total})
    result = s.make<arith::AndIOp>(result, s.cmp(P::OGT, positive, zero));
  return result;
}

/// Puts `box` at the end of the list, which grows by it only if it `stays`.
Suppression::State Suppression::offer(graph::Scalar s, ValueRange at,
                                      State state, Value box,
                                      Value stays) const {
  Value score = s.make<tensor::ExtractOp>(scores, place(at, box));
  Value number = s.make<arith::IndexCastOp>(s.builder.getI64Type(), box);
  Value list =
      s.make<tensor::InsertOp>(number, state.list, place(at, state.length));
  Value grown = s.make<arith::AddIOp>(
      state.length,
      s.make<arith::IndexCastUIOp>(s.builder.getIndexType(), stays));
  Value isFirst = s.cmp(arith::CmpIPredicate::eq, state.length, index(s, 0));
  Value wins = s.make<arith::OrIOp>(
      isFirst, s.cmp(arith::CmpFPredicate::OGT, score, state.score));
  wins = s.make<arith::AndIOp>(wins, stays);
  return {list, grown, s.select(wins, box, state.best),
          s.select(wins, score, state.score)};
}

/// All boxes whose score is high enough.
Suppression::State Suppression::collect(OpBuilder &b, ValueRange at,
                                        Value list) const {
  graph::Scalar s(b, loc);
  State none{list, index(s, 0), index(s, 0), s.zero(least.getType())};
  auto loop = scf::ForOp::create(
      b, loc, index(s, 0), count, index(s, 1), none.values(),
      [&](OpBuilder &nested, Location, Value i, ValueRange carried) {
        graph::Scalar e(nested, loc);
        Value score = e.make<tensor::ExtractOp>(scores, place(at, i));
        Value stays = e.cmp(arith::CmpFPredicate::OGT, score, least);
        scf::YieldOp::create(
            nested, loc, offer(e, at, State::of(carried), i, stays).values());
      });
  return State::of(loop.getResults());
}

/// Chooses the best candidate, or none, and drops it and what overlaps it.
SmallVector<Value> Suppression::round(OpBuilder &b, ValueRange at, Value number,
                                      Value chosen, State state) const {
  graph::Scalar s(b, loc);
  Type i64 = b.getI64Type();
  Value isNone = s.cmp(arith::CmpIPredicate::eq, state.length, index(s, 0));
  Value choice = s.select(isNone, s.integer(i64, -1),
                          s.make<arith::IndexCastOp>(i64, state.best));
  chosen = s.make<tensor::InsertOp>(choice, chosen, place(at, number));
  State none{state.list, index(s, 0), index(s, 0), s.zero(least.getType())};
  auto loop = scf::ForOp::create(
      b, loc, index(s, 0), state.length, index(s, 1), none.values(),
      [&](OpBuilder &nested, Location, Value i, ValueRange carried) {
        graph::Scalar e(nested, loc);
        State left = State::of(carried);
        Value box = e.make<arith::IndexCastOp>(
            nested.getIndexType(),
            e.make<tensor::ExtractOp>(left.list, place(at, i)));
        Value other = e.cmp(arith::CmpIPredicate::ne, box, state.best);
        Value apart = e.make<arith::XOrIOp>(overlaps(e, at[0], state.best, box),
                                            e.integer(nested.getI1Type(), 1));
        scf::YieldOp::create(
            nested, loc,
            offer(e, at, left, box, e.make<arith::AndIOp>(other, apart))
                .values());
      });
  SmallVector<Value> results{chosen};
  llvm::append_range(results, loop.getResults());
  return results;
}

/// One class. `out` is what was chosen, then the list.
SmallVector<Value> Suppression::run(OpBuilder &b, ValueRange at,
                                    ValueRange out) const {
  graph::Scalar s(b, loc);
  SmallVector<Value> inits{out[0]};
  llvm::append_range(inits, collect(b, at, out[1]).values());
  auto loop = scf::ForOp::create(
      b, loc, index(s, 0), most, index(s, 1), inits,
      [&](OpBuilder &nested, Location, Value number, ValueRange carried) {
        scf::YieldOp::create(nested, loc,
                             round(nested, at, number, carried[0],
                                   State::of(carried.drop_front())));
      });
  return {loop.getResult(0), loop.getResult(1)};
}

static FailureOr<Tensor> lowerNonMaxSuppression(Lowering &lowering,
                                                graph::NonMaxSuppressionOp op) {
  Location loc = op.getLoc();
  Tensor boxes = lowering.get(op.getBoxes());
  Tensor scores = lowering.get(op.getScores());
  StringRef text = "boxes and scores do not fit";
  lowering.requireEqual(loc, boxes.dims[0], scores.dims[0], text);
  lowering.requireEqual(loc, boxes.dims[1], scores.dims[2], text);
  lowering.requireEqual(loc, boxes.dims[2], lowering.constant(4), text);
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  SmallVector<Value> sizes =
      nestSizes(lowering, ArrayRef<Expr>(dims).take_front(2));
  Value iou = lowering.get(op.getIouThreshold()).value;
  Value least = lowering.get(op.getScoreThreshold()).value;
  Value count = lowering.index(scores.dims[2]);
  Value most = lowering.index(dims[2]);
  SmallVector<Value> dynamic = lowering.dynamicSizes(dims);
  SmallVector<Value> dynamicList = lowering.dynamicSizes(scores.dims);
  Type i64 = lowering.b.getI64Type();
  return lowering.group(
      loc, {dims, scores.dims}, {i64, i64},
      [&](OpBuilder &b) -> SmallVector<Value> {
        graph::Scalar s(b, loc);
        Suppression code{op.getCentered(),
                         loc,
                         boxes.value,
                         scores.value,
                         s.make<tensor::ExtractOp>(iou, ValueRange()),
                         s.make<tensor::ExtractOp>(least, ValueRange()),
                         count,
                         most};
        Value chosen =
            s.make<tensor::EmptyOp>(lowering.type(dims, i64), dynamic);
        Value list = s.make<tensor::EmptyOp>(lowering.type(scores.dims, i64),
                                             dynamicList);
        return emitNest(
            b, loc, sizes, {chosen, list},
            [&](OpBuilder &nested, ValueRange at, ValueRange carried) {
              return code.run(nested, at, carried);
            });
      })[0];
}

void lower::addSuppressionRules(Table &table) {
  table.add(&lowerNonMaxSuppression);
}
