#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::ReduceKind;

Value nacre::onnx::quantize(Node &n, Value x, Value scale, Value zeroPoint,
                            bool saturate) {
  return n.make<graph::QuantizeOp>({x, scale, zeroPoint},
                                   {n.b.flag("saturate", saturate)});
}

Value nacre::onnx::dequantize(Node &n, Value x, Value scale, Value zeroPoint) {
  return n.make<graph::DequantizeOp>({x, scale, zeroPoint});
}

/// Reports unless `value` has the dims of `x`, and one per block along `axis`.
static bool checkBlocks(Node &n, Value value, Value x, int64_t axis,
                        int64_t block) {
  int64_t rank = n.rank(x);
  if (!n.checkRank(value, rank, rank))
    return false;
  for (int64_t k = 0; k < rank && !n.failed(); ++k) {
    int64_t size = n.dim(x, k), found = n.dim(value, k);
    if (ShapedType::isDynamic(size) || ShapedType::isDynamic(found))
      continue;
    int64_t expected = k == axis ? (size + block - 1) / block : size;
    if (found != expected)
      n.error() << "has scales or zero points of type " << value.getType()
                << " for blocks of " << block << " along axis " << axis
                << " of " << x.getType();
  }
  return !n.failed();
}

Value nacre::onnx::spread(Node &n, Value value, Value x, int64_t axis,
                          int64_t block) {
  if (!value || !x || n.failed())
    return value;
  int64_t rank = n.rank(x);
  if (n.rank(value) == 0 ||
      (block == 0 && n.rank(value) == 1 && n.dim(value, 0) == 1))
    return n.toScalar(value);
  axis = n.normalize(axis, rank);
  if (block == 0) {
    if (!n.checkRank(value, 1, 1))
      return {};
    return n.alongAxis(value, axis, rank);
  }
  if (!checkBlocks(n, value, x, axis, block))
    return {};
  Value repeated = n.unsqueeze(value, {axis + 1});
  Value shape = n.concat({n.dimsOf(value, 0, axis + 1), n.i64s({block}),
                          n.dimsOf(value, axis + 1, rank)},
                         0);
  Node::Ints starts;
  for (int64_t k = 0; k <= rank; ++k)
    if (k != axis + 1)
      starts.push_back(k);
  Value all = n.collapse(n.broadcast(repeated, shape), starts);
  return n.slice(all, n.i64s({0}), n.dimOf(x, axis), {axis}, {1});
}

namespace {
struct Granularity {
  int64_t axis, block;
  explicit Granularity(Node &n)
      : axis(n.i("axis", 1)), block(n.i("block_size", 0)) {
    if (block < 0 && !n.failed())
      n.error() << "has block_size " << block << ", expected at least 0";
  }
};
} // namespace

static LogicalResult importQuantizeLinear(Node &n) {
  Value x = n.operand(0), scale = n.operand(1), zero = n.optional(2);
  Granularity granularity(n);
  bool saturate = n.flag("saturate", true);
  n.ignore({"precision"});
  Type type = n.b.getIntegerType(8, false);
  if (n.i("output_dtype", 0) != 0)
    type = n.typeAttr("output_dtype");
  if (n.failed())
    return failure();
  if (zero && n.i("output_dtype", 0) != 0 && n.element(zero) != type)
    return n.error() << "has output_dtype " << type
                     << " and a zero point of type " << zero.getType();
  if (!n.isFloat(x) || n.element(x) != n.element(scale)) {
    x = n.cast(x, n.b.getF32Type());
    scale = n.cast(scale, n.b.getF32Type());
  }
  zero = zero ? zero : n.scalar(type, 0);
  return n.result(quantize(
      n, x, spread(n, scale, x, granularity.axis, granularity.block),
      spread(n, zero, x, granularity.axis, granularity.block), saturate));
}

