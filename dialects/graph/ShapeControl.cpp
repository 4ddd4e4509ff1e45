//===- ShapeControl.cpp - Shape rules of `if` and `loop` ------------------===//
#include "dialects/graph/Infer.h"

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::detail;

/// What a region yields, or null if it has no yield yet.
static YieldOp yieldOf(Region &region) {
  if (!region.hasOneBlock() || region.front().empty())
    return {};
  return dyn_cast<YieldOp>(region.front().back());
}

/// Whether a tensor has one element, as far as is known.
static bool isScalar(ShapeContext &context, Value value) {
  Expr count = context.product(context.dims(value));
  return ShapeContext::asConstant(count).value_or(1) == 1;
}

/// A dim of a result that only a run can tell.
static Expr resultDim(ShapeContext &context, Operation *op, unsigned result,
                      size_t dim) {
  return context.symbol(
      {Symbol::ResultDim, op->getResult(result), int64_t(dim), {}});
}

//===-- If ----------------------------------------------------------------===//

LogicalResult IfOp::inferShapes(ShapeContext &context, Results &results) {
  // E2
  if (!isBool(elementType(getCondition())) ||
      !isScalar(context, getCondition()))
    return emitOpError("condition has type ")
           << getCondition().getType() << "; expected one i1";
  // E1
  YieldOp yields[] = {yieldOf(getThenRegion()), yieldOf(getElseRegion())};
  if (!yields[0] || !yields[1])
    return emitOpError("a region yields nothing; expected a graph.yield");
  unsigned count = yields[0].getNumOperands();
  if (yields[1].getNumOperands() != count)
    return emitOpError("regions yield ")
           << count << " and " << yields[1].getNumOperands()
           << " values; expected the same number";
  for (unsigned i = 0; i < count; ++i) {
    Value then = yields[0].getOperand(i), other = yields[1].getOperand(i);
    ArrayRef<Expr> thenDims = context.dims(then);
    ArrayRef<Expr> otherDims = context.dims(other);
    if (elementType(then) != elementType(other) ||
        thenDims.size() != otherDims.size())
      return emitOpError("regions yield ")
             << then.getType() << " and " << other.getType() << " as value "
             << i << "; expected one element type and rank";
    // Symbols of a region's own values never agree with those of the other, so
    // what agrees is known outside.
    ValueShape shape{elementType(then), {}, {}};
    for (auto [k, a, b] : llvm::enumerate(thenDims, otherDims))
      shape.dims.push_back(a == b ? a : resultDim(context, *this, i, k));
    results.push_back(std::move(shape));
  }
  return success();
}

//===-- Loop --------------------------------------------------------------===//

namespace {
class LoopShapes {
public:
  LoopShapes(LoopOp op, ShapeContext &context)
      : op(op), context(context), yield(yieldOf(op.getBody())),
        numCarried(op.getInits().size()) {}

  LogicalResult check();
  void compute(Results &results);

private:
  LogicalResult checkArguments();
  LogicalResult checkYield();
  void computeCarried(Results &results);
  Expr tripCount(unsigned result);
  Expr outside(Expr dim, unsigned result, size_t position);

  LoopOp op;
  ShapeContext &context;
  YieldOp yield;
  unsigned numCarried;
  /// Dims of region arguments that no iteration changes: what they are outside.
  llvm::DenseMap<Expr, Expr> invariant;
};
} // namespace

LogicalResult LoopShapes::check() {
  // E3
  for (auto [name, operand] :
       {std::pair<StringRef, Value>{"trip_count", op.getTripCount()},
        std::pair<StringRef, Value>{"condition", op.getCondition()}})
    if (!isScalar(context, operand))
      return op.emitOpError("") << name << " has type " << operand.getType()
                                << "; expected one element";
  if (failed(checkArguments()))
    return failure();
  return checkYield();
}

static bool isOfKind(Value value, Value like) {
  auto a = dyn_cast<RankedTensorType>(value.getType());
  auto b = dyn_cast<RankedTensorType>(like.getType());
  return a && b && a.getElementType() == b.getElementType() &&
         a.getRank() == b.getRank();
}

