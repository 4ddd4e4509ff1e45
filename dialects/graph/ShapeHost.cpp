//===- ShapeHost.cpp - Shape rules of strings, sequences, optionals -------===//
#include "dialects/graph/Infer.h"

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::detail;

/// Dims of a result that only a run can tell.
static Expr ownDim(ShapeContext &context, Operation *op, unsigned result,
                   int64_t dim) {
  return context.symbol({Symbol::ResultDim, op->getResult(result), dim, {}});
}

/// The element type of `value` as a ContainerT; null, with an error, if it is
/// none.
template <typename ContainerT>
static ContainerT expect(Operation *op, Value value, StringRef kind) {
  auto type = dyn_cast<ContainerT>(elementType(value));
  if (!type)
    op->emitOpError("operand has type ")
        << value.getType() << "; expected a scalar " << kind;
  return type;
}

static LogicalResult give(Results &results, Type type, ArrayRef<Expr> dims = {}) {
  results.push_back({type, Dims(dims), std::nullopt});
  return success();
}

/// The shape of what a sequence or optional holds. A container is a scalar.
static LogicalResult giveContent(Operation *op, ShapeContext &context,
                                 Type content, Results &results) {
  auto tensor = dyn_cast<TensorType>(content);
  if (tensor && !tensor.hasRank())
    return op->emitOpError("reads tensors of ")
           << tensor.getElementType()
           << " whose rank is not known; expected a type that tells it";
  Dims dims;
  if (tensor)
    for (auto [k, size] : llvm::enumerate(tensor.getShape()))
      dims.push_back(ShapedType::isDynamic(size) ? ownDim(context, op, 0, k)
                                                 : context.constant(size));
  return give(results, elementOfContent(content), dims);
}

/// Whether `content` holds `value`; an error if not.
static LogicalResult checkHolds(Operation *op, Type container, Type content,
                                Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (type && joinContents(content, contentOf(type)) == content)
    return success();
  return op->emitOpError("puts ")
         << value.getType() << " into " << container
         << "; expected what that holds";
}

//===-- Sequences ---------------------------------------------------------===//

LogicalResult SequenceMakeOp::inferShapes(ShapeContext &context,
                                          Results &results) {
  // E1
  auto type = dyn_cast<SequenceType>(getType());
  if (!type)
    return emitOpError("has type ") << getType() << "; expected a sequence";
  // E2
  for (Value element : getElements())
    if (failed(checkHolds(*this, type, type.getContent(), element)))
      return failure();
  return give(results, type);
}

LogicalResult SequenceInsertOp::inferShapes(ShapeContext &context,
                                            Results &results) {
  // E1
  auto type = expect<SequenceType>(*this, getSequence(), "sequence");
  if (!type)
    return failure();
  // E2
  auto element = cast<RankedTensorType>(getElement().getType());
  Type content = joinContents(type.getContent(), contentOf(element));
  if (!content)
    return emitOpError("inserts ") << element << " into " << type
                                   << "; expected the same element type";
  return give(results, SequenceType::get(getContext(), content));
}

LogicalResult SequenceEraseOp::inferShapes(ShapeContext &context,
                                           Results &results) {
  // E1
  auto type = expect<SequenceType>(*this, getSequence(), "sequence");
  return type ? give(results, type) : failure();
}

LogicalResult SequenceAtOp::inferShapes(ShapeContext &context,
                                        Results &results) {
  // E1
  auto type = expect<SequenceType>(*this, getSequence(), "sequence");
  // E2
  return type ? giveContent(*this, context, type.getContent(), results)
              : failure();
}

LogicalResult SequenceLengthOp::inferShapes(ShapeContext &context,
                                            Results &results) {
  // E1
  if (!expect<SequenceType>(*this, getSequence(), "sequence"))
    return failure();
  ValueShape shape{IntegerType::get(getContext(), 64), {}, std::nullopt};
  if (auto made = getSequence().getDefiningOp<SequenceMakeOp>())
    shape.elements = {context.constant(made.getElements().size())};
  results.push_back(std::move(shape));
  return success();
}

