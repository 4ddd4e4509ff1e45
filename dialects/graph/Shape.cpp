#include "dialects/graph/Shape.h"

#include "dialects/graph/Graph.h"

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nacre::graph;

/// Elements that are known at compile time; null where the value does not fit
/// a signed 64-bit integer.
static std::optional<SmallVector<Expr>>
readElements(const ShapeContext &context, ElementsAttr value) {
  auto type = dyn_cast<IntegerType>(value.getElementType());
  if (!type || value.getNumElements() > ShapeContext::kMaxElements)
    return std::nullopt;
  auto range = value.tryGetValues<APInt>();
  if (!range)
    return std::nullopt;
  bool isUnsigned = type.isUnsigned() || type.getWidth() == 1;
  SmallVector<Expr> elements;
  for (const APInt &element : *range) {
    bool fits = isUnsigned ? element.getActiveBits() < 64
                           : element.getSignificantBits() <= 64;
    if (!fits)
      elements.push_back(Expr());
    else
      elements.push_back(context.constant(
          isUnsigned ? static_cast<int64_t>(element.getZExtValue())
                     : element.getSExtValue()));
  }
  return elements;
}

/// The number of elements of a small tensor of integers of static shape.
static std::optional<int64_t> numSmallElements(const ValueShape &shape) {
  if (!isa_and_nonnull<IntegerType>(shape.elementType))
    return std::nullopt;
  int64_t count = 1;
  for (Expr dim : shape.dims) {
    std::optional<int64_t> size = ShapeContext::asConstant(dim);
    if (!size || *size < 0 || *size > ShapeContext::kMaxElements)
      return std::nullopt;
    count *= *size;
    if (count > ShapeContext::kMaxElements)
      return std::nullopt;
  }
  return count;
}

/// Gives every element of a small integer tensor an expression.
static void completeElements(ShapeContext &context, Value value,
                             ValueShape &shape) {
  std::optional<int64_t> count = numSmallElements(shape);
  if (!count) {
    shape.elements.reset();
    return;
  }
  if (!shape.elements || int64_t(shape.elements->size()) != *count)
    shape.elements.emplace(*count, Expr());
  for (auto [i, element] : llvm::enumerate(*shape.elements))
    if (!element)
      element = context.symbol({Symbol::Element, value, int64_t(i), {}});
}

//===-- Shapes of values --------------------------------------------------===//

bool ShapeContext::mayInfer(Value value) const {
  Operation *op = value.getDefiningOp();
  if (!op || active.contains(op) || !isa<ShapeOpInterface>(op))
    return false;
  return reach == Reach::Function || isa<ConstantOp>(op);
}

const ValueShape &ShapeContext::shape(Value value) {
  // Producers come first, by a list of our own: a model may be deeper than the
  // stack.
  SmallVector<Value> pending{value};
  llvm::SmallPtrSet<Operation *, 8> expanded;
  while (!pending.empty()) {
    Value next = pending.back();
    if (known.contains(next)) {
      pending.pop_back();
      continue;
    }
    if (!mayInfer(next)) {
      if (auto argument = dyn_cast<BlockArgument>(next))
        shapeArguments(argument.getOwner());
      else
        set(next, fromType(next));
      pending.pop_back();
      continue;
    }
    Operation *op = next.getDefiningOp();
    size_t before = pending.size();
    if (expanded.insert(op).second)
      for (Value operand : op->getOperands())
        if (!known.contains(operand) && mayInfer(operand))
          pending.push_back(operand);
    if (pending.size() == before)
      inferResults(op);
  }
  return *known.find(value)->second;
}

/// Dims of static size in the type of `value` replace what was inferred.
static void preferStaticDims(ShapeContext &context, Value value,
                             ValueShape &shape) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type || type.getRank() != int64_t(shape.dims.size()))
    return;
  for (auto [dim, size] : llvm::zip(shape.dims, type.getShape()))
    if (!ShapedType::isDynamic(size))
      dim = context.constant(size);
}

void ShapeContext::inferResults(Operation *op) {
  active.insert(op);
  SmallVector<ValueShape> shapes;
  bool ok = succeeded(nacre::graph::detail::inferResults(op, *this, shapes)) &&
            shapes.size() == op->getNumResults();
  active.erase(op);
  for (OpResult result : op->getResults()) {
    ValueShape shape =
        ok ? std::move(shapes[result.getResultNumber()]) : fromType(result);
    preferStaticDims(*this, result, shape);
    set(result, std::move(shape));
  }
}

void ShapeContext::set(Value value, ValueShape shape) {
  completeElements(*this, value, shape);
  known[value] = std::make_unique<ValueShape>(std::move(shape));
}

ValueShape ShapeContext::fromType(Value value) {
  ValueShape shape;
  shape.elementType = getElementTypeOrSelf(value.getType());
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return shape;
  auto kind = isa<BlockArgument>(value) ? Symbol::ArgDim : Symbol::ResultDim;
  for (auto [i, size] : llvm::enumerate(type.getShape()))
    shape.dims.push_back(ShapedType::isDynamic(size)
                             ? symbol({kind, value, int64_t(i), {}})
                             : constant(size));
  return shape;
}

