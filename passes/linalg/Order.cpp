// What depends on order: arg_reduce, scan, topk.

#include "passes/linalg/Combine.h"
#include "passes/linalg/Lowering.h"
#include "passes/linalg/Nest.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

Value lower::isBefore(OpBuilder &b, Location loc, bool largest, bool isUnsigned,
                      Value lhs, Value rhs) {
  graph::Scalar s(b, loc);
  if (!isa<FloatType>(lhs.getType())) {
    using P = arith::CmpIPredicate;
    P predicate =
        isUnsigned ? (largest ? P::ugt : P::ult) : (largest ? P::sgt : P::slt);
    return s.cmp(predicate, lhs, rhs);
  }
  using P = arith::CmpFPredicate;
  Value before = s.cmp(largest ? P::OGT : P::OLT, lhs, rhs);
  // NaN is greater than all numbers and equal to itself.
  Value nan = largest ? lhs : rhs, number = largest ? rhs : lhs;
  Value isNan = s.cmp(P::UNO, nan, nan);
  Value isNumber = s.cmp(P::ORD, number, number);
  return s.make<arith::OrIOp>(before, s.make<arith::AndIOp>(isNan, isNumber));
}

//===-- arg_reduce
//-------------------------------------------------------------===//

/// Whether an element takes the place of the best one so far: the greatest (or
/// least), the first of equals or the last; the first NaN before all.
static Value replacesBest(OpBuilder &b, Location loc, graph::ArgReduceOp op,
                          bool isUnsigned, Value element, Value best) {
  graph::Scalar s(b, loc);
  bool largest = op.getLargest(), last = op.getSelectLast();
  if (!isa<FloatType>(element.getType())) {
    if (!last)
      return isBefore(b, loc, largest, isUnsigned, element, best);
    Value worse = isBefore(b, loc, largest, isUnsigned, best, element);
    return s.make<arith::XOrIOp>(worse, s.integer(b.getI1Type(), 1));
  }
  using P = arith::CmpFPredicate;
  P predicate = largest ? (last ? P::OGE : P::OGT) : (last ? P::OLE : P::OLT);
  Value better = s.cmp(predicate, element, best);
  Value isNan = s.cmp(P::UNO, element, element);
  Value isFirst = s.cmp(P::ORD, best, best);
  return s.make<arith::OrIOp>(better, s.make<arith::AndIOp>(isNan, isFirst));
}

static FailureOr<Tensor> lowerArgReduce(Lowering &lowering,
                                        graph::ArgReduceOp op) {
  Location loc = op.getLoc();
  Tensor input = lowering.get(op.getInput());
  int64_t axis = op.getAxis(), rank = input.rank();
  bool isUnsigned = getElementTypeOrSelf(op.getInput()).isUnsignedInteger();
  lowering.requirePositive(loc, input.dims[axis],
                           "an empty dim has no greatest or least element");
  SmallVector<Expr> kept = input.dims;
  kept.erase(kept.begin() + axis);
  SmallVector<AffineExpr> read = lowering.loops(0, rank - 1);
  read.insert(read.begin() + axis, lowering.b.getAffineDimExpr(rank - 1));
  AffineMap write =
      AffineMap::get(rank, 0, lowering.loops(0, rank - 1), op.getContext());
  auto kind = op.getLargest() ? graph::ReduceKind::max : graph::ReduceKind::min;
  TypedAttr worst = identityOf(kind, input.elementType(), isUnsigned);
  SmallVector<Tensor> inits{
      lowering.fill(loc, kept, worst),
      lowering.fill(loc, kept, lowering.b.getI64IntegerAttr(0))};
  SmallVector<Tensor> results = lowering.generic(
      loc, input, inits,
      {AffineMap::get(rank, 0, read, op.getContext()), write, write}, rank - 1,
      [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
        graph::Scalar s(nested, loc);
        Value replaces =
            replacesBest(nested, loc, op, isUnsigned, args[0], args[1]);
        Value i = s.make<arith::IndexCastOp>(nested.getI64Type(),
                                             s.make<linalg::IndexOp>(rank - 1));
        return {s.select(replaces, args[0], args[1]),
                s.select(replaces, i, args[2])};
      });
  return lowering.reshape(loc, results[1],
                          llvm::to_vector(lowering.dims(op.getOutput())));
}

//===-- scan
//-------------------------------------------------------------------===//