/// The size that all slices have, or kDynamic.
static int64_t sliceSize(SequenceSplitOp op, ShapeContext &context, Expr dim) {
  auto sizes = context.constantElements(op.getSizes());
  if (!sizes || sizes->empty() || !llvm::all_equal(*sizes) || (*sizes)[0] < 1)
    return ShapedType::kDynamic;
  bool isList = context.dims(op.getSizes()).size() == 1;
  std::optional<int64_t> whole = ShapeContext::asConstant(dim);
  // The last slice of equal ones may be smaller.
  return isList || (whole && *whole % (*sizes)[0] == 0) ? (*sizes)[0]
                                                        : ShapedType::kDynamic;
}

LogicalResult SequenceSplitOp::inferShapes(ShapeContext &context,
                                           Results &results) {
  Dims dims(context.dims(getInput()));
  // E1
  if (failed(checkAxis(*this, getAxis(), dims.size())))
    return failure();
  // E2
  if (context.dims(getSizes()).size() > 1)
    return emitOpError("sizes have type ")
           << getSizes().getType() << "; expected a scalar or a vector";
  SmallVector<int64_t> sizes;
  int64_t axis = getAxis();
  for (auto [k, dim] : llvm::enumerate(dims))
    if (int64_t(k) != axis)
      sizes.push_back(
          ShapeContext::asConstant(dim).value_or(ShapedType::kDynamic));
    else if (getKeepDims())
      sizes.push_back(sliceSize(*this, context, dim));
  auto content = RankedTensorType::get(sizes, elementType(getInput()));
  return give(results, SequenceType::get(getContext(), content));
}

LogicalResult SequenceConcatOp::inferShapes(ShapeContext &context,
                                            Results &results) {
  // E1
  auto type = expect<SequenceType>(*this, getSequence(), "sequence");
  if (!type)
    return failure();
  // E2
  auto content = dyn_cast<RankedTensorType>(type.getContent());
  if (!content)
    return emitOpError("joins tensors of ")
           << type << " whose rank is not known; expected a type that tells it";
  // E3
  int64_t rank = content.getRank() + (getNewAxis() ? 1 : 0), axis = getAxis();
  if (failed(checkAxis(*this, axis, rank)))
    return failure();
  Dims dims;
  ArrayRef<int64_t> sizes = content.getShape();
  for (int64_t k = 0; k < rank; ++k) {
    int64_t size = ShapedType::kDynamic;
    if (k != axis)
      size = sizes[getNewAxis() && k > axis ? k - 1 : k];
    dims.push_back(ShapedType::isDynamic(size) ? ownDim(context, *this, 0, k)
                                               : context.constant(size));
  }
  return give(results, content.getElementType(), dims);
}

//===-- Optionals and types -----------------------------------------------===//

LogicalResult OptionalMakeOp::inferShapes(ShapeContext &context,
                                          Results &results) {
  // E1
  auto type = dyn_cast<OptionalType>(getType());
  if (!type)
    return emitOpError("has type ") << getType() << "; expected an optional";
  // E2
  for (Value value : getValues())
    if (failed(checkHolds(*this, type, type.getContent(), value)))
      return failure();
  // E3
  if (getValues().size() > 1)
    return emitOpError("has ") << getValues().size()
                               << " values; expected one or none";
  return give(results, type);
}

LogicalResult OptionalHasOp::inferShapes(ShapeContext &context,
                                         Results &results) {
  // E1
  if (!expect<OptionalType>(*this, getOptional(), "optional"))
    return failure();
  ValueShape shape{IntegerType::get(getContext(), 1), {}, std::nullopt};
  if (auto made = getOptional().getDefiningOp<OptionalMakeOp>())
    shape.elements = {context.constant(made.getValues().size())};
  results.push_back(std::move(shape));
  return success();
}

LogicalResult OptionalGetOp::inferShapes(ShapeContext &context,
                                         Results &results) {
  // E1
  auto type = expect<OptionalType>(*this, getOptional(), "optional");
  // E2
  return type ? giveContent(*this, context, type.getContent(), results)
              : failure();
}

