// Two kernels: one counts, the host reads the count, one writes the indices.

#include "passes/linalg/Nest.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

static Value isNonZero(graph::Scalar s, Type type, Value element) {
  return s.cast(element, type, s.builder.getI1Type());
}

static Value countNonZeros(Lowering &lowering, Location loc, Tensor input,
                           Type type) {
  OpBuilder &b = lowering.b;
  unsigned rank = input.rank();
  Tensor init = lowering.fill(loc, {}, b.getI64IntegerAttr(0));
  Tensor count =
      lowering
          .generic(
              loc, input, init,
              {lowering.identity(rank),
               AffineMap::get(rank, 0, b.getContext())},
              /*parallel=*/0,
              [&](OpBuilder &nested, ValueRange args) -> SmallVector<Value> {
                graph::Scalar s(nested, loc);
                Value one = s.make<arith::ExtUIOp>(nested.getI64Type(),
                                                   isNonZero(s, type, args[0]));
                return {s.make<arith::AddIOp>(args[1], one)};
              })
          .front();
  Value scalar = tensor::ExtractOp::create(b, loc, count.value, ValueRange());
  return arith::IndexCastOp::create(b, loc, b.getIndexType(), scalar);
}

static FailureOr<Tensor> lowerNonZero(Lowering &lowering, graph::NonZeroOp op) {
  Location loc = op.getLoc();
  Tensor input = lowering.get(op.getInput());
  SmallVector<Expr> dims = llvm::to_vector(lowering.dims(op.getOutput()));
  if (input.rank() == 0)
    input = lowering.reshape(loc, input, {lowering.constant(1)});
  Type type = getElementTypeOrSelf(op.getInput());
  if (!graph::ShapeContext::asConstant(dims[1]))
    lowering.define(dims[1], countNonZeros(lowering, loc, input, type));

  SmallVector<Value> sizes = nestSizes(lowering, input.dims);
  SmallVector<Value> dynamic = lowering.dynamicSizes(dims);
  Type i64 = lowering.b.getI64Type();
  auto append = [&](OpBuilder &body, ValueRange at,
                    ValueRange carried) -> SmallVector<Value> {
    graph::Scalar s(body, loc);
    Value element = s.make<tensor::ExtractOp>(input.value, at);
    auto choice = scf::IfOp::create(
        body, loc, isNonZero(s, type, element),
        [&](OpBuilder &then, Location) {
          graph::Scalar inner(then, loc);
          Value out = carried[0];
          for (auto [d, i] : llvm::enumerate(at)) {
            Value row = inner.integer(then.getIndexType(), d);
            out = inner.make<tensor::InsertOp>(
                inner.make<arith::IndexCastOp>(i64, i), out,
                ValueRange{row, carried[1]});
          }
          Value one = inner.integer(then.getIndexType(), 1);
          Value next = inner.make<arith::AddIOp>(carried[1], one);
          scf::YieldOp::create(then, loc, ValueRange{out, next});
        },
        [&](OpBuilder &otherwise, Location) {
          scf::YieldOp::create(otherwise, loc, carried);
        });
    return SmallVector<Value>(choice.getResults());
  };
  return lowering
      .group(loc, {dims}, {i64},
             [&](OpBuilder &nested) -> SmallVector<Value> {
               Value out = tensor::EmptyOp::create(
                   nested, loc, lowering.type(dims, i64), dynamic);
               Value zero = arith::ConstantIndexOp::create(nested, loc, 0);
               return {emitNest(nested, loc, sizes, {out, zero}, append)[0]};
             })
      .front();
}

void lower::addNonZeroRules(Table &table) { table.add(&lowerNonZero); }
