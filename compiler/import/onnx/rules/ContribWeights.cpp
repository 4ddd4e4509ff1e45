// Weights that are stored as a few bits each: MatMulNBits, MatMulBnb4,
// GatherBlockQuantized.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Contrib.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;

bool nacre::onnx::checkBits(Node &n, int64_t bits) {
  if (bits != 2 && bits != 4 && bits != 8 && !n.failed())
    n.error() << "has weights of " << bits << " bits, expected 2, 4 or 8";
  return !n.failed();
}

Value nacre::onnx::unpackBits(Node &n, Value packed, int64_t bits) {
  if (bits == 8 || !checkBits(n, bits) || !n.checkRank(packed, 1))
    return packed;
  int64_t last = n.rank(packed) - 1;
  Node::Values parts;
  for (int64_t at = 0; at < 8; at += bits) {
    Value low = at ? n.make<graph::ShiftRightOp>(
                         {packed, n.scalarLike(packed, double(at))})
                   : packed;
    Value part = n.make<graph::BitAndOp>(
        {low, n.scalarLike(packed, double((1 << bits) - 1))});
    parts.push_back(n.unsqueeze(part, {last + 1}));
  }
  return n.collapse(n.concat(parts, last + 1),
                    llvm::to_vector(llvm::seq<int64_t>(0, last + 1)));
}

/// A power of two of at least 16.
static bool checkBlock(Node &n, int64_t block) {
  if ((block < 16 || !llvm::isPowerOf2_64(block) || block > INT32_MAX) &&
      !n.failed())
    n.error() << "has block_size " << block
              << ", expected a power of two of at least 16";
  return !n.failed();
}

static bool checkPositive(Node &n, StringRef name, int64_t value) {
  if ((value < 1 || value > INT32_MAX) && !n.failed())
    n.error() << "has attribute '" << name << "' of " << value
              << ", expected at least 1";
  return !n.failed();
}

//===-- MatMulNBits
//---------------------------------------------------------===//

namespace {

/// The right operand of MatMulNBits: [rows, blocks, bytes of a block].
struct BlockWeights {
  Node &n;
  int64_t width, rows, bits, block;
  int64_t blocks = 0;

  bool read();
  Value zeroPoints(Value given);
  Value dequantized(Value bytes, Value scales, Value zero);
};

} // namespace

bool BlockWeights::read() {
  if (!checkPositive(n, "K", width) || !checkPositive(n, "N", rows) ||
      !checkBits(n, bits) || !checkBlock(n, block))
    return false;
  blocks = llvm::divideCeil(width, block);
  return true;
}

/// One per block: [rows, blocks], packed as the weights are or floats. Null
/// stands for the middle.
Value BlockWeights::zeroPoints(Value given) {
  if (!given)
    return n.scalar(n.b.getIntegerType(8, false), double(1 << (bits - 1)));
  if (n.isFloat(given))
    return n.reshape(given, {rows, blocks, 1});
  int64_t bytes = llvm::divideCeil(blocks * bits, 8);
  Value all = unpackBits(n, n.reshape(given, {rows, bytes}), bits);
  return n.unsqueeze(n.slice(all, 1, 0, blocks), {2});
}

/// [rows, width], in the type of the scales.
Value BlockWeights::dequantized(Value bytes, Value scales, Value zero) {
  Value numbers =
      unpackBits(n, n.reshape(bytes, {rows, blocks, block * bits / 8}), bits);
  Type type = n.element(scales);
  zero = zeroPoints(zero);
  if (Value index = n.optional(4)) {
    // A group of its own for each column.
    auto perColumn = [&](Value x) {
      return n.rank(x) == 0 ? x : n.gather(n.squeeze(x, {2}), index, 1);
    };
    Value flat = n.slice(n.collapse(numbers, {0, 1}), 1, 0, width);
    scales = perColumn(n.reshape(scales, {rows, blocks, 1}));
    return n.mul(n.sub(n.cast(flat, type), n.cast(perColumn(zero), type)),
                 scales);
  }
  scales = n.reshape(scales, {rows, blocks, 1});
  Value real = n.isFloat(zero)
                   ? n.mul(n.sub(n.cast(numbers, type), zero), scales)
                   : dequantize(n, numbers, scales, zero);
  return n.slice(n.collapse(real, {0, 1}), 1, 0, width);
}

