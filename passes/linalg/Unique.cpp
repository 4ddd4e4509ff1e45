// Unique rows: one kernel sorts the numbers of the rows, merging runs of
// doubling length from one list into another and back, then numbers the groups
// of equal rows; the host reads how many there are.

#include "passes/linalg/Combine.h"
#include "passes/linalg/Nest.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

namespace {
/// Code for one matrix of rows. Lists hold numbers of rows as i64.
struct RowSort {
  Location loc;
  Value rows, count, width; // count and width are sizes
  bool isUnsigned;

  using Body = llvm::function_ref<SmallVector<Value>(OpBuilder &, Value i,
                                                     ValueRange carried)>;
  SmallVector<Value> loop(OpBuilder &b, Value to, ValueRange inits,
                          Body body) const;
  Value index(graph::Scalar s, int64_t value) const {
    return s.integer(s.builder.getIndexType(), value);
  }
  Value read(graph::Scalar s, Value list, Value at) const {
    return s.make<arith::IndexCastOp>(s.builder.getIndexType(),
                                      s.make<tensor::ExtractOp>(list, at));
  }
  Value write(graph::Scalar s, Value number, Value list, Value at) const {
    Value value = s.make<arith::IndexCastOp>(s.builder.getI64Type(), number);
    return s.make<tensor::InsertOp>(value, list, at);
  }

  Value compare(OpBuilder &b, Value i, Value j) const;
  Value rank(OpBuilder &b, Value list, Value row, Value start, Value length,
             Value steps, Value isLeft) const;
  Value mergeRuns(OpBuilder &b, Value from, Value to, Value run,
                  Value steps) const;
  Value sort(OpBuilder &b, Value list, Value spare) const;
  Value isNew(OpBuilder &b, Value list, Value at, Value row) const;
  SmallVector<Value> numberSorted(OpBuilder &b, Value list,
                                  ValueRange out) const;
  SmallVector<Value> numberByPlace(OpBuilder &b, Value list, Value leaders,
                                   ValueRange out) const;
};
} // namespace

SmallVector<Value> RowSort::loop(OpBuilder &b, Value to, ValueRange inits,
                                 Body body) const {
  return emitNest(b, loc, to, inits,
                  [&](OpBuilder &nested, ValueRange at, ValueRange carried) {
                    return body(nested, at[0], carried);
                  });
}

/// -1, 0 or 1 (i32) as row `i` comes before row `j`, equals it or comes after.
Value RowSort::compare(OpBuilder &b, Value i, Value j) const {
  Type i32 = b.getI32Type();
  auto body = [&](OpBuilder &nested, Value k,
                  ValueRange carried) -> SmallVector<Value> {
    graph::Scalar s(nested, loc);
    auto element = [&](Value row) -> Value {
      Value value = s.make<tensor::ExtractOp>(rows, ValueRange{row, k});
      return isa<FloatType>(value.getType()) ? s.widen(value) : value;
    };
    Value x = element(i), y = element(j);
    Value less = isBefore(nested, loc, false, isUnsigned, x, y);
    Value more = isBefore(nested, loc, false, isUnsigned, y, x);
    Value order =
        s.select(less, s.integer(i32, -1), s.make<arith::ExtUIOp>(i32, more));
    Value open = s.cmp(arith::CmpIPredicate::eq, carried[0], s.zero(i32));
    return {s.select(open, order, carried[0])};
  };
  return loop(b, width, graph::Scalar(b, loc).zero(i32), body)[0];
}

/// How many of the sorted `list[start, start + length)` come before `row`, or
/// are equal to it if it is not from the left. `steps` halve the length to 0.
Value RowSort::rank(OpBuilder &b, Value list, Value row, Value start,
                    Value length, Value steps, Value isLeft) const {
  graph::Scalar s(b, loc);
  auto body = [&](OpBuilder &nested, Value,
                  ValueRange carried) -> SmallVector<Value> {
    graph::Scalar e(nested, loc);
    Value low = carried[0], high = carried[1];
    Value middle =
        e.make<arith::ShRUIOp>(e.make<arith::AddIOp>(low, high), index(e, 1));
    Value last = e.make<arith::SubIOp>(count, index(e, 1));
    Value at =
        e.make<arith::MinSIOp>(e.make<arith::AddIOp>(start, middle), last);
    Value order = compare(nested, read(e, list, at), row);
    Value zero = e.zero(order.getType());
    Value passes =
        e.select(isLeft, e.cmp(arith::CmpIPredicate::slt, order, zero),
                 e.cmp(arith::CmpIPredicate::sle, order, zero));
    Value open = e.cmp(arith::CmpIPredicate::slt, low, high);
    Value after = e.make<arith::AddIOp>(middle, index(e, 1));
    Value newLow = e.select(passes, after, low);
    Value newHigh = e.select(passes, high, middle);
    return {e.select(open, newLow, low), e.select(open, newHigh, high)};
  };
  return loop(b, steps, {index(s, 0), length}, body)[0];
}

