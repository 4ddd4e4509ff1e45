// Ops of com.microsoft on quantized tensors.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Contrib.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;

namespace {

/// A scale and a zero point, for all elements. `zero` may be null.
struct Scaling {
  Value scale, zero;

  Value real(Node &n, Value x) const {
    return dequantize(n, x, scale, zero ? zero : n.scalarLike(x, 0));
  }
  /// In the type of the zero point, or else of `like`.
  Value number(Node &n, Value x, Value like) const {
    return quantize(n, x, scale, zero ? zero : n.scalarLike(like, 0));
  }
};

} // namespace

/// A number or a vector of one; a vector of more stays.
static Value unit(Node &n, Value value) {
  return value && n.rank(value) == 1 && n.dim(value, 0) == 1 ? n.toScalar(value)
                                                             : value;
}

/// Operands `at` (the scale) and `at` + 1 (its zero point, which may be
/// absent).
static Scaling scaling(Node &n, unsigned at) {
  Value scale = n.operand(at), zero = n.optional(at + 1);
  if (n.failed())
    return {};
  return {n.toScalar(scale), zero ? n.toScalar(zero) : zero};
}

//===-- Elementwise
//---------------------------------------------------------===//

static LogicalResult binary(Node &n, function_ref<Value(Value, Value)> body) {
  Value a = n.operand(0), c = n.operand(3);
  Scaling ofA = scaling(n, 1), ofC = scaling(n, 4), ofY = scaling(n, 6);
  if (!n.checkSameType({a, c}))
    return failure();
  return n.result(ofY.number(n, body(ofA.real(n, a), ofC.real(n, c)), a));
}

static LogicalResult importQLinearAdd(Node &n) {
  return binary(n, [&](Value a, Value c) { return n.add(a, c); });
}

static LogicalResult importQLinearMul(Node &n) {
  return binary(n, [&](Value a, Value c) { return n.mul(a, c); });
}

static LogicalResult unary(Node &n, Value x, function_ref<Value(Value)> body) {
  Scaling ofX = scaling(n, 1), ofY = scaling(n, 3);
  return n.result(ofY.number(n, body(ofX.real(n, x)), x));
}

/// A mean, which is exact on the numbers themselves: they are scaled behind it.
static LogicalResult average(Node &n, Value x,
                             function_ref<Value(Value)> body) {
  Scaling ofX = scaling(n, 1), ofY = scaling(n, 3);
  Type f32 = n.b.getF32Type();
  Value numbers = n.cast(x, f32);
  if (ofX.zero)
    numbers = n.sub(numbers, n.cast(ofX.zero, f32));
  return n.result(ofY.number(n, n.mul(body(numbers), ofX.scale), x));
}

static LogicalResult importQLinearSigmoid(Node &n) {
  return unary(n, n.operand(0),
               [&](Value x) { return n.make<graph::SigmoidOp>({x}); });
}

static LogicalResult importQLinearLeakyRelu(Node &n) {
  double alpha = n.f("alpha", 0.01);
  return unary(n, n.operand(0), [&](Value x) {
    return n.select(n.compare(Predicate::lt, x, 0.0), n.mul(x, alpha), x);
  });
}

static LogicalResult importQLinearSoftmax(Node &n) {
  Value x = n.operand(0);
  int64_t opset = n.i("opset"), axis = n.axis("axis", -1, x);
  return unary(n, x, [&](Value real) {
    if (opset >= 13)
      return n.softmax(real, axis);
    return n.reshape(n.softmax(n.flatten(real, axis), 1), n.shapeOf(real));
  });
}

static LogicalResult importQLinearWhere(Node &n) {
  Value condition = n.operand(0), x = n.operand(1), y = n.operand(4);
  Scaling ofX = scaling(n, 2), ofY = scaling(n, 5), ofZ = scaling(n, 7);
  if (!n.checkSameType({x, y}))
    return failure();
  Value chosen = n.select(condition, ofX.real(n, x), ofY.real(n, y));
  return n.result(ofZ.number(n, chosen, x));
}