static LogicalResult importMatMulNBits(Node &n) {
  Value x = n.operand(0), bytes = n.operand(1), scales = n.operand(2);
  Value zero = n.optional(3), bias = n.optional(5);
  BlockWeights weights{n, n.i("K"), n.i("N"), n.i("bits", 4),
                       n.i("block_size")};
  n.ignore({"accuracy_level"});
  if (n.i("weight_prepacked", 0) != 0)
    return n.error() << "has weights that are packed for one device, which is "
                        "not supported";
  if (!weights.read() || !n.checkFloat(x) || !n.checkRank(x, 1) ||
      !n.checkSameType({x, scales, bias}))
    return failure();
  int64_t last = n.rank(x) - 1, found = n.dim(x, last);
  if (!ShapedType::isDynamic(found) && found != weights.width)
    return n.error() << "has inputs of width " << found << " for weights of "
                     << weights.width;
  Value y;
  if (n.type(bytes).hasStaticShape() && n.type(bytes).getNumElements() == 0) {
    // Weights that are left out give nothing.
    Value shape = n.concat({n.dimsOf(x, 0, last), n.i64s({weights.rows})}, 0);
    y = n.broadcast(n.scalarLike(x, 0), shape);
  } else {
    Value matrix = weights.dequantized(bytes, scales, zero);
    y = matmul(n, x, n.transpose(matrix, {1, 0}));
  }
  return n.result(bias ? n.add(y, bias) : y);
}

//===-- MatMulBnb4
//----------------------------------------------------------===//

// What the 16 numbers stand for, by the kind of quantization.
static constexpr double kFp4[] = {0,           0.00520833333,
                                  0.66666667,  1,
                                  0.33333333,  0.5,
                                  0.16666667,  0.25,
                                  -0.0,        -0.00520833333,
                                  -0.66666667, -1,
                                  -0.33333333, -0.5,
                                  -0.16666667, -0.25};
static constexpr double kNf4[] = {-1,
                                  -0.6961928009986877,
                                  -0.5250730514526367,
                                  -0.39491748809814453,
                                  -0.28444138169288635,
                                  -0.18477343022823334,
                                  -0.09105003625154495,
                                  0,
                                  0.07958029955625534,
                                  0.16093020141124725,
                                  0.24611230194568634,
                                  0.33791524171829224,
                                  0.44070982933044434,
                                  0.5626170039176941,
                                  0.7229568362236023,
                                  1};

static LogicalResult importMatMulBnb4(Node &n) {
  Value x = n.operand(0), bytes = n.operand(1), scales = n.operand(2);
  int64_t width = n.i("K"), rows = n.i("N"), block = n.i("block_size");
  int64_t kind = n.i("quant_type");
  bool transposed = n.flag("transB", true);
  n.ignore({"training_mode"});
  if (!checkPositive(n, "K", width) || !checkPositive(n, "N", rows) ||
      !checkBlock(n, block) || !n.checkFloat(x) || !n.checkRank(bytes, 1))
    return failure();
  if (kind != 0 && kind != 1)
    return n.error() << "has quant_type " << kind << ", expected 0 or 1";
  int64_t count = width * rows, blocks = llvm::divideCeil(count, block);
  // The first of two numbers is in the high bits.
  Value flat = n.rank(bytes) == 1 ? bytes : n.collapse(bytes, {0});
  Value high = n.make<graph::ShiftRightOp>({flat, n.scalarLike(flat, 4)});
  Value low = n.make<graph::BitAndOp>({flat, n.scalarLike(flat, 15)});
  Value index = n.collapse(
      n.concat({n.unsqueeze(high, {1}), n.unsqueeze(low, {1})}, 1), {0});
  Value table = n.numbers(n.element(scales), kind == 0 ? kFp4 : kNf4);
  Value real =
      n.gather(table, n.cast(n.slice(index, 0, 0, count), n.b.getI64Type()), 0);
  if (blocks * block != count)
    real =
        n.pad(real, n.i64s({0, blocks * block - count}), n.scalarLike(real, 0));
  real =
      n.mul(n.reshape(real, {blocks, block}), n.reshape(scales, {blocks, 1}));
  Value matrix =
      n.reshape(n.slice(n.collapse(real, {0}), 0, 0, count), {rows, width});
  matrix = n.cast(matrix, n.element(x));
  return n.result(
      matmul(n, x, transposed ? n.transpose(matrix, {1, 0}) : matrix));
}