/// Merges neighbouring sorted runs of `run` rows: each row goes to its place in
/// its own run plus its rank in the other.
Value RowSort::mergeRuns(OpBuilder &b, Value from, Value to, Value run,
                         Value steps) const {
  auto body = [&](OpBuilder &nested, Value p,
                  ValueRange carried) -> SmallVector<Value> {
    graph::Scalar s(nested, loc);
    Value number = s.make<arith::DivUIOp>(p, run);
    Value start = s.make<arith::MulIOp>(number, run);
    Value odd = s.make<arith::AndIOp>(number, index(s, 1));
    Value isLeft = s.cmp(arith::CmpIPredicate::eq, odd, index(s, 0));
    Value next =
        s.make<arith::MinSIOp>(s.make<arith::AddIOp>(start, run), count);
    Value before = s.make<arith::SubIOp>(start, run);
    Value other = s.select(isLeft, next, before);
    Value end = s.select(
        isLeft, s.make<arith::MinSIOp>(s.make<arith::AddIOp>(next, run), count),
        start);
    Value row = read(s, from, p);
    Value ahead = rank(nested, from, row, other,
                       s.make<arith::SubIOp>(end, other), steps, isLeft);
    Value base = s.select(isLeft, start, before);
    Value own = s.make<arith::SubIOp>(p, start);
    Value place =
        s.make<arith::AddIOp>(s.make<arith::AddIOp>(base, own), ahead);
    return {write(s, row, carried[0], place)};
  };
  return loop(b, count, to, body)[0];
}

/// The numbers of the rows in ascending order of the rows; equal rows as they
/// came.
Value RowSort::sort(OpBuilder &b, Value list, Value spare) const {
  graph::Scalar s(b, loc);
  list = loop(b, count, list,
              [&](OpBuilder &nested, Value i,
                  ValueRange carried) -> SmallVector<Value> {
                return {write(graph::Scalar(nested, loc), i, carried[0], i)};
              })[0];
  // Rounds of two merges each, until runs of 4^rounds are all there is. Sizes
  // fit 62 bits.
  auto runOf = [&](graph::Scalar at, Value round) -> Value {
    Value bits = at.make<arith::ShLIOp>(round, index(at, 1));
    return at.make<arith::ShLIOp>(index(at, 1), bits);
  };
  Value rounds =
      loop(b, index(s, 31), index(s, 0),
           [&](OpBuilder &nested, Value i,
               ValueRange carried) -> SmallVector<Value> {
             graph::Scalar at(nested, loc);
             Value more =
                 at.cmp(arith::CmpIPredicate::slt, runOf(at, i), count);
             return {at.select(more, at.make<arith::AddIOp>(i, index(at, 1)),
                               carried[0])};
           })[0];
  auto round = [&](OpBuilder &nested, Value i, ValueRange carried) {
    graph::Scalar at(nested, loc);
    Value run = runOf(at, i);
    Value twice = at.make<arith::ShLIOp>(run, index(at, 1));
    Value steps = at.make<arith::AddIOp>(
        at.make<arith::ShLIOp>(i, index(at, 1)), index(at, 1));
    Value more = at.make<arith::AddIOp>(steps, index(at, 1));
    Value merged = mergeRuns(nested, carried[0], carried[1], run, steps);
    Value back = mergeRuns(nested, merged, carried[0], twice, more);
    return SmallVector<Value>{back, merged};
  };
  return loop(b, rounds, {list, spare}, round)[0];
}

/// Whether the row at position `at` of the sorted `list` begins a group (i1).
Value RowSort::isNew(OpBuilder &b, Value list, Value at, Value row) const {
  graph::Scalar s(b, loc);
  Value before = s.make<arith::MaxSIOp>(s.make<arith::SubIOp>(at, index(s, 1)),
                                        index(s, 0));
  Value order = compare(b, read(s, list, before), row);
  Value differs =
      s.cmp(arith::CmpIPredicate::ne, order, s.zero(order.getType()));
  Value isFirst = s.cmp(arith::CmpIPredicate::eq, at, index(s, 0));
  return s.make<arith::OrIOp>(differs, isFirst);
}

