#include "compiler/import/onnx/Rules.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;

template <typename T>
static ElementsAttr vectorAttr(Type type, ArrayRef<T> values) {
  return DenseElementsAttr::get(
      RankedTensorType::get({int64_t(values.size())}, type), values);
}

/// The value in whichever attribute holds it; null if in none.
static ElementsAttr constantValue(Node &n) {
  Type i64 = n.b.getI64Type(), f32 = n.b.getF32Type();
  if (n.hasAttr("value"))
    return n.tensor("value");
  if (n.hasAttr("sparse_value"))
    return n.sparseTensor("sparse_value");
  if (n.hasAttr("value_int"))
    return DenseElementsAttr::get(RankedTensorType::get({}, i64),
                                  n.i("value_int"));
  if (n.hasAttr("value_ints"))
    return vectorAttr<int64_t>(i64, n.ints("value_ints"));
  if (n.hasAttr("value_float"))
    return DenseElementsAttr::get(RankedTensorType::get({}, f32),
                                  float(n.f("value_float")));
  if (n.hasAttr("value_floats")) {
    SmallVector<double> values = n.floats("value_floats");
    return vectorAttr<float>(f32,
                             SmallVector<float>(values.begin(), values.end()));
  }
  return {};
}

static LogicalResult importConstant(Node &n) {
  if (n.hasAttr("value_string"))
    return n.result(n.toScalar(n.strings1d({n.s("value_string")})));
  if (n.hasAttr("value_strings"))
    return n.result(n.strings1d(n.strings("value_strings")));
  ElementsAttr value = constantValue(n);
  if (!value)
    return n.failed() ? failure()
                      : n.error() << "has no value in any of its attributes";
  return n.result(n.constant(value));
}

static LogicalResult importConstantOfShape(Node &n) {
  Value shape = n.operand(0);
  ElementsAttr value = n.tensor("value");
  if (n.failed() || !n.checkShape(shape))
    return failure();
  if (!value)
    value = DenseElementsAttr::get(RankedTensorType::get({1}, n.b.getF32Type()),
                                   0.0f);
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense || dense.getNumElements() != 1)
    return n.error() << "has " << value.getNumElements()
                     << " elements in attribute 'value', expected 1";
  Attribute element = *dense.value_begin<Attribute>();
  Value scalar = n.constant(DenseElementsAttr::get(
      RankedTensorType::get({}, dense.getElementType()), element));
  // A splat needs no folding, whatever its size.
  if (std::optional<Node::Ints> dims = n.known(shape)) {
    if (auto type = n.sized(*dims, dense.getElementType()))
      return n.result(n.constant(DenseElementsAttr::get(type, element)));
    return failure();
  }
  return n.result(n.broadcast(scalar, n.cast(shape, n.b.getI64Type())));
}

static LogicalResult importIdentity(Node &n) { return n.result(n.operand(0)); }

static LogicalResult importRange(Node &n) {
  Value start = n.operand(0), limit = n.operand(1), delta = n.operand(2);
  return n.result(n.make<graph::RangeOp>(
      {n.toScalar(start), n.toScalar(limit), n.toScalar(delta)}));
}

static LogicalResult importEyeLike(Node &n) {
  Value x = n.operand(0);
  Type type = n.hasAttr("dtype") ? n.typeAttr("dtype") : n.element(x);
  int64_t k = n.i("k", 0);
  if (!n.checkRank(x, 2, 2))
    return failure();
  Value row = n.unsqueeze(n.iota(n.squeeze(n.dimOf(x, 0), {0})), {1});
  Value column = n.unsqueeze(n.iota(n.squeeze(n.dimOf(x, 1), {0})), {0});
  Value on = n.compare(graph::Predicate::eq, n.add(row, double(k)), column);
  return n.result(n.cast(on, type));
}

void nacre::onnx::addConstantRules(RuleTable &table) {
  table.add("Constant", 1, importConstant);
  table.add("ConstantOfShape", 9, importConstantOfShape);
  table.add("EyeLike", 9, importEyeLike);
  table.add("Identity", 1, importIdentity);
  table.add("Range", 11, importRange);
}
