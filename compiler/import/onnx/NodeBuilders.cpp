// The builders of Node: the ops that many rules are composed of.
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Node.h"
#include "compiler/import/onnx/Tensor.h"
#include "compiler/import/onnx/Types.h"

using namespace mlir;
using namespace nacre::onnx;
using namespace nacre::graph;

Value Node::compare(Predicate predicate, Value x, Value y) {
  return make<CompareOp>(
      {x, y},
      {b.attr("predicate", PredicateAttr::get(b.getContext(), predicate))});
}

Value Node::cast(Value x, Type to) {
  if (!x || !to || element(x) == to)
    return x;
  return make<CastOp>({x}, {b.attr("to", TypeAttr::get(to))});
}

//===-- Constants
//-----------------------------------------------------------===//

Value Node::constant(ElementsAttr value) {
  if (broken || !value)
    return {};
  Values values = checked({b.constant(location, value)});
  return values.empty() ? Value() : values.front();
}

Value Node::scalar(Type type, double value) {
  if (broken || !type)
    return {};
  if (type.isIntOrFloat())
    return b.scalar(location, type, value);
  // Strings and complex numbers have but one scalar without an operand:
  // nothing.
  auto shape = RankedTensorType::get({}, type);
  if (llvm::isa<nacre::graph::StringType>(type))
    return constant(DenseStringElementsAttr::get(shape, StringRef("")));
  if (auto complex = llvm::dyn_cast<ComplexType>(type))
    return constant(
        complex.getElementType().isF32()
            ? DenseElementsAttr::get(shape, std::complex<float>(float(value)))
            : DenseElementsAttr::get(shape, std::complex<double>(value)));
  error() << "has an input of " << typeName(type) << ", expected numbers";
  return {};
}

Value Node::i64s(ArrayRef<int64_t> values) {
  return constant(DenseElementsAttr::get(
      RankedTensorType::get({int64_t(values.size())}, b.getI64Type()), values));
}

Value Node::i64(int64_t value) {
  return constant(
      DenseElementsAttr::get(RankedTensorType::get({}, b.getI64Type()), value));
}

Value Node::f32s(ArrayRef<float> values) {
  return constant(DenseElementsAttr::get(
      RankedTensorType::get({int64_t(values.size())}, b.getF32Type()), values));
}

Value Node::strings1d(ArrayRef<StringRef> values) {
  Type string = b.getType<StringType>();
  return constant(DenseStringElementsAttr::get(
      RankedTensorType::get({int64_t(values.size())}, string), values));
}

/// `value` as an attribute of `type`, rounded to nearest.
static Attribute numberAttr(OpBuilder &b, Type type, double value) {
  if (auto floatType = dyn_cast<FloatType>(type)) {
    APFloat number(value);
    bool lost;
    number.convert(floatType.getFloatSemantics(), APFloat::rmNearestTiesToEven,
                   &lost);
    return FloatAttr::get(floatType, number);
  }
  if (llvm::isa<nacre::graph::StringType>(type))
    return b.getStringAttr("");
  auto integer = llvm::cast<IntegerType>(type);
  // 1 is no signed number of one bit.
  bool counts = integer.isUnsigned() || integer.getWidth() == 1;
  APSInt number(integer.getWidth(), counts);
  bool exact;
  APFloat(value).convertToInteger(number, APFloat::rmTowardZero, &exact);
  return IntegerAttr::get(type, number);
}

Value Node::numbers(Type type, ArrayRef<double> values) {
  if (broken || !type)
    return {};
  SmallVector<Attribute> attrs;
  for (double value : values)
    attrs.push_back(numberAttr(b, type, value));
  return constant(DenseElementsAttr::get(
      RankedTensorType::get({int64_t(values.size())}, type), attrs));
}

Value Node::filled(Type type, ArrayRef<int64_t> dims, double value) {
  if (broken || !type || !checkSize(dims, type))
    return {};
  return constant(DenseElementsAttr::get(RankedTensorType::get(dims, type),
                                         numberAttr(b, type, value)));
}

//===-- Shapes
//--------------------------------------------------------------===//

Value Node::shapeOf(Value x) {
  if (!x || broken)
    return {};
  if (type(x).hasStaticShape())
    return i64s(type(x).getShape());
  return make<ShapeOp>({x});
}

Value Node::dimsOf(Value x, int64_t from, int64_t to) {
  if (!checkRank(x, to))
    return {};
  ArrayRef<int64_t> dims = type(x).getShape().slice(from, to - from);
  if (!ShapedType::isDynamicShape(dims))
    return i64s(dims);
  return slice(shapeOf(x), 0, from, to);
}

Value Node::dimOf(Value x, int64_t axis) { return dimsOf(x, axis, axis + 1); }

Value Node::sizeOf(Value x) {
  if (!x || broken)
    return {};
  if (type(x).hasStaticShape())
    return i64(type(x).getNumElements());
  return reduce(ReduceKind::prod, shapeOf(x), {0}, false);
}

