// Control flow of the model is control flow of the host.

#include "passes/linalg/Lowering.h"

#include "dialects/graph/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;

/// The one element of a tensor, on the host.
static Value readScalar(Lowering &lowering, Location loc, Tensor tensor) {
  SmallVector<Value> zeros(tensor.rank(), lowering.index(lowering.constant(0)));
  return lowering.b.createOrFold<tensor::ExtractOp>(loc, tensor.value, zeros);
}

/// Lowers `region` into `block` and ends it with the values that it yields, as
/// the types of `results`.
static LogicalResult lowerBranch(Lowering &lowering, Region &region,
                                 Block *block, ResultRange results) {
  Lowering::Scope scope(lowering, block);
  if (failed(lowering.lowerOps(region.front())))
    return failure();
  Operation *yield = region.front().getTerminator();
  SmallVector<Value> values;
  for (auto [value, result] : llvm::zip(yield->getOperands(), results))
    values.push_back(lowering.castTo(yield->getLoc(), lowering.get(value).value,
                                     lowering.typeOf(result)));
  scf::YieldOp::create(lowering.b, yield->getLoc(), values);
  return success();
}

static LogicalResult lowerIf(Lowering &lowering, graph::IfOp op) {
  Location loc = op.getLoc();
  Value condition = readScalar(lowering, loc, lowering.get(op.getCondition()));
  SmallVector<Type> types;
  for (Value result : op.getOutputs())
    types.push_back(lowering.typeOf(result));
  auto choice = scf::IfOp::create(lowering.b, loc, types, condition,
                                  /*addThenBlock=*/true, /*addElseBlock=*/true);
  if (failed(lowerBranch(lowering, op.getThenRegion(), choice.thenBlock(),
                         op->getResults())) ||
      failed(lowerBranch(lowering, op.getElseRegion(), choice.elseBlock(),
                         op->getResults())))
    return failure();
  for (auto [result, value] : llvm::zip(op.getOutputs(), choice.getResults()))
    lowering.set(result, value);
  return success();
}

namespace {
/// `graph.loop` as `scf.while`: the counter, `go on`, the carried tensors, then
/// a stack per scanned value, which grows by a row each time.
class Loop {
public:
  Loop(Lowering &lowering, graph::LoopOp op)
      : lowering(lowering), b(lowering.b), op(op), loc(op.getLoc()),
        body(op.getBody().front()), numCarried(op.getInits().size()) {}

  LogicalResult lower();

private:
  unsigned numScanned() { return op.getNumResults() - numCarried; }
  Value scanned(unsigned k) {
    return body.getTerminator()->getOperand(1 + numCarried + k);
  }
  RankedTensorType stackType(unsigned k);
  SmallVector<Value> initialValues();
  LogicalResult emitBody(scf::WhileOp loop);
  Value push(Value stack, Tensor row, Value count);

  Lowering &lowering;
  OpBuilder &b;
  graph::LoopOp op;
  Location loc;
  Block &body;
  unsigned numCarried;
};
} // namespace

/// Rows of a stack may have other sizes in other iterations as far as types
/// tell, so only sizes of the declared type are static.
RankedTensorType Loop::stackType(unsigned k) {
  auto type = cast<RankedTensorType>(scanned(k).getType());
  SmallVector<int64_t> sizes{ShapedType::kDynamic};
  llvm::append_range(sizes, type.getShape());
  return RankedTensorType::get(sizes, Lowering::elementTypeOf(scanned(k)));
}

SmallVector<Value> Loop::initialValues() {
  SmallVector<Value> values{
      arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(0)),
      readScalar(lowering, loc, lowering.get(op.getCondition()))};
  for (auto [init, argument] :
       llvm::zip(op.getInits(), body.getArguments().drop_front()))
    values.push_back(lowering.castTo(loc, lowering.get(init).value,
                                     lowering.typeOf(argument)));
  // No rows yet; their dynamic dims are those of the first one.
  for (unsigned k = 0; k < numScanned(); ++k) {
    RankedTensorType type = stackType(k);
    SmallVector<Value> sizes(type.getNumDynamicDims(),
                             lowering.index(lowering.constant(0)));
    values.push_back(tensor::EmptyOp::create(b, loc, type, sizes));
  }
  return values;
}