/// All arguments at once, so that a name in `graph.dims` always means the dim
/// of the first argument that has it, whichever value is asked for first.
void ShapeContext::shapeArguments(Block *block) {
  llvm::StringMap<Expr> named;
  auto function = dyn_cast_or_null<FunctionOpInterface>(block->getParentOp());
  if (function && (!block->isEntryBlock() || reach == Reach::Local))
    function = {};
  for (BlockArgument argument : block->getArguments()) {
    ValueShape shape = fromType(argument);
    ArrayAttr names;
    if (function)
      names = function.getArgAttrOfType<ArrayAttr>(argument.getArgNumber(),
                                                   kDimsAttrName);
    if (names && names.size() == shape.dims.size())
      for (auto [name, dim] : llvm::zip(names, shape.dims)) {
        auto symbolName = dyn_cast<StringAttr>(name);
        auto number = dyn_cast<IntegerAttr>(name);
        if (number && !asConstant(dim))
          dim = constant(number.getInt());
        if (!symbolName)
          continue;
        Expr first =
            named.try_emplace(symbolName.getValue(), dim).first->second;
        if (!asConstant(dim))
          dim = first;
      }
    if (!known.contains(argument))
      set(argument, std::move(shape));
  }
}

std::optional<SmallVector<Expr>> ShapeContext::elements(Value value) {
  return shape(value).elements;
}

std::optional<SmallVector<int64_t>>
ShapeContext::constantElements(Value value) {
  const ValueShape &known = shape(value);
  if (!known.elements)
    return std::nullopt;
  SmallVector<int64_t> constants;
  for (Expr element : *known.elements) {
    std::optional<int64_t> constant = asConstant(element);
    if (!constant)
      return std::nullopt;
    constants.push_back(*constant);
  }
  return constants;
}

RankedTensorType ShapeContext::type(const ValueShape &shape) {
  SmallVector<int64_t> sizes;
  for (Expr dim : shape.dims)
    sizes.push_back(asConstant(dim).value_or(ShapedType::kDynamic));
  return RankedTensorType::get(sizes, shape.elementType);
}

LogicalResult ConstantOp::inferShapes(ShapeContext &context,
                                      SmallVectorImpl<ValueShape> &results) {
  ShapedType type = getValue().getShapedType();
  ValueShape shape;
  shape.elementType = type.getElementType();
  for (int64_t size : type.getShape())
    shape.dims.push_back(context.constant(size));
  shape.elements = readElements(context, getValue());
  results.push_back(std::move(shape));
  return success();
}

//===-- What holds for all ops --------------------------------------------===//

static LogicalResult checkDims(Operation *op, unsigned index,
                               const ValueShape &shape) {
  int64_t count = 1;
  bool hasZero = false, overflows = false;
  for (auto [i, dim] : llvm::enumerate(shape.dims)) {
    if (!dim)
      return op->emitOpError("dim ")
             << i << " of result " << index << " does not fit 64 bits";
    std::optional<int64_t> size = ShapeContext::asConstant(dim);
    if (!size)
      continue;
    if (*size < 0)
      return op->emitOpError("dim ") << i << " of result " << index << " is "
                                     << *size << "; expected 0 or more";
    hasZero |= *size == 0;
    overflows |= llvm::MulOverflow(count, std::max<int64_t>(*size, 1), count);
  }
  if (overflows && !hasZero)
    return op->emitOpError("result ")
           << index << " would hold more than 2^63 - 1 elements";
  return success();
}

/// Strings and containers may be moved, but only host code looks into them; of
/// complex numbers there are only moves.
static LogicalResult checkHostOperands(Operation *op) {
  bool mayTake =
      op->hasTrait<HostComputed>() || op->getNumRegions() ||
      isa<ShapeOp, ReshapeOp, CollapseOp, SqueezeOp, UnsqueezeOp, BroadcastOp,
          TransposeOp, ConcatOp, SliceOp, PadOp, TileOp, GatherOp,
          GatherElementsOp, GatherNdOp, SelectOp>(op);
  if (auto scatter = dyn_cast<ScatterElementsOp>(op))
    mayTake = scatter.getKind() == ScatterKind::set;
  if (auto scatter = dyn_cast<ScatterNdOp>(op))
    mayTake = scatter.getKind() == ScatterKind::set;
  for (Value operand : op->getOperands()) {
    Type element = getElementTypeOrSelf(operand.getType());
    if (!mayTake && (isHostType(element) || isa<ComplexType>(element)))
      return op->emitOpError("operand has type ")
             << operand.getType() << "; expected numbers";
  }
  return success();
}

LogicalResult
nacre::graph::detail::inferResults(Operation *op, ShapeContext &context,
                                   SmallVectorImpl<ValueShape> &results) {
  if (failed(checkHostOperands(op)) ||
      failed(cast<ShapeOpInterface>(op).inferShapes(context, results)))
    return failure();
  for (auto [index, shape] : llvm::enumerate(results))
    if (failed(checkDims(op, index, shape)))
      return failure();
  return success();
}

LogicalResult nacre::graph::detail::verifyShapes(Operation *op) {
  ShapeContext context(op->getContext(), ShapeContext::Reach::Local);
  SmallVector<ValueShape> shapes;
  if (failed(nacre::graph::detail::inferResults(op, context, shapes)))
    return failure();
  if (shapes.size() != op->getNumResults())
    return op->emitOpError("has ")
           << op->getNumResults() << " results; expected " << shapes.size();
  for (auto [result, shape] : llvm::zip(op->getResults(), shapes)) {
    auto actual = dyn_cast<RankedTensorType>(result.getType());
    RankedTensorType expected = ShapeContext::type(shape);
    if (!actual || actual.getElementType() != shape.elementType ||
        failed(verifyCompatibleShape(actual, expected)))
      return op->emitOpError("result ")
             << result.getResultNumber() << " has type " << result.getType()
             << "; expected " << expected;
  }
  return success();
}