/// Numbers groups as the sorted list has them. `out` and the result are first
/// rows of groups, groups of rows, and then the number of groups.
SmallVector<Value> RowSort::numberSorted(OpBuilder &b, Value list,
                                         ValueRange out) const {
  SmallVector<Value> inits{out[0], out[1], index(graph::Scalar(b, loc), 0)};
  return loop(
      b, count, inits, [&](OpBuilder &nested, Value p, ValueRange carried) {
        graph::Scalar s(nested, loc);
        Value row = read(s, list, p);
        Value begins = isNew(nested, list, p, row);
        Value groups = s.make<arith::AddIOp>(
            carried[2],
            s.make<arith::IndexCastUIOp>(nested.getIndexType(), begins));
        Value group = s.make<arith::SubIOp>(groups, index(s, 1));
        Value first = s.select(begins, row, read(s, carried[0], group));
        return SmallVector<Value>{write(s, first, carried[0], group),
                                  write(s, group, carried[1], row), groups};
      });
}

/// Numbers groups by their first rows. `leaders` is memory for the first row
/// equal to each row.
SmallVector<Value> RowSort::numberByPlace(OpBuilder &b, Value list,
                                          Value leaders, ValueRange out) const {
  Value zero = index(graph::Scalar(b, loc), 0);
  leaders = loop(
      b, count, {leaders, zero},
      [&](OpBuilder &nested, Value p, ValueRange carried) {
        graph::Scalar s(nested, loc);
        Value row = read(s, list, p);
        Value leader = s.select(isNew(nested, list, p, row), row, carried[1]);
        return SmallVector<Value>{write(s, leader, carried[0], row), leader};
      })[0];
  SmallVector<Value> results = loop(
      b, count, {out[0], out[1], zero},
      [&](OpBuilder &nested, Value row, ValueRange carried) {
        graph::Scalar s(nested, loc);
        Value leader = read(s, leaders, row);
        Value leads = s.cmp(arith::CmpIPredicate::eq, leader, row);
        // A leader stands before those it leads.
        Value known = s.select(leads, carried[2], read(s, carried[1], leader));
        Value first = s.select(leads, row, read(s, carried[0], known));
        Value groups = s.make<arith::AddIOp>(
            carried[2],
            s.make<arith::IndexCastUIOp>(nested.getIndexType(), leads));
        return SmallVector<Value>{write(s, first, carried[0], known),
                                  write(s, known, carried[1], row), groups};
      });
  return results;
}

static LogicalResult lowerUnique(Lowering &lowering, graph::UniqueOp op) {
  Location loc = op.getLoc();
  Tensor rows = lowering.get(op.getRows());
  Type i64 = lowering.b.getI64Type();
  Expr count = rows.dims[0];
  Type element = getElementTypeOrSelf(op.getRows());
  RowSort code{loc, rows.value, lowering.index(count),
               lowering.index(rows.dims[1]), graph::isUnsignedElement(element)};
  SmallVector<Expr> list{count};
  SmallVector<Value> dynamic = lowering.dynamicSizes(list);
  // First rows, groups, their number, and two lists to sort in.
  SmallVector<SmallVector<Expr>> dims{list, list, {}, list, list};
  SmallVector<Tensor> results = lowering.group(
      loc, dims, SmallVector<Type>(5, i64),
      [&](OpBuilder &b) -> SmallVector<Value> {
        SmallVector<Value> out;
        for (const SmallVector<Expr> &shape : dims)
          out.push_back(tensor::EmptyOp::create(
              b, loc, lowering.type(shape, i64),
              shape.empty() ? ValueRange() : ValueRange(dynamic)));
        Value sorted = code.sort(b, out[3], out[4]);
        SmallVector<Value> numbered =
            op.getSorted() ? code.numberSorted(b, sorted, out)
                           : code.numberByPlace(b, sorted, out[4], out);
        Value groups = arith::IndexCastOp::create(b, loc, i64, numbered[2]);
        Value total =
            tensor::InsertOp::create(b, loc, groups, out[2], ValueRange());
        return {numbered[0], numbered[1], total, sorted, out[4]};
      });
  OpBuilder &b = lowering.b;
  Value total =
      tensor::ExtractOp::create(b, loc, results[2].value, ValueRange());
  total = arith::IndexCastOp::create(b, loc, b.getIndexType(), total);
  Expr groups = lowering.dims(op.getFirst())[0];
  if (graph::ShapeContext::asConstant(groups))
    lowering.check(loc,
                   arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                         total, lowering.index(groups)),
                   "the number of different rows is not as declared");
  else
    lowering.define(groups, total);
  OpFoldResult size = lowering.fold(groups);
  Value first = tensor::ExtractSliceOp::create(
      b, loc, lowering.type({groups}, i64), results[0].value,
      ArrayRef<OpFoldResult>(b.getIndexAttr(0)), size,
      ArrayRef<OpFoldResult>(b.getIndexAttr(1)));
  lowering.set(op.getFirst(), first);
  lowering.set(op.getInverse(), results[1].value);
  return success();
}

void lower::addUniqueRules(Table &table) { table.add(&lowerUnique); }