static LogicalResult importQLinearConcat(Node &n) {
  Scaling ofY = scaling(n, 0);
  unsigned count = n.numOperands();
  if (!n.failed() && (count < 5 || (count - 2) % 3 != 0))
    return n.error() << "has " << count
                     << " inputs, expected 2 and 3 for each tensor";
  Node::Values parts;
  for (unsigned at = 2; at + 2 < count; at += 3)
    parts.push_back(scaling(n, at + 1).real(n, n.operand(at)));
  int64_t axis = n.axis("axis", {}, n.operand(2));
  if (n.failed())
    return failure();
  return n.result(ofY.number(n, n.concat(parts, axis), n.operand(2)));
}

//===-- Reductions and windows
//----------------------------------------------===//

static LogicalResult importQLinearReduceMean(Node &n) {
  Value x = n.operand(0);
  bool keep = n.flag("keepdims", true);
  Node::Ints axes = n.normalize(n.ints("axes"), n.rank(x));
  llvm::sort(axes);
  if (axes.empty())
    axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x)));
  return average(n, x, [&](Value x) { return n.mean(x, axes, keep); });
}

static LogicalResult importReduceSumInteger(Node &n) {
  Value x = n.operand(0);
  bool keep = n.flag("keepdims", true);
  Node::Ints axes = n.normalize(n.ints("axes"), n.rank(x));
  if (n.failed())
    return failure();
  llvm::sort(axes);
  bool isSigned = !n.element(x).isUnsignedInteger();
  Type wide = isSigned ? n.b.getI32Type() : n.b.getIntegerType(32, false);
  return n.result(n.reduce(ReduceKind::sum, n.cast(x, wide), axes, keep));
}

/// `body` on channels in front, whatever the layout.
static LogicalResult pooled(Node &n, function_ref<Value(Value)> body) {
  bool last = n.flag("channels_last", false);
  return average(n, n.operand(0), [&](Value x) {
    Value y = body(last ? channelsFirst(n, x) : x);
    return last ? channelsLast(n, y) : y;
  });
}

static LogicalResult importQLinearAveragePool(Node &n) {
  return pooled(n, [&](Value x) { return averagePool(n, x); });
}

static LogicalResult importQLinearGlobalAveragePool(Node &n) {
  return pooled(n, [&](Value x) -> Value {
    if (!n.checkRank(x, 3))
      return {};
    return n.mean(x, llvm::to_vector(llvm::seq<int64_t>(2, n.rank(x))), true);
  });
}

static LogicalResult importQLinearConv(Node &n) {
  bool last = n.flag("channels_last", false);
  Value x = n.operand(0);
  if (!last)
    return n.result(quantizedConvolution(n, x));
  Value y = quantizedConvolution(n, channelsFirst(n, x));
  return n.result(channelsLast(n, y));
}

//===-- Products
//------------------------------------------------------------===//

static LogicalResult importMulInteger(Node &n) {
  Value a = n.operand(0), aZero = n.optional(1);
  Value c = n.operand(2), cZero = n.optional(3);
  auto centred = [&](Value x, Value zero) {
    Value wide = n.cast(x, n.b.getI32Type());
    return zero ? n.sub(wide, n.cast(n.toScalar(zero), n.element(wide))) : wide;
  };
  return n.result(n.mul(centred(a, aZero), centred(c, cZero)));
}

/// Scales per row of the left operand are a column.
static Value perRow(Node &n, Value value) {
  value = unit(n, value);
  return value && n.rank(value) == 1 ? n.unsqueeze(value, {1}) : value;
}

static LogicalResult importMatMulIntegerToFloat(Node &n) {
  Value a = n.operand(0), c = n.operand(1), bias = n.optional(6);
  Value aScale = n.operand(2), cScale = n.operand(3);
  if (!n.checkSameType({aScale, cScale, bias}))
    return failure();
  Type f32 = n.b.getF32Type();
  Value sum =
      matmulInteger(n, a, c, perRow(n, n.optional(4)), unit(n, n.optional(5)));
  Value scale =
      n.mul(n.cast(perRow(n, aScale), f32), n.cast(unit(n, cScale), f32));
  Value y = n.mul(n.cast(sum, f32), scale);
  if (bias)
    y = n.add(y, n.cast(bias, f32));
  return n.result(n.cast(y, n.element(aScale)));
}

