#include "dialects/graph/Infer.h"

using namespace mlir;
using namespace nacre::graph;
namespace infer = nacre::graph::detail;

Expr infer::Data::at(ArrayRef<int64_t> position) const {
  int64_t linear = 0;
  for (auto [index, size] : llvm::zip(position, sizes))
    linear = linear * size + index;
  return elements[linear];
}

std::optional<infer::Data> infer::readData(ShapeContext &context, Value value) {
  Elements elements = context.elements(value);
  if (!elements)
    return std::nullopt;
  Data data;
  for (Expr dim : context.dims(value))
    data.sizes.push_back(*ShapeContext::asConstant(dim));
  data.elements = std::move(*elements);
  return data;
}

infer::Elements
infer::makeElements(ArrayRef<Expr> dims,
                    llvm::function_ref<Expr(ArrayRef<int64_t>)> element) {
  SmallVector<int64_t> sizes;
  int64_t count = 1;
  for (Expr dim : dims) {
    int64_t size = ShapeContext::asConstant(dim).value_or(-1);
    if (size < 0 || size > ShapeContext::kMaxElements)
      return std::nullopt;
    count *= size;
    if (count > ShapeContext::kMaxElements)
      return std::nullopt;
    sizes.push_back(size);
  }
  SmallVector<Expr> elements;
  for (int64_t linear = 0; linear < count; ++linear) {
    SmallVector<int64_t> position(sizes.size());
    int64_t rest = linear;
    for (size_t i = sizes.size(); i-- > 0; rest /= sizes[i])
      position[i] = rest % sizes[i];
    elements.push_back(element(position));
  }
  return elements;
}

LogicalResult infer::checkAxis(Operation *op, int64_t axis, int64_t rank) {
  if (axis >= 0 && axis < rank)
    return success();
  return op->emitOpError("axis ")
         << axis << " is out of range for rank " << rank
         << "; expected a value in [0, " << rank << ")";
}

LogicalResult infer::checkAxes(Operation *op, ArrayRef<int64_t> axes,
                               int64_t rank) {
  SmallVector<bool> seen(rank, false);
  for (int64_t axis : axes) {
    if (failed(checkAxis(op, axis, rank)))
      return failure();
    if (seen[axis])
      return op->emitOpError("axis ") << axis << " is named twice";
    seen[axis] = true;
  }
  return success();
}

infer::Elements infer::readShape(Operation *op, ShapeContext &context,
                                 Value shape, StringRef name) {
  auto type = dyn_cast<RankedTensorType>(shape.getType());
  ArrayRef<Expr> dims = context.dims(shape);
  bool isList = type && dims.size() == 1 &&
                elementType(shape).isSignlessInteger(64) &&
                ShapeContext::asConstant(dims.front());
  Elements elements;
  if (isList)
    elements = context.elements(shape);
  if (!elements)
    op->emitOpError("") << name << " has type " << shape.getType()
                        << "; expected a 1-D i64 tensor of static length, at "
                           "most "
                        << ShapeContext::kMaxElements;
  return elements;
}

bool infer::isFloat(Type type) {
  return isa_and_nonnull<Float16Type, BFloat16Type, Float32Type, Float64Type>(
      type);
}

bool infer::isInteger(Type type) {
  auto integer = dyn_cast_or_null<IntegerType>(type);
  return integer && integer.getWidth() != 1;
}

bool infer::isNumber(Type type) { return isFloat(type) || isInteger(type); }

bool infer::isByte(Type type) {
  return isInteger(type) && type.getIntOrFloatBitWidth() == 8;
}

bool infer::isBool(Type type) { return type && type.isSignlessInteger(1); }

std::string infer::toString(ArrayRef<Expr> dims) {
  std::string text;
  llvm::raw_string_ostream os(text);
  os << '[';
  llvm::interleaveComma(dims, os, [&](Expr dim) {
    if (std::optional<int64_t> size = ShapeContext::asConstant(dim))
      os << *size;
    else
      os << '?';
  });
  os << ']';
  return text;
}