/// The element type that is behind all containers.
static Type innermost(Type type) {
  while (true) {
    if (auto sequence = dyn_cast<SequenceType>(type))
      type = sequence.getContent();
    else if (auto optional = dyn_cast<OptionalType>(type))
      type = optional.getContent();
    else
      return getElementTypeOrSelf(type);
  }
}

LogicalResult RetypeOp::inferShapes(ShapeContext &context, Results &results) {
  // E1
  Type from = elementType(getInput());
  bool isKind = isa<SequenceType, OptionalType>(getTo()) &&
                from.getTypeID() == getTo().getTypeID();
  if (!isKind || innermost(from) != innermost(getTo()))
    return emitOpError("takes ")
           << getInput().getType() << " for " << getTo()
           << "; expected the same kind with the same elements";
  return give(results, getTo());
}

//===-- Maps --------------------------------------------------------------===//

static bool isKey(Type type) {
  return isa<StringType>(type) || type.isSignlessInteger(64);
}

LogicalResult ZipMapOp::inferShapes(ShapeContext &context, Results &results) {
  ArrayRef<Expr> dims = context.dims(getInput()), keys = context.dims(getKeys());
  // E1
  if (dims.empty() || dims.size() > 2 || keys.size() != 1)
    return emitOpError("operands have types ")
           << getInput().getType() << " and " << getKeys().getType()
           << "; expected a matrix or vector, and a vector";
  // E2
  Type key = elementType(getKeys()), value = elementType(getInput());
  if (!value.isF32() || !isKey(key))
    return emitOpError("element types are ")
           << value << " and " << key << "; expected f32, and strings or i64";
  // E3
  if (!context.unify(dims.back(), keys.front()))
    return emitOpError("has ")
           << toString(keys) << " keys for " << toString(dims) << " elements";
  return give(results, SequenceType::get(
                           getContext(), MapType::get(getContext(), key, value)));
}

LogicalResult MapVectorOp::inferShapes(ShapeContext &context,
                                       Results &results) {
  // E1
  auto map = expect<MapType>(*this, getMap(), "map");
  if (!map)
    return failure();
  if (map.getKey() != elementType(getKeys()))
    return emitOpError("looks for ")
           << elementType(getKeys()) << " in " << map;
  // E2
  ArrayRef<Expr> keys = context.dims(getKeys());
  if (keys.size() != 1)
    return emitOpError("keys have type ")
           << getKeys().getType() << "; expected a vector";
  return give(results, map.getValue(), {context.constant(1), keys.front()});
}

//===-- Strings -----------------------------------------------------------===//

static LogicalResult checkStrings(Operation *op, ValueRange operands) {
  for (Value operand : operands)
    if (!isa<StringType>(elementType(operand)))
      return op->emitOpError("operand has type ")
             << operand.getType() << "; expected strings";
  return success();
}

/// Two tensors of strings broadcast against each other.
static LogicalResult inferPair(Operation *op, ShapeContext &context,
                               Type resultType, Results &results) {
  Dims lhs(context.dims(op->getOperand(0))), rhs(context.dims(op->getOperand(1)));
  Dims dims(std::max(lhs.size(), rhs.size()), context.constant(1));
  // E1
  for (ArrayRef<Expr> side : {ArrayRef(lhs), ArrayRef(rhs)})
    for (auto [k, dim] : llvm::enumerate(side)) {
      Expr &both = dims[dims.size() - side.size() + k];
      both = context.broadcast(both, dim);
      if (!both)
        return op->emitOpError("operands of shapes ")
               << toString(lhs) << " and " << toString(rhs)
               << " do not broadcast";
    }
  // E2
  if (failed(checkStrings(op, op->getOperands())))
    return failure();
  return give(results, resultType, dims);
}

LogicalResult StringConcatOp::inferShapes(ShapeContext &context,
                                          Results &results) {
  // E1, E2
  return inferPair(*this, context, elementType(getLhs()), results);
}

LogicalResult StringEqualOp::inferShapes(ShapeContext &context,
                                         Results &results) {
  // E1, E2
  return inferPair(*this, context, IntegerType::get(getContext(), 1), results);
}