LogicalResult LoopShapes::checkArguments() {
  // E1
  Region &body = op.getBody();
  if (!body.hasOneBlock() || body.getNumArguments() != numCarried + 1)
    return op.emitOpError("region has ")
           << (body.empty() ? 0 : body.getNumArguments())
           << " arguments; expected " << numCarried + 1
           << ", the iteration and the carried values";
  auto counter = dyn_cast<RankedTensorType>(body.getArgument(0).getType());
  if (!counter || counter.getRank() != 0 ||
      !counter.getElementType().isSignlessInteger(64))
    return op.emitOpError("region argument 0 has type ")
           << body.getArgument(0).getType() << "; expected an i64 scalar";
  for (auto [i, init] : llvm::enumerate(op.getInits())) {
    Value argument = body.getArgument(i + 1);
    if (!isOfKind(argument, init) ||
        failed(verifyCompatibleShape(argument.getType(), init.getType())))
      return op.emitOpError("region argument ")
             << i + 1 << " has type " << argument.getType()
             << "; expected that of the carried value, " << init.getType();
  }
  return success();
}

LogicalResult LoopShapes::checkYield() {
  // E2
  if (!yield || yield.getNumOperands() < numCarried + 1)
    return op.emitOpError("region yields ")
           << (yield ? yield.getNumOperands() : 0)
           << " values; expected a condition and at least " << numCarried
           << " carried values";
  Value condition = yield.getOperand(0);
  if (!isBool(elementType(condition)) || !isScalar(context, condition))
    return op.emitOpError("region yields a condition of type ")
           << condition.getType() << "; expected one i1";
  for (unsigned i = 0; i < numCarried; ++i) {
    Value argument = op.getBody().getArgument(i + 1);
    Value next = yield.getOperand(i + 1);
    if (!isOfKind(next, argument) ||
        failed(verifyCompatibleShape(next.getType(), argument.getType())))
      return op.emitOpError("region yields ")
             << next.getType() << " as carried value " << i
             << "; expected that of its argument, " << argument.getType();
  }
  return success();
}

void LoopShapes::computeCarried(Results &results) {
  for (unsigned i = 0; i < numCarried; ++i) {
    Value init = op.getInits()[i];
    ArrayRef<Expr> before = context.dims(init);
    ArrayRef<Expr> inside = context.dims(op.getBody().getArgument(i + 1));
    ArrayRef<Expr> after = context.dims(yield.getOperand(i + 1));
    ValueShape shape{elementType(init), {}, {}};
    for (auto [k, first, current, next] :
         llvm::enumerate(before, inside, after)) {
      bool stays = next == current || next == first;
      if (stays && !ShapeContext::asConstant(current))
        invariant[current] = first;
      shape.dims.push_back(stays ? first : resultDim(context, op, i, k));
    }
    results.push_back(std::move(shape));
  }
}

/// The length of stacked values.
Expr LoopShapes::tripCount(unsigned result) {
  auto isTrue = [&](Value condition) {
    return context.constantElements(condition) == SmallVector<int64_t>{1};
  };
  auto trips = context.constantElements(op.getTripCount());
  if (trips && isTrue(op.getCondition()) && isTrue(yield.getOperand(0)))
    return context.constant(std::max<int64_t>(trips->front(), 0));
  return resultDim(context, op, result, 0);
}

/// A dim of the region in terms of what is known outside of it.
Expr LoopShapes::outside(Expr dim, unsigned result, size_t position) {
  bool isKnown = true;
  Expr moved = dim.replace(invariant);
  context.walkSymbols(moved, [&](const Symbol &symbol) {
    if (Value value = symbol.value)
      isKnown &= !op.getBody().isAncestor(value.getParentRegion());
  });
  return isKnown ? moved : resultDim(context, op, result, position);
}

void LoopShapes::compute(Results &results) {
  computeCarried(results);
  for (unsigned i = numCarried; i + 1 < yield.getNumOperands(); ++i) {
    Value scanned = yield.getOperand(i + 1);
    ValueShape shape{elementType(scanned), {tripCount(i)}, {}};
    for (auto [k, dim] : llvm::enumerate(context.dims(scanned)))
      shape.dims.push_back(outside(dim, i, k + 1));
    results.push_back(std::move(shape));
  }
}

LogicalResult LoopOp::inferShapes(ShapeContext &context, Results &results) {
  // E1, E2, E3
  LoopShapes rule(*this, context);
  if (failed(rule.check()))
    return failure();
  rule.compute(results);
  return success();
}
