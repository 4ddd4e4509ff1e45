// Determinants and inverses: elimination with partial pivoting, in place on a
// copy, one matrix after the other.

#include "passes/linalg/Nest.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

namespace {
/// One matrix under elimination. Row operations apply to each of `tensors`,
/// the first of which is brought to triangular (or, with `all`, diagonal) form.
struct Elimination {
  OpBuilder &b;
  Location loc;
  SmallVector<Value> batch;
  Value size;
  bool all;

  using Body = llvm::function_ref<SmallVector<Value>(OpBuilder &, Value i,
                                                     ValueRange carried)>;
  SmallVector<Value> loop(OpBuilder &at, Value from, ValueRange inits,
                          Body body) const;
  Value read(OpBuilder &at, Value tensor, Value i, Value j) const;
  Value write(OpBuilder &at, Value value, Value tensor, Value i, Value j) const;

  Value findPivot(OpBuilder &at, Value matrix, Value k) const;
  SmallVector<Value> swapRows(OpBuilder &at, ValueRange tensors, Value i,
                              Value j) const;
  SmallVector<Value> clear(OpBuilder &at, ValueRange tensors, Value k,
                           Value lead) const;
  /// Tensors, then the determinant.
  SmallVector<Value> run(ValueRange tensors) const;

private:
  SmallVector<Value> position(Value i, Value j) const {
    SmallVector<Value> result(batch);
    result.append({i, j});
    return result;
  }
};
} // namespace

SmallVector<Value> Elimination::loop(OpBuilder &at, Value from,
                                     ValueRange inits, Body body) const {
  Value one = arith::ConstantIndexOp::create(at, loc, 1);
  auto loop = scf::ForOp::create(
      at, loc, from, size, one, inits,
      [&](OpBuilder &nested, Location, Value i, ValueRange carried) {
        scf::YieldOp::create(nested, loc, body(nested, i, carried));
      });
  return SmallVector<Value>(loop.getResults());
}

Value Elimination::read(OpBuilder &at, Value tensor, Value i, Value j) const {
  return tensor::ExtractOp::create(at, loc, tensor, position(i, j));
}

Value Elimination::write(OpBuilder &at, Value value, Value tensor, Value i,
                         Value j) const {
  return tensor::InsertOp::create(at, loc, value, tensor, position(i, j));
}

/// The row from `k` on whose element in column `k` is greatest.
Value Elimination::findPivot(OpBuilder &at, Value matrix, Value k) const {
  auto body = [&](OpBuilder &nested, Value i,
                  ValueRange carried) -> SmallVector<Value> {
    graph::Scalar s(nested, loc);
    Value here = s.make<math::AbsFOp>(read(nested, matrix, i, k));
    Value best = s.make<math::AbsFOp>(read(nested, matrix, carried[0], k));
    return {
        s.select(s.cmp(arith::CmpFPredicate::OGT, here, best), i, carried[0])};
  };
  return loop(at, k, k, body)[0];
}

SmallVector<Value> Elimination::swapRows(OpBuilder &at, ValueRange tensors,
                                         Value i, Value j) const {
  Value zero = arith::ConstantIndexOp::create(at, loc, 0);
  return loop(at, zero, tensors,
              [&](OpBuilder &nested, Value column, ValueRange carried) {
                SmallVector<Value> results;
                for (Value tensor : carried) {
                  Value a = read(nested, tensor, i, column);
                  Value c = read(nested, tensor, j, column);
                  tensor = write(nested, c, tensor, i, column);
                  results.push_back(write(nested, a, tensor, j, column));
                }
                return results;
              });
}

/// Subtracts multiples of row `k` so that column `k` becomes 0 in other rows.
SmallVector<Value> Elimination::clear(OpBuilder &at, ValueRange tensors,
                                      Value k, Value lead) const {
  graph::Scalar s(at, loc);
  Value zero = s.integer(at.getIndexType(), 0);
  Value next = s.make<arith::AddIOp>(k, s.integer(at.getIndexType(), 1));
  auto clearRow = [&](OpBuilder &row, Value i, ValueRange carried) {
    graph::Scalar r(row, loc);
    Value none = r.zero(lead.getType());
    Value factor = r.make<arith::DivFOp>(read(row, carried[0], i, k), lead);
    // Row k itself stays; a determinant that is 0 stays 0.
    Value stays = all ? r.cmp(arith::CmpIPredicate::eq, i, k)
                      : r.cmp(arith::CmpFPredicate::OEQ, lead, none);
    factor = r.select(stays, none, factor);
    return loop(
        row, zero, carried, [&](OpBuilder &nested, Value j, ValueRange inner) {
          graph::Scalar e(nested, loc);
          SmallVector<Value> results;
          for (Value tensor : inner) {
            Value old = read(nested, tensor, i, j);
            Value part =
                e.make<arith::MulFOp>(factor, read(nested, tensor, k, j));
            Value value = e.make<arith::SubFOp>(old, part);
            results.push_back(
                write(nested, e.select(stays, old, value), tensor, i, j));
          }
          return results;
        });
  };
  return loop(at, all ? zero : next, tensors, clearRow);
}