LogicalResult StringSplitOp::inferShapes(ShapeContext &context,
                                         Results &results) {
  // E1
  if (failed(checkStrings(*this, getOperands())))
    return failure();
  Dims dims(context.dims(getInput())), parts = dims;
  parts.push_back(ownDim(context, *this, 0, dims.size()));
  (void)give(results, elementType(getInput()), parts);
  return give(results, IntegerType::get(getContext(), 64), dims);
}

LogicalResult StringMatchOp::inferShapes(ShapeContext &context,
                                         Results &results) {
  // E1
  if (failed(checkStrings(*this, getOperands())))
    return failure();
  return give(results, IntegerType::get(getContext(), 1),
              Dims(context.dims(getInput())));
}

LogicalResult StringNormalizeOp::inferShapes(ShapeContext &context,
                                             Results &results) {
  // E1
  if (failed(checkStrings(*this, getOperands())))
    return failure();
  // E2
  Dims dims(context.dims(getInput()));
  auto rows = dims.size() == 2 ? ShapeContext::asConstant(dims[0]) : 1;
  if (dims.empty() || dims.size() > 2 || rows.value_or(1) != 1 ||
      context.dims(getStopwords()).size() != 1)
    return emitOpError("operands have types ")
           << getInput().getType() << " and " << getStopwords().getType()
           << "; expected a vector or one row, and a vector";
  if (dims.size() == 2)
    dims[0] = context.constant(1);
  auto stopwords = ShapeContext::asConstant(context.dims(getStopwords())[0]);
  auto count = ShapeContext::asConstant(dims.back());
  // Without stop words all stay, but never is the result empty.
  bool keepsAll = stopwords && *stopwords == 0 && count && *count > 0;
  if (!keepsAll)
    dims.back() = ownDim(context, *this, 0, dims.size() - 1);
  return give(results, elementType(getInput()), dims);
}

LogicalResult StringCastOp::inferShapes(ShapeContext &context,
                                        Results &results) {
  // E1
  Type from = elementType(getInput()), to = getTo();
  if (isa<StringType>(from) == isa<StringType>(to) ||
      !(from.isIntOrFloat() || to.isIntOrFloat()))
    return emitOpError("casts ")
           << from << " to " << to << "; expected strings on one side and a "
           << "number on the other";
  return give(results, to, Dims(context.dims(getInput())));
}

LogicalResult StringFindOp::inferShapes(ShapeContext &context,
                                        Results &results) {
  // E1
  if (failed(checkStrings(*this, getOperands())))
    return failure();
  // E2
  if (context.dims(getKeys()).size() != 1)
    return emitOpError("keys have type ")
           << getKeys().getType() << "; expected a vector";
  return give(results, IntegerType::get(getContext(), 64),
              Dims(context.dims(getInput())));
}

//===-- Folds -------------------------------------------------------------===//

/// sequence_at(sequence_make(x...), k) -> x[k]
OpFoldResult SequenceAtOp::fold(FoldAdaptor) {
  auto made = getSequence().getDefiningOp<SequenceMakeOp>();
  auto position = getPosition().getDefiningOp<ConstantOp>();
  auto known = position ? dyn_cast<DenseIntElementsAttr>(position.getValue())
                        : DenseIntElementsAttr();
  if (!made || !known)
    return {};
  int64_t count = made.getElements().size();
  int64_t index = (*known.begin()).getSExtValue();
  index += index < 0 ? count : 0;
  if (index < 0 || index >= count)
    return {};
  Value element = made.getElements()[index];
  return element.getType() == getType() ? element : Value();
}

/// optional_get(optional_make(x)) -> x
OpFoldResult OptionalGetOp::fold(FoldAdaptor) {
  auto made = getOptional().getDefiningOp<OptionalMakeOp>();
  if (!made || made.getValues().size() != 1)
    return {};
  Value value = made.getValues().front();
  return value.getType() == getType() ? value : Value();
}

/// retype(x) -> x, if that changes nothing
OpFoldResult RetypeOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? getInput() : Value();
}