/// `stack` with one more row: `count` rows are there.
Value Loop::push(Value stack, Tensor row, Value count) {
  auto type = cast<RankedTensorType>(stack.getType());
  Value one = lowering.index(lowering.constant(1));
  Value next = b.createOrFold<arith::AddIOp>(loc, count, one);
  SmallVector<Value> sizes{next};
  Value zero = lowering.index(lowering.constant(0));
  Value isFirst =
      arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, count, zero);
  for (auto [d, dim] : llvm::enumerate(row.dims)) {
    if (!type.isDynamicDim(1 + d))
      continue;
    Value size = lowering.index(dim);
    sizes.push_back(size);
    Value before = b.createOrFold<tensor::DimOp>(loc, stack, 1 + d);
    Value same =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, size, before);
    lowering.check(loc, arith::OrIOp::create(b, loc, isFirst, same),
                   "values that a loop stacks differ in shape");
  }
  Value out = tensor::EmptyOp::create(b, loc, type, sizes);
  OpBuilder outside(b);
  auto generic = linalg::GenericOp::create(
      outside, loc, type, ValueRange(), out, lowering.identity(type.getRank()),
      SmallVector<utils::IteratorType>(type.getRank(),
                                       utils::IteratorType::parallel),
      [&](OpBuilder &nested, Location, ValueRange) {
        graph::Scalar s(nested, loc);
        SmallVector<Value> position;
        for (int64_t d = 0; d < type.getRank(); ++d)
          position.push_back(s.make<linalg::IndexOp>(d));
        Value isOld = s.cmp(arith::CmpIPredicate::ult, position[0], count);
        auto choice = scf::IfOp::create(
            nested, loc, isOld,
            [&](OpBuilder &then, Location) {
              Value old = tensor::ExtractOp::create(then, loc, stack, position);
              scf::YieldOp::create(then, loc, old);
            },
            [&](OpBuilder &otherwise, Location) {
              Value added = tensor::ExtractOp::create(
                  otherwise, loc, row.value, ArrayRef(position).drop_front());
              scf::YieldOp::create(otherwise, loc, added);
            });
        linalg::YieldOp::create(nested, loc, choice.getResults());
      });
  return generic.getResult(0);
}

LogicalResult Loop::emitBody(scf::WhileOp loop) {
  Block *block = loop.getAfterBody();
  Lowering::Scope scope(lowering, block);
  ValueRange arguments = block->getArguments();
  Value i = arguments[0];
  Value iteration = tensor::FromElementsOp::create(
      b, loc, RankedTensorType::get({}, i.getType()), i);
  lowering.set(body.getArgument(0), iteration);
  for (unsigned k = 0; k < numCarried; ++k)
    lowering.set(body.getArgument(1 + k), arguments[2 + k]);
  if (failed(lowering.lowerOps(body)))
    return failure();

  Operation *yield = body.getTerminator();
  Value one = arith::ConstantOp::create(b, loc, b.getI64IntegerAttr(1));
  SmallVector<Value> values{
      arith::AddIOp::create(b, loc, i, one),
      readScalar(lowering, loc, lowering.get(yield->getOperand(0)))};
  for (unsigned k = 0; k < numCarried; ++k) {
    Value value = lowering.get(yield->getOperand(1 + k)).value;
    values.push_back(lowering.castTo(
        loc, value, cast<RankedTensorType>(arguments[2 + k].getType())));
  }
  Value count = arith::IndexCastOp::create(b, loc, b.getIndexType(), i);
  for (unsigned k = 0; k < numScanned(); ++k)
    values.push_back(
        push(arguments[2 + numCarried + k], lowering.get(scanned(k)), count));
  scf::YieldOp::create(b, loc, values);
  return success();
}

LogicalResult Loop::lower() {
  Value tripCount = readScalar(lowering, loc, lowering.get(op.getTripCount()));
  SmallVector<Value> inits = initialValues();
  SmallVector<Type> types(ValueRange(inits).getTypes());
  OpBuilder outside(b);
  auto loop = scf::WhileOp::create(
      outside, loc, types, inits,
      [&](OpBuilder &nested, Location, ValueRange arguments) {
        Value isLeft = arith::CmpIOp::create(
            nested, loc, arith::CmpIPredicate::slt, arguments[0], tripCount);
        Value goesOn = arith::AndIOp::create(nested, loc, isLeft, arguments[1]);
        scf::ConditionOp::create(nested, loc, goesOn, arguments);
      },
      [](OpBuilder &, Location, ValueRange) {});
  // The op stands before its body is written, so that the body's block has a
  // place in the function.
  if (failed(emitBody(loop)))
    return failure();
  for (auto [result, value] :
       llvm::zip(op.getOutputs(), loop.getResults().drop_front(2)))
    lowering.set(result, value);
  return success();
}

static LogicalResult lowerLoop(Lowering &lowering, graph::LoopOp op) {
  return Loop(lowering, op).lower();
}

void lower::addControlRules(Table &table) {
  table.add(&lowerIf);
  table.add(&lowerLoop);
}