Value Node::count(Value x, ArrayRef<int64_t> axes, Type to) {
  if (!checkRank(x, axes.empty() ? 0 : *llvm::max_element(axes) + 1))
    return {};
  int64_t known = 1;
  for (int64_t axis : axes)
    known = ShapedType::isDynamic(known) || type(x).isDynamicDim(axis)
                ? ShapedType::kDynamic
                : known * type(x).getDimSize(axis);
  if (!ShapedType::isDynamic(known))
    return scalar(to, double(known));
  Value product = i64(1);
  for (int64_t axis : axes)
    product = mul(product, squeeze(dimOf(x, axis), {0}));
  return cast(product, to);
}

//===-- Movement
//------------------------------------------------------------===//

Value Node::reshape(Value x, Value shape) {
  return make<ReshapeOp>({x, shape}, {b.flag("allow_zero", true)});
}

Value Node::squeeze(Value x, ArrayRef<int64_t> axes) {
  return axes.empty() ? x : make<SqueezeOp>({x}, {b.attr("axes", axes)});
}

Value Node::unsqueeze(Value x, ArrayRef<int64_t> axes) {
  return axes.empty() ? x : make<UnsqueezeOp>({x}, {b.attr("axes", axes)});
}

Value Node::alongAxis(Value x, int64_t axis, int64_t rank) {
  Ints axes;
  for (int64_t k = 0; k < rank; ++k)
    if (k != axis)
      axes.push_back(k);
  return unsqueeze(x, axes);
}

Value Node::collapse(Value x, ArrayRef<int64_t> starts) {
  return make<CollapseOp>({x}, {b.attr("starts", starts)});
}

Value Node::flatten(Value x, int64_t axis) {
  if (!x || broken)
    return {};
  if (axis == 0 || axis == rank(x)) {
    Value flat = rank(x) == 0 ? unsqueeze(x, {0}) : collapse(x, {0});
    return unsqueeze(flat, {axis == 0 ? 0 : 1});
  }
  return collapse(x, {0, axis});
}

Value Node::transpose(Value x, ArrayRef<int64_t> perm) {
  if (llvm::equal(perm, llvm::seq<int64_t>(0, perm.size())) && x &&
      rank(x) == int64_t(perm.size()))
    return x;
  return make<TransposeOp>({x}, {b.attr("perm", perm)});
}

Value Node::swap(Value x, int64_t a, int64_t c) {
  Ints perm = llvm::to_vector(llvm::seq<int64_t>(0, rank(x)));
  if (x && a < rank(x) && c < rank(x))
    std::swap(perm[a], perm[c]);
  return transpose(x, perm);
}

Value Node::broadcast(Value x, Value shape) {
  return make<BroadcastOp>({x, shape});
}

Value Node::concat(ValueRange values, int64_t axis) {
  if (values.size() == 1)
    return values.front();
  return make<ConcatOp>(values, {b.attr("axis", axis)});
}

Value Node::slice(Value x, Value starts, Value ends, ArrayRef<int64_t> axes,
                  ArrayRef<int64_t> steps) {
  return make<SliceOp>({x, starts, ends},
                       {b.attr("axes", axes), b.attr("steps", steps)});
}

Value Node::slice(Value x, int64_t axis, int64_t from, int64_t to) {
  return slice(x, i64s({from}), i64s({to}), {axis}, {1});
}

Value Node::gather(Value x, Value indices, int64_t axis) {
  return make<GatherOp>({x, indices}, {b.attr("axis", axis)});
}

Value Node::gatherNd(Value x, Value indices, int64_t batchDims) {
  return make<GatherNdOp>({x, indices}, {b.attr("batch_dims", batchDims)});
}

Value Node::pad(Value x, Value pads, Value value, PadMode mode) {
  return make<PadOp>({x, pads, value},
                     {b.attr("mode", PadModeAttr::get(b.getContext(), mode))});
}

Value Node::iota(Value n) { return make<RangeOp>({i64(0), n, i64(1)}); }

Value Node::toScalar(Value x) {
  return rank(x) == 0 ? x : reshape(x, ArrayRef<int64_t>());
}

//===-- Reductions
//----------------------------------------------------------===//

Value Node::reduce(ReduceKind kind, Value x, ArrayRef<int64_t> axes,
                   bool keepDims) {
  return make<ReduceOp>(
      {x}, {b.attr("kind", ReduceKindAttr::get(b.getContext(), kind)),
            b.attr("axes", axes), b.flag("keep_dims", keepDims)});
}

Value Node::mean(Value x, ArrayRef<int64_t> axes, bool keepDims) {
  if (!x || broken)
    return {};
  // A sum of halves may not fit where the mean does.
  Type type = element(x);
  bool narrow = type.isF16() || type.isBF16();
  Value wide = narrow ? cast(x, b.getF32Type()) : x;
  Value sum = reduce(ReduceKind::sum, wide, axes, keepDims);
  return cast(div(sum, count(wide, axes, element(wide))), type);
}

Value Node::softmax(Value x, int64_t axis, bool log) {
  return make<SoftmaxOp>({x}, {b.attr("axis", axis), b.flag("log", log)});
}
