//===- ShapeSearch.cpp - Shape rules of ops that look for elements --------===//
#include "dialects/graph/Infer.h"

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::detail;

LogicalResult NonZeroOp::inferShapes(ShapeContext &context, Results &results) {
  int64_t rank = std::max<int64_t>(context.dims(getInput()).size(), 1);
  Expr count =
      context.symbol({Symbol::ResultDim, getOperation()->getResult(0), 1, {}});
  results.push_back({IntegerType::get(getContext(), 64),
                     {context.constant(rank), count},
                     {}});
  return success();
}

LogicalResult TopKOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  Dims dims(context.dims(getInput()));
  if (failed(checkAxis(*this, getAxis(), dims.size())))
    return failure();
  // E3
  if (!isNumber(elementType(getInput())))
    return emitOpError("input has element type ")
           << elementType(getInput()) << "; expected a number";
  // E2
  Elements count = context.elements(getK());
  if (!count || count->size() != 1)
    return emitOpError("k has type ")
           << getK().getType() << "; expected an i64 scalar";
  Expr &dim = dims[getAxis()];
  int64_t k = constantOf(count->front()).value_or(0);
  if (k < 0 || k > constantOf(dim).value_or(k))
    return emitOpError("k is ")
           << k << " for an axis of shape " << toString(dim)
           << "; expected no less than 0 and no more than there is";
  dim = count->front();
  results.push_back({elementType(getInput()), dims, {}});
  results.push_back({IntegerType::get(getContext(), 64), dims, {}});
  return success();
}

LogicalResult UniqueOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  ArrayRef<Expr> dims = context.dims(getRows());
  if (dims.size() != 2)
    return emitOpError("rows have shape ")
           << toString(dims) << "; expected a matrix";
  Type i64 = IntegerType::get(getContext(), 64);
  Dims inverse{dims[0]};
  Expr count =
      context.symbol({Symbol::ResultDim, getOperation()->getResult(0), 0, {}});
  results.push_back({i64, {count}, {}});
  results.push_back({i64, inverse, {}});
  return success();
}

/// Whether `value` has one element of `type`.
static bool isOne(ShapeContext &context, Value value, Type type) {
  return elementType(value) == type && context.dims(value).empty();
}

LogicalResult NonMaxSuppressionOp::inferShapes(ShapeContext &context,
                                               Results &results) {
  ArrayRef<Expr> boxes = context.dims(getBoxes());
  Type f32 = Float32Type::get(getContext());
  Type i64 = IntegerType::get(getContext(), 64);
  // E1
  if (boxes.size() != 3 || context.dims(getScores()).size() != 3 ||
      constantOf(boxes[2]).value_or(4) != 4 ||
      !isOne(context, getMaxOutput(), i64) ||
      !isOne(context, getIouThreshold(), f32) ||
      !isOne(context, getScoreThreshold(), f32))
    return emitOpError("has operands of types ")
           << getOperandTypes()
           << "; expected [B, N, 4], [B, C, N], and scalars";
  // E2
  Dims scores(context.dims(getScores()));
  Expr batch = context.unify(boxes[0], scores[0]);
  Expr count = context.unify(boxes[1], scores[2]);
  if (!batch || !count)
    return emitOpError("has boxes of shape ")
           << toString(boxes) << " for scores of shape " << toString(scores)
           << "; expected the same batch and number of boxes";
  Elements wanted = context.elements(getMaxOutput());
  Expr most =
      wanted ? context.min(context.max(wanted->front(), context.constant(0)),
                           count)
             : Expr();
  results.push_back({i64, {batch, scores[1], most}, {}});
  return success();
}

LogicalResult TreeLeavesOp::inferShapes(ShapeContext &context,
                                        Results &results) {
  Value tables[] = {getFeature(), getThreshold(), getMode(),
                    getYes(),     getNo(),        getMissing()};
  ArrayRef<Expr> input = context.dims(getInput());
  ArrayRef<Expr> roots = context.dims(getRoots());
  // E1
  bool fits = input.size() == 2 && roots.size() == 1;
  Expr length;
  for (Value table : tables) {
    ArrayRef<Expr> dims = context.dims(table);
    fits &= dims.size() == 1;
    if (!fits)
      break;
    length = length ? context.unify(length, dims[0]) : dims[0];
    fits &= bool(length);
  }
  if (!fits)
    return emitOpError("has operands of types ")
           << getOperandTypes()
           << "; expected [N, F], [T], and tables of one length";
  // E2
  if (elementType(getThreshold()) != elementType(getInput()))
    return emitOpError("has thresholds of ")
           << elementType(getThreshold()) << "; expected the input's "
           << elementType(getInput());
  // E3
  if (static_cast<int64_t>(getDepth()) < 0)
    return emitOpError("has depth ")
           << static_cast<int64_t>(getDepth()) << "; expected 0 or more";
  results.push_back(
      {IntegerType::get(getContext(), 64), {input[0], roots[0]}, {}});
  return success();
}
