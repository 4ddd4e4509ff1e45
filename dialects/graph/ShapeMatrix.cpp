//===- ShapeMatrix.cpp - Shape rules of matrix decompositions -------------===//
#include "dialects/graph/Infer.h"

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::detail;

/// The batch dims and the size of square matrices.
static FailureOr<std::pair<Dims, Expr>>
squareMatrices(Operation *op, ShapeContext &context, Value input) {
  Dims dims(context.dims(input));
  // E1
  size_t rank = dims.size();
  Expr size = rank < 2 ? Expr() : context.unify(dims[rank - 2], dims[rank - 1]);
  if (!size)
    return op->emitOpError("input has shape ")
           << toString(dims) << "; expected square matrices";
  // E2
  Type type = elementType(input);
  if (!type.isF32() && !type.isF64())
    return op->emitOpError("input has element type ")
           << type << "; expected f32 or f64";
  dims.truncate(rank - 2);
  return std::make_pair(dims, size);
}

LogicalResult DetOp::inferShapes(ShapeContext &context, Results &results) {
  auto matrices = squareMatrices(*this, context, getInput());
  if (failed(matrices))
    return failure();
  results.push_back({elementType(getInput()), matrices->first, {}});
  return success();
}

LogicalResult InverseOp::inferShapes(ShapeContext &context, Results &results) {
  auto matrices = squareMatrices(*this, context, getInput());
  if (failed(matrices))
    return failure();
  Dims dims = matrices->first;
  dims.append(2, matrices->second);
  results.push_back({elementType(getInput()), dims, {}});
  return success();
}