SmallVector<Value> Elimination::run(ValueRange tensors) const {
  graph::Scalar s(b, loc);
  Type type = cast<RankedTensorType>(tensors[0].getType()).getElementType();
  SmallVector<Value> inits(tensors);
  inits.push_back(s.one(type));
  return loop(b, s.integer(b.getIndexType(), 0), inits,
              [&](OpBuilder &nested, Value k, ValueRange carried) {
                graph::Scalar step(nested, loc);
                Value pivot = findPivot(nested, carried[0], k);
                SmallVector<Value> swapped =
                    swapRows(nested, carried.drop_back(), k, pivot);
                Value same = step.cmp(arith::CmpIPredicate::eq, k, pivot);
                Value lead = read(nested, swapped[0], k, k);
                Value sign =
                    step.select(same, step.one(type), step.real(type, -1));
                Value det = step.make<arith::MulFOp>(
                    carried.back(), step.make<arith::MulFOp>(sign, lead));
                SmallVector<Value> results = clear(nested, swapped, k, lead);
                results.push_back(det);
                return results;
              });
}

namespace {
/// Square matrices and their batch dims.
struct Matrices {
  Matrices(Lowering &lowering, Location loc, Value graphValue)
      : input(lowering.get(graphValue)),
        batch(ArrayRef<Expr>(input.dims).drop_back(2)) {
    lowering.requireEqual(loc, input.dims[input.rank() - 2], input.dims.back(),
                          "matrices are not square");
    batchSizes = nestSizes(lowering, batch);
    size = lowering.index(input.dims.back());
    dynamic = lowering.dynamicSizes(input.dims);
  }

  /// The copy to work on.
  Value copy(OpBuilder &b, Location loc) const {
    Value out = tensor::EmptyOp::create(b, loc, input.value.getType(), dynamic);
    return linalg::CopyOp::create(b, loc, input.value, out).getResult(0);
  }

  Tensor input;
  SmallVector<Expr> batch;
  SmallVector<Value> batchSizes, dynamic;
  Value size;
};
} // namespace

static FailureOr<Tensor> lowerDet(Lowering &lowering, graph::DetOp op) {
  Location loc = op.getLoc();
  Matrices m(lowering, loc, op.getInput());
  Type type = m.input.elementType();
  SmallVector<Value> dynamic = lowering.dynamicSizes(m.batch);
  auto body = [&](OpBuilder &b, ValueRange at,
                  ValueRange carried) -> SmallVector<Value> {
    Elimination elimination{b, loc, SmallVector<Value>(at), m.size, false};
    SmallVector<Value> done = elimination.run(carried[0]);
    Value dets = tensor::InsertOp::create(b, loc, done[1], carried[1], at);
    return {done[0], dets};
  };
  return lowering.group(loc, {m.input.dims, m.batch}, {type, type},
                        [&](OpBuilder &nested) -> SmallVector<Value> {
                          Value dets = tensor::EmptyOp::create(
                              nested, loc, lowering.type(m.batch, type),
                              dynamic);
                          return emitNest(nested, loc, m.batchSizes,
                                          {m.copy(nested, loc), dets}, body);
                        })[1];
}

static FailureOr<Tensor> lowerInverse(Lowering &lowering, graph::InverseOp op) {
  Location loc = op.getLoc();
  Matrices m(lowering, loc, op.getInput());
  Type type = m.input.elementType();
  auto isDiagonal = [&](OpBuilder &b, ValueRange at) -> Value {
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq,
                                 at[at.size() - 2], at.back());
  };
  auto unit = [&](OpBuilder &b, ValueRange at,
                  ValueRange carried) -> SmallVector<Value> {
    graph::Scalar s(b, loc);
    Value value = s.select(isDiagonal(b, at), s.one(type), s.zero(type));
    return {s.make<tensor::InsertOp>(value, carried[0], at)};
  };
  auto body = [&](OpBuilder &b, ValueRange at,
                  ValueRange carried) -> SmallVector<Value> {
    Elimination elimination{b, loc, SmallVector<Value>(at), m.size, true};
    return SmallVector<Value>(
        ArrayRef<Value>(elimination.run(carried)).drop_back());
  };
  SmallVector<Value> sizes = nestSizes(lowering, m.input.dims);
  auto scale = [&](OpBuilder &b, ValueRange at, Value matrix,
                   ValueRange carried) -> SmallVector<Value> {
    graph::Scalar s(b, loc);
    SmallVector<Value> diagonal(at);
    diagonal.back() = diagonal[at.size() - 2];
    Value value =
        s.make<arith::DivFOp>(s.make<tensor::ExtractOp>(carried[0], at),
                              s.make<tensor::ExtractOp>(matrix, diagonal));
    return {s.make<tensor::InsertOp>(value, carried[0], at)};
  };
  return lowering.group(
      loc, {m.input.dims, m.input.dims}, {type, type},
      [&](OpBuilder &nested) -> SmallVector<Value> {
        Value out = tensor::EmptyOp::create(nested, loc,
                                            m.input.value.getType(), m.dynamic);
        out = emitNest(nested, loc, sizes, out, unit)[0];
        SmallVector<Value> done = emitNest(nested, loc, m.batchSizes,
                                           {m.copy(nested, loc), out}, body);
        out = emitNest(nested, loc, sizes, done[1],
                       [&](OpBuilder &b, ValueRange at, ValueRange carried) {
                         return scale(b, at, done[0], carried);
                       })[0];
        return {done[0], out};
      })[1];
}

void lower::addMatrixRules(Table &table) {
  table.add(&lowerDet);
  table.add(&lowerInverse);
}