static FailureOr<Tensor> lowerScan(Lowering &lowering, graph::ScanOp op) {
  Location loc = op.getLoc();
  Tensor input = lowering.get(op.getInput());
  int64_t axis = op.getAxis();
  Type element = input.elementType(), wide = accumulatorType(element);
  auto kind = op.getKind() == graph::ScanKind::sum ? graph::ReduceKind::sum
                                                   : graph::ReduceKind::prod;
  SmallVector<Expr> outer = input.dims;
  outer.erase(outer.begin() + axis);
  SmallVector<Value> sizes = nestSizes(lowering, outer);
  Value length = lowering.index(input.dims[axis]);
  SmallVector<Value> dynamic = lowering.dynamicSizes(input.dims);
  RankedTensorType type = lowering.type(input.dims, element);

  auto scanRow = [&](OpBuilder &row, ValueRange at, Value tensor) -> Value {
    graph::Scalar s(row, loc);
    Value zero = s.integer(row.getIndexType(), 0);
    Value one = s.integer(row.getIndexType(), 1);
    Value start =
        arith::ConstantOp::create(row, loc, identityOf(kind, wide, false));
    auto loop = scf::ForOp::create(
        row, loc, zero, length, one, ValueRange{tensor, start},
        [&](OpBuilder &body, Location, Value i, ValueRange carried) {
          graph::Scalar inner(body, loc);
          if (op.getReverse())
            i = inner.make<arith::SubIOp>(
                inner.make<arith::SubIOp>(length, one), i);
          SmallVector<Value> position(at);
          position.insert(position.begin() + axis, i);
          Value value = inner.make<tensor::ExtractOp>(input.value, position);
          Value sum = combine(body, loc, kind, false, carried[1],
                              inner.cast(value, element, wide));
          Value out = op.getExclusive() ? carried[1] : sum;
          Value next = inner.make<tensor::InsertOp>(
              inner.cast(out, wide, element), carried[0], position);
          scf::YieldOp::create(body, loc, ValueRange{next, sum});
        });
    return loop.getResult(0);
  };
  return lowering
      .group(loc, {input.dims}, {element},
             [&](OpBuilder &nested) -> SmallVector<Value> {
               Value out = tensor::EmptyOp::create(nested, loc, type, dynamic);
               return emitNest(nested, loc, sizes, out,
                               [&](OpBuilder &row, ValueRange at,
                                   ValueRange carried) -> SmallVector<Value> {
                                 return {scanRow(row, at, carried[0])};
                               });
             })
      .front();
}

//===-- topk
//-------------------------------------------------------------------===//

namespace {
struct TopK {
  Lowering &lowering;
  graph::TopKOp op;
  Location loc;
  Tensor input;
  bool isUnsigned;
  /// Elements of a row to look at (none if none are wanted), and to find.
  Value length, count;

  SmallVector<Value> selectRow(OpBuilder &row, ValueRange at, ValueRange out);
  SmallVector<Value> insert(OpBuilder &b, ValueRange at, Value value, Value i,
                            ValueRange out);
  SmallVector<Value> position(ValueRange at, Value along) {
    SmallVector<Value> result(at);
    result.insert(result.begin() + op.getAxis(), along);
    return result;
  }
  Value precedes(OpBuilder &b, Value lhs, Value rhs) {
    return isBefore(b, loc, op.getLargest(), isUnsigned, lhs, rhs);
  }
};
} // namespace

