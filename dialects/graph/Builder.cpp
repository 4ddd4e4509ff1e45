#include "dialects/graph/Builder.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;
using llvm::APFloat;
using llvm::APInt;

// Not `using`: mlir has a Builder too.
namespace nacre::graph {

/// Folding runs the slow reference implementation and keeps its results in the
/// IR, so it is for small tensors.
static constexpr int64_t kMaxFoldedBits = 64 * 1024 * 8;
static constexpr int64_t kMaxReadBits = 16 * 1024 * 1024 * 8;

//===-- Constants ---------------------------------------------------------===//

Value Builder::constant(Location loc, ElementsAttr value) {
  return ConstantOp::create(*this, loc, value);
}

Value Builder::i64s(Location loc, ArrayRef<int64_t> values) {
  auto type = RankedTensorType::get(values.size(), getI64Type());
  return constant(loc, DenseIntElementsAttr::get(type, values));
}

Value Builder::i64(Location loc, int64_t value) {
  auto type = RankedTensorType::get({}, getI64Type());
  return constant(loc, DenseIntElementsAttr::get(type, value));
}

/// `value` rounded to nearest; what the type cannot hold saturates to its range
/// or, for floats, becomes what the type has for it.
static Attribute convertScalar(Type type, double value) {
  if (auto floatType = dyn_cast<FloatType>(type)) {
    APFloat converted(value);
    bool losesInfo;
    converted.convert(floatType.getFloatSemantics(),
                      APFloat::rmNearestTiesToEven, &losesInfo);
    return FloatAttr::get(type, converted);
  }
  auto integer = cast<IntegerType>(type);
  if (integer.getWidth() == 1)
    return IntegerAttr::get(type, APInt(1, value != 0));
  llvm::APSInt converted(integer.getWidth(), integer.isUnsigned());
  bool isExact;
  // Out of range saturates; NaN gives 0.
  APFloat(value).convertToInteger(converted, APFloat::rmNearestTiesToEven,
                                  &isExact);
  return IntegerAttr::get(type, converted);
}

Value Builder::scalar(Location loc, Type elementType, double value) {
  if (!elementType.isIntOrFloat()) {
    emitError(loc) << "a constant cannot have element type " << elementType;
    return {};
  }
  auto type = RankedTensorType::get({}, elementType);
  return constant(
      loc, DenseElementsAttr::get(type, convertScalar(elementType, value)));
}

ElementsAttr Builder::asConstant(Value value) {
  auto op = value.getDefiningOp<ConstantOp>();
  return op ? op.getValue() : ElementsAttr();
}

//===-- Creation ----------------------------------------------------------===//

/// What inference relies on before the verifier can run.
static LogicalResult checkInputs(Location loc, OperationName name,
                                 ValueRange operands,
                                 NamedAttrList &attributes) {
  for (auto [i, operand] : llvm::enumerate(operands))
    if (!operand || !isa<RankedTensorType>(operand.getType()))
      return emitError(loc)
             << "'" << name << "' operand " << i << " is not a ranked tensor";
  return name.verifyInherentAttrs(
      attributes, [&] { return emitError(loc) << "'" << name << "' "; });
}

static LogicalResult checkAttributes(Operation *op) {
  for (StringAttr name : op->getName().getAttributeNames())
    if (!op->getInherentAttr(name).value_or(Attribute()))
      return op->emitOpError("lacks attribute ") << name;
  return success();
}

Operation *Builder::createOp(Location loc, StringRef name, unsigned numResults,
                             ValueRange operands,
                             ArrayRef<NamedAttribute> attributes) {
  OperationState state(loc, name);
  state.addOperands(operands);
  state.addAttributes(attributes);
  if (failed(checkInputs(loc, state.name, operands, state.attributes)))
    return nullptr;
  state.types.assign(numResults, UnrankedTensorType::get(getF32Type()));
  Operation *op = create(state);
  if (failed(checkAttributes(op)) || failed(setResultTypes(op))) {
    for (Value result : op->getResults())
      shapes.forget(result);
    op->erase();
    return nullptr;
  }
  return op;
}

SmallVector<Value> Builder::createNamed(Location loc, StringRef name,
                                        unsigned numResults,
                                        ValueRange operands,
                                        ArrayRef<NamedAttribute> attributes) {
  Operation *op = createOp(loc, name, numResults, operands, attributes);
  return op ? simplify(op) : SmallVector<Value>();
}

LogicalResult Builder::setResultTypes(Operation *op) {
  SmallVector<ValueShape> results;
  if (failed(detail::inferResults(op, shapes, results)))
    return failure();
  if (results.size() != op->getNumResults())
    return op->emitOpError("has ")
           << op->getNumResults() << " results; expected " << results.size();
  for (auto [result, shape] : llvm::zip(op->getResults(), results)) {
    result.setType(ShapeContext::type(shape));
    shapes.set(result, std::move(shape));
  }
  // Types of operands that no label names are the verifier's.
  return op->getName().verifyInvariants(op);
}

//===-- Constant results --------------------------------------------------===//

static int64_t sizeInBits(ShapedType type) {
  int64_t bits = 0;
  if (!type.hasStaticShape() || !type.getElementType().isIntOrFloat() ||
      llvm::MulOverflow<int64_t>(type.getNumElements(),
                                 type.getElementType().getIntOrFloatBitWidth(),
                                 bits))
    return std::numeric_limits<int64_t>::max();
  return bits;
}

/// The constant whose elements are all known as data of shapes, or null.
static ElementsAttr knownElements(ShapeContext &shapes, Value result) {
  auto constants = shapes.constantElements(result);
  auto type = cast<RankedTensorType>(result.getType());
  if (!constants)
    return {};
  unsigned width = type.getElementTypeBitWidth();
  SmallVector<APInt> values = llvm::map_to_vector(
      *constants, [&](int64_t value) { return APInt(64, value).trunc(width); });
  return DenseElementsAttr::get(type, values);
}

/// Runs the folder if all operands are constants and the result stays small.
static SmallVector<ElementsAttr> runFolder(const Builder::Folder &folder,
                                           Operation *op) {
  int64_t read = 0;
  SmallVector<ElementsAttr> operands;
  for (Value operand : op->getOperands()) {
    ElementsAttr constant = Builder::asConstant(operand);
    if (!constant || sizeInBits(constant.getShapedType()) > kMaxReadBits - read)
      return {};
    read += sizeInBits(constant.getShapedType());
    operands.push_back(constant);
  }
  for (Type type : op->getResultTypes()) {
    auto tensor = cast<RankedTensorType>(type);
    // What a dynamic size becomes is bounded by what was read.
    if ((tensor.hasStaticShape() ? sizeInBits(tensor) : read) > kMaxFoldedBits)
      return {};
  }
  SmallVector<ElementsAttr> results;
  if (failed(folder(op, operands, results)) ||
      results.size() != op->getNumResults())
    return {};
  for (auto [constant, type] : llvm::zip(results, op->getResultTypes())) {
    auto tensor = cast<RankedTensorType>(type);
    ShapedType found = constant ? constant.getShapedType() : ShapedType();
    if (!found || found.getElementType() != tensor.getElementType() ||
        failed(verifyCompatibleShape(found.getShape(), tensor.getShape())))
      return {};
  }
  return results;
}

/// What was put into a sequence or optional, where that is known; else null.
static Value forwarded(Operation *op) {
  SmallVector<OpFoldResult> results;
  if (!op->hasTrait<HostComputed>() || failed(op->fold(results)) ||
      results.size() != 1)
    return {};
  return dyn_cast<Value>(results.front());
}

SmallVector<Value> Builder::simplify(Operation *op) {
  SmallVector<Value> values(op->getResults());
  if (isa<ConstantOp>(op))
    return values;
  if (Value same = forwarded(op)) {
    shapes.forget(values.front());
    op->erase();
    return {same};
  }
  SmallVector<ElementsAttr> constants = llvm::map_to_vector(
      values, [&](Value value) { return knownElements(shapes, value); });
  if (!llvm::all_of(constants, [](ElementsAttr value) { return bool(value); }))
    constants = folder ? runFolder(folder, op) : SmallVector<ElementsAttr>();
  if (constants.empty())
    return values;
  Location loc = op->getLoc();
  for (Value value : values)
    shapes.forget(value);
  op->erase();
  for (auto [value, folded] : llvm::zip(values, constants))
    value = constant(loc, folded);
  return values;
}

} // namespace nacre::graph