//===-- GatherBlockQuantized
//------------------------------------------------===//

/// `value` of one number per block, as `x` has dims along `axis`. Dims of 1
/// stay.
static Value perElement(Node &n, Value value, Value x, int64_t axis,
                        int64_t block) {
  if (!value || n.rank(value) == 0)
    return value;
  if (n.dim(value, axis) == 1)
    return value;
  return spread(n, value, x, axis, block);
}

static LogicalResult importGatherBlockQuantized(Node &n) {
  Value data = n.operand(0), indices = n.operand(1), scales = n.operand(2);
  Value zero = n.optional(3);
  int64_t bits = n.i("bits", 4), block = n.i("block_size", 128);
  int64_t gathered = n.axis("gather_axis", 0, data);
  int64_t axis = n.axis("quantize_axis", 1, data);
  if (n.failed())
    return failure();
  bool real = n.isFloat(data), bytes = n.element(data).isInteger(8);
  if (real && block == 0)
    block = std::max<int64_t>(1, n.dim(data, axis));
  else if (!checkBlock(n, block))
    return failure();
  if (bytes && (gathered != 0 || (bits != 8 && axis == gathered)))
    return n.error() << "has packed bytes gathered along axis " << gathered
                     << " and blocks along axis " << axis
                     << ", expected 0 and another one";
  if (!n.checkRank(scales, n.rank(data), n.rank(data)))
    return failure();
  bool before = axis == gathered; // blocks are taken apart by the gather
  auto take = [&](Value x) {
    return x && !before && n.rank(x) != 0 && n.dim(x, gathered) != 1
               ? n.gather(x, indices, gathered)
               : x;
  };
  data = take(data), zero = take(zero);
  Value factor =
      n.dim(scales, gathered) == 1 && !before
          ? n.gather(scales, n.mul(n.cast(indices, n.b.getI64Type()), 0.0),
                     gathered)
          : take(scales);
  if (bytes) {
    data = unpackBits(n, data, bits);
    zero = zero ? unpackBits(n, zero, bits)
                : n.scalarLike(data, double(1 << (bits - 1)));
  }
  if (axis > gathered && !before)
    axis += n.rank(indices) - 1;
  if (zero && n.rank(zero) != 0)
    zero = n.slice(zero, n.i64s({0}), n.dimOf(factor, axis), {axis}, {1});
  Value factors = perElement(n, factor, data, axis, block);
  Value result = real ? n.mul(n.cast(data, n.element(scales)), factors)
                      : dequantize(n, data, factors,
                                   zero ? perElement(n, zero, data, axis, block)
                                        : n.scalarLike(data, 0));
  return n.result(before ? n.gather(result, indices, gathered) : result);
}

void nacre::onnx::addContribWeightsRules(RuleTable &table) {
  table.add(kMicrosoft, "GatherBlockQuantized", 1, importGatherBlockQuantized);
  table.add(kMicrosoft, "MatMulBnb4", 1, importMatMulBnb4);
  table.add(kMicrosoft, "MatMulNBits", 1, importMatMulNBits);
}