static LogicalResult importDequantizeLinear(Node &n) {
  Value x = n.operand(0), scale = n.operand(1), zero = n.optional(2);
  Granularity granularity(n);
  Type type = n.element(scale);
  if (n.i("output_dtype", 0) != 0)
    type = n.typeAttr("output_dtype");
  if (n.failed())
    return failure();
  zero = zero ? zero : n.scalarLike(x, 0);
  // A scale that is itself narrow (e8m0) computes in f32.
  if (!n.element(scale).isF32() && !n.element(scale).isF16() &&
      !n.element(scale).isBF16() && !n.element(scale).isF64())
    scale = n.cast(scale, n.b.getF32Type());
  Value real =
      dequantize(n, x, spread(n, scale, x, granularity.axis, granularity.block),
                 spread(n, zero, x, granularity.axis, granularity.block));
  return n.result(n.cast(real, type));
}

std::pair<Value, Value> nacre::onnx::byteRange(Node &n, Value x) {
  if (!n.checkFloat(x))
    return {};
  Node::Ints axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(x)));
  // The range holds 0, which has to be exact.
  Value high = n.max(n.reduce(ReduceKind::max, x, axes, false), 0.0);
  Value low = n.min(n.reduce(ReduceKind::min, x, axes, false), 0.0);
  Value scale = n.div(n.sub(high, low), 255);
  scale = n.select(n.compare(graph::Predicate::eq, scale, 0.0),
                   n.scalarLike(scale, 1), scale);
  Type byte = n.b.getIntegerType(8, false);
  return {scale, quantize(n, n.neg(low), scale, n.scalar(byte, 0))};
}

static LogicalResult importDynamicQuantizeLinear(Node &n) {
  Value x = n.operand(0);
  auto [scale, zero] = byteRange(n, x);
  return n.results({quantize(n, x, scale, zero), scale, zero});
}

/// Per-row values of a left operand are a column.
static Value perRow(Node &n, Value value) {
  return n.rank(value) == 1 && n.dim(value, 0) != 1 ? n.unsqueeze(value, {1})
                                                    : value;
}

static LogicalResult importQLinearMatMul(Node &n) {
  Value a = n.operand(0), aScale = n.operand(1), aZero = n.operand(2);
  Value c = n.operand(3), cScale = n.operand(4), cZero = n.operand(5);
  Value yScale = n.operand(6), yZero = n.operand(7);
  Type f32 = n.b.getF32Type();
  if (n.failed())
    return failure();
  Value product;
  auto scalar = [&](Value v) {
    return n.rank(v) == 1 && n.dim(v, 0) == 1 ? n.toScalar(v) : v;
  };
  aScale = perRow(n, n.cast(scalar(aScale), f32));
  cScale = n.cast(scalar(cScale), f32);
  if (n.isFloat(a)) {
    // 8-bit floats: the products are exact in f32.
    product = matmul(n, dequantize(n, a, aScale, perRow(n, scalar(aZero))),
                     dequantize(n, c, cScale, scalar(cZero)));
  } else {
    product = n.cast(matmulInteger(n, a, c, scalar(aZero), scalar(cZero)), f32);
    product = n.mul(product, n.mul(aScale, cScale));
  }
  yScale = perRow(n, n.cast(scalar(yScale), f32));
  return n.result(quantize(n, product, yScale, perRow(n, scalar(yZero))));
}

Value nacre::onnx::quantizedConvolution(Node &n, Value x) {
  Value xScale = n.operand(1), xZero = n.operand(2);
  Value weight = n.operand(3), wScale = n.operand(4), wZero = n.operand(5);
  Value yScale = n.operand(6), yZero = n.operand(7), bias = n.optional(8);
  Value sum = convolutionInteger(n, x, weight, xZero, wZero);
  sum = addChannels(n, sum, bias);
  if (n.failed())
    return {};
  Value scale = n.mul(n.toScalar(xScale), spread(n, wScale, x, 1, 0));
  Value real = n.mul(n.cast(sum, n.element(scale)), scale);
  return quantize(n, real, n.toScalar(yScale), n.toScalar(yZero));
}

static LogicalResult importQLinearConv(Node &n) {
  return n.result(quantizedConvolution(n, n.operand(0)));
}

void nacre::onnx::addQuantizeRules(RuleTable &table) {
  table.add("DequantizeLinear", 10, importDequantizeLinear);
  table.add("DynamicQuantizeLinear", 11, importDynamicQuantizeLinear);
  table.add("QLinearConv", 10, importQLinearConv);
  table.add("QLinearMatMul", 10, importQLinearMatMul);
  table.add("QuantizeLinear", 10, importQuantizeLinear);
}