/// Puts element `i` into the list found so far, which has the best elements
/// before it in order; what follows moves on by one, the last one out.
SmallVector<Value> TopK::insert(OpBuilder &b, ValueRange at, Value value,
                                Value i, ValueRange out) {
  graph::Scalar s(b, loc);
  Type index = b.getIndexType();
  Value zero = s.integer(index, 0), one = s.integer(index, 1);
  Value end = s.make<arith::MinSIOp>(s.make<arith::AddIOp>(i, one), count);
  Value number = s.make<arith::IndexCastOp>(b.getI64Type(), i);
  Value no = s.integer(b.getI1Type(), 0);
  auto loop = scf::ForOp::create(
      b, loc, zero, end, one, ValueRange{out[0], out[1], value, number, no},
      [&](OpBuilder &body, Location, Value p, ValueRange carried) {
        graph::Scalar inner(body, loc);
        SmallVector<Value> slot = position(at, p);
        Value there = inner.make<tensor::ExtractOp>(carried[0], slot);
        Value thereIndex = inner.make<tensor::ExtractOp>(carried[1], slot);
        // Slot `i` is not filled yet.
        Value takes =
            inner.make<arith::OrIOp>(inner.cmp(arith::CmpIPredicate::eq, p, i),
                                     precedes(body, carried[2], there));
        takes = inner.make<arith::OrIOp>(takes, carried[4]);
        Value values = inner.make<tensor::InsertOp>(
            inner.select(takes, carried[2], there), carried[0], slot);
        Value indices = inner.make<tensor::InsertOp>(
            inner.select(takes, carried[3], thereIndex), carried[1], slot);
        scf::YieldOp::create(
            body, loc,
            ValueRange{values, indices, inner.select(takes, there, carried[2]),
                       inner.select(takes, thereIndex, carried[3]), takes});
      });
  return {loop.getResult(0), loop.getResult(1)};
}

/// One pass over the row. Most elements of a long row are no better than the
/// last one found, which is one comparison; no memory beside the results.
SmallVector<Value> TopK::selectRow(OpBuilder &row, ValueRange at,
                                   ValueRange out) {
  graph::Scalar s(row, loc);
  Value zero = s.integer(row.getIndexType(), 0);
  Value one = s.integer(row.getIndexType(), 1);
  auto loop = scf::ForOp::create(
      row, loc, zero, length, one, out,
      [&](OpBuilder &body, Location, Value i, ValueRange carried) {
        graph::Scalar inner(body, loc);
        Value value =
            inner.make<tensor::ExtractOp>(input.value, position(at, i));
        Value isShort = inner.cmp(arith::CmpIPredicate::slt, i, count);
        Value last = inner.make<arith::SubIOp>(count, one);
        Value worst =
            inner.make<tensor::ExtractOp>(carried[0], position(at, last));
        Value enters =
            inner.make<arith::OrIOp>(isShort, precedes(body, value, worst));
        auto choice = scf::IfOp::create(
            body, loc, enters,
            [&](OpBuilder &then, Location) {
              scf::YieldOp::create(then, loc,
                                   insert(then, at, value, i, carried));
            },
            [&](OpBuilder &otherwise, Location) {
              scf::YieldOp::create(otherwise, loc, carried);
            });
        scf::YieldOp::create(body, loc, choice.getResults());
      });
  return {loop.getResult(0), loop.getResult(1)};
}

static LogicalResult lowerTopK(Lowering &lowering, graph::TopKOp op) {
  Location loc = op.getLoc();
  Tensor input = lowering.get(op.getInput());
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getValues()));
  int64_t axis = op.getAxis();
  lowering.requireAtMost(loc, lowering.constant(0), dims[axis],
                         "k is less than 0");
  lowering.requireAtMost(loc, dims[axis], input.dims[axis],
                         "k is greater than the dim");
  TopK topk{lowering,
            op,
            loc,
            input,
            getElementTypeOrSelf(op.getInput()).isUnsignedInteger(),
            lowering.index(
                lowering.shapes.select(dims[axis], lowering.constant(0),
                                       lowering.constant(0), input.dims[axis])),
            lowering.index(dims[axis])};
  SmallVector<Expr> outer = dims;
  outer.erase(outer.begin() + axis);
  SmallVector<Value> sizes = nestSizes(lowering, outer);
  SmallVector<Value> dynamic = lowering.dynamicSizes(dims);
  SmallVector<Type> types{input.elementType(), lowering.b.getI64Type()};
  SmallVector<Tensor> results = lowering.group(
      loc, {dims, dims}, types, [&](OpBuilder &nested) -> SmallVector<Value> {
        SmallVector<Value> out;
        for (Type type : types)
          out.push_back(tensor::EmptyOp::create(
              nested, loc, lowering.type(dims, type), dynamic));
        return emitNest(nested, loc, sizes, out,
                        [&](OpBuilder &row, ValueRange at, ValueRange carried) {
                          return topk.selectRow(row, at, carried);
                        });
      });
  lowering.set(op.getValues(), results[0].value);
  lowering.set(op.getIndices(), results[1].value);
  return success();
}

void lower::addOrderRules(Table &table) {
  table.add(&lowerArgReduce);
  table.add(&lowerScan);
  table.add(&lowerTopK);
}