static LogicalResult importDynamicQuantizeMatMul(Node &n) {
  Value a = n.operand(0), c = n.operand(1), cScale = n.operand(2);
  Value cZero = n.optional(3), bias = n.optional(4);
  auto [scale, zero] = byteRange(n, a);
  Value sum =
      matmulInteger(n, quantize(n, a, scale, zero), c, zero, unit(n, cZero));
  Value y = n.mul(n.cast(sum, n.element(scale)), n.mul(scale, unit(n, cScale)));
  return n.result(bias ? n.add(y, bias) : y);
}

static LogicalResult importQGemm(Node &n) {
  Value a = n.operand(0), c = n.operand(3), bias = n.optional(6);
  Scaling ofA = scaling(n, 1);
  Value cScale = unit(n, n.operand(4)), cZero = unit(n, n.operand(5));
  double alpha = n.f("alpha", 1);
  bool transA = n.flag("transA", false), transB = n.flag("transB", false);
  if (!n.checkRank(a, 2, 2) || !n.checkRank(c, 2, 2))
    return failure();
  Value sum =
      matmulInteger(n, transA ? n.transpose(a, {1, 0}) : a,
                    transB ? n.transpose(c, {1, 0}) : c, ofA.zero, cZero);
  if (bias)
    sum = n.add(sum, bias);
  Type f32 = n.b.getF32Type();
  Value factor = n.mul(n.mul(ofA.scale, cScale), alpha);
  Value y = n.mul(n.cast(sum, f32), n.cast(factor, f32));
  if (!n.has(7))
    return n.result(y);
  return n.result(scaling(n, 7).number(n, y, a));
}

//===-- Borders
//-------------------------------------------------------------===//

/// As ONNX's, but for the axis: without one there is one scale for all.
static bool scalingAlong(Node &n, Value x, Value &scale, Value &zero) {
  bool perAxis = n.hasAttr("axis");
  int64_t axis = n.i("axis", 0);
  if (n.failed())
    return false;
  scale = unit(n, scale), zero = unit(n, zero);
  if (!perAxis && n.rank(scale) != 0) {
    n.error() << "has scales of type " << scale.getType()
              << " and no axis that they are of";
    return false;
  }
  scale = spread(n, scale, x, axis, 0);
  zero = spread(n, zero, x, axis, 0);
  return !n.failed();
}

static LogicalResult importQuantizeLinear(Node &n) {
  Value x = n.operand(0), scale = n.operand(1), zero = n.optional(2);
  if (!n.checkSameType({x, scale}) || !scalingAlong(n, x, scale, zero))
    return failure();
  if (!zero)
    zero = n.scalar(n.b.getIntegerType(8, false), 0);
  return n.result(quantize(n, x, scale, zero));
}

static LogicalResult importDequantizeLinear(Node &n) {
  Value x = n.operand(0), scale = n.operand(1), zero = n.optional(2);
  if (!n.checkSameType({x, zero}) || !scalingAlong(n, x, scale, zero))
    return failure();
  return n.result(dequantize(n, x, scale, zero ? zero : n.scalarLike(x, 0)));
}

void nacre::onnx::addContribQuantizeRules(RuleTable &table) {
  auto add = [&](StringRef op, Rule rule) {
    table.add(kMicrosoft, op, 1, rule);
  };
  add("DequantizeLinear", importDequantizeLinear);
  add("DynamicQuantizeMatMul", importDynamicQuantizeMatMul);
  add("MatMulIntegerToFloat", importMatMulIntegerToFloat);
  add("MulInteger", importMulInteger);
  add("QGemm", importQGemm);
  add("QLinearAdd", importQLinearAdd);
  add("QLinearAveragePool", importQLinearAveragePool);
  add("QLinearConcat", importQLinearConcat);
  add("QLinearConv", importQLinearConv);
  add("QLinearGlobalAveragePool", importQLinearGlobalAveragePool);
  add("QLinearLeakyRelu", importQLinearLeakyRelu);
  add("QLinearMul", importQLinearMul);
  add("QLinearReduceMean", importQLinearReduceMean);
  add("QLinearSigmoid", importQLinearSigmoid);
  add("QLinearSoftmax", importQLinearSoftmax);
  add("QLinearWhere", importQLinearWhere);
  add("QuantizeLinear", importQuantizeLinear);
  add("ReduceSumInteger", importReduceSumInteger);
}
