//===- ShapeReduce.cpp - Shape rules of reductions ------------------------===//
#include "dialects/graph/Infer.h"

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::detail;

/// `dims` with those in `axes` gone, or 1 if they are kept.
static Dims reduceDims(ShapeContext &context, ArrayRef<Expr> dims,
                       ArrayRef<int64_t> axes, bool keepDims) {
  Dims reduced;
  for (auto [i, dim] : llvm::enumerate(dims)) {
    if (!llvm::is_contained(axes, int64_t(i)))
      reduced.push_back(dim);
    else if (keepDims)
      reduced.push_back(context.constant(1));
  }
  return reduced;
}

static Expr combine(ShapeContext &context, ReduceKind kind, Expr a, Expr b) {
  switch (kind) {
  case ReduceKind::sum:
    return context.add(a, b);
  case ReduceKind::prod:
    return context.mul(a, b);
  case ReduceKind::max:
    return context.max(a, b);
  case ReduceKind::min:
    return context.min(a, b);
  case ReduceKind::any:
  case ReduceKind::all:
    return {};
  }
  return {};
}

/// Sums and products of shape data of i64, all of it reduced to one element.
static Elements reduceElements(ShapeContext &context, ReduceOp op) {
  std::optional<Data> data = readData(context, op.getInput());
  if (!data || data->elements.empty() ||
      op.getAxes().size() != data->sizes.size() ||
      !elementType(op.getInput()).isSignlessInteger(64))
    return std::nullopt;
  Expr result = data->elements.front();
  for (Expr element : llvm::drop_begin(data->elements))
    result = combine(context, op.getKind(), result, element);
  return SmallVector<Expr>{result};
}

LogicalResult ReduceOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  ArrayRef<Expr> dims = context.dims(getInput());
  if (failed(checkAxes(*this, getAxes(), dims.size())))
    return failure();
  // E2
  Type type = elementType(getInput());
  bool isLogical = getKind() == ReduceKind::any || getKind() == ReduceKind::all;
  if (isLogical ? !isBool(type) : !isNumber(type))
    return emitOpError("input has element type ")
           << type << "; expected " << (isLogical ? "i1" : "a number")
           << " for " << stringifyReduceKind(getKind());
  results.push_back({type, reduceDims(context, dims, getAxes(), getKeepDims()),
                     reduceElements(context, *this)});
  return success();
}

LogicalResult ArgReduceOp::inferShapes(ShapeContext &context,
                                       Results &results) {
  // E1
  ArrayRef<Expr> dims = context.dims(getInput());
  int64_t axis = getAxis();
  if (failed(checkAxis(*this, axis, dims.size())))
    return failure();
  // E2
  if (ShapeContext::asConstant(dims[axis]) == 0)
    return emitOpError("dim ") << axis << " is 0; expected 1 or more";
  // E3
  if (!isNumber(elementType(getInput())))
    return emitOpError("input has element type ")
           << elementType(getInput()) << "; expected a number";
  results.push_back({IntegerType::get(getContext(), 64),
                     reduceDims(context, dims, axis, getKeepDims()),
                     {}});
  return success();
}

LogicalResult SoftmaxOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  ArrayRef<Expr> dims = context.dims(getInput());
  if (failed(checkAxis(*this, getAxis(), dims.size())))
    return failure();
  // E2
  if (!isFloat(elementType(getInput())))
    return emitOpError("input has element type ")
           << elementType(getInput()) << "; expected f16, bf16, f32 or f64";
  results.push_back({elementType(getInput()), Dims(dims), {}});
  return success();
}

LogicalResult ScanOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  ArrayRef<Expr> dims = context.dims(getInput());
  if (failed(checkAxis(*this, getAxis(), dims.size())))
    return failure();
  // E2
  if (!isNumber(elementType(getInput())))
    return emitOpError("input has element type ")
           << elementType(getInput()) << "; expected a number";
  results.push_back({elementType(getInput()), Dims(dims), {}});
  return success();
}
