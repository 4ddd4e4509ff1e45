// Products and windows of com.microsoft that are fused with what stands around
// them, or have channels last.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Contrib.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;

//===-- Products
//------------------------------------------------------------===//

/// `x` with its matrices, and before that its first dim and the batch,
/// transposed.
static Value transposed(Node &n, Value x, bool matrix, bool batch) {
  int64_t rank = n.rank(x);
  if (n.failed() || rank < 2)
    return x;
  Node::Ints perm = llvm::to_vector(llvm::seq<int64_t>(0, rank));
  if (batch)
    std::rotate(perm.begin(), perm.begin() + 1, perm.begin() + rank - 1);
  if (matrix)
    std::swap(perm[rank - 2], perm[rank - 1]);
  return n.transpose(x, perm);
}

static Value fusedMatmul(Node &n) {
  Value a = n.operand(0), c = n.operand(1);
  double alpha = n.f("alpha", 1);
  bool transA = n.flag("transA", false), transB = n.flag("transB", false);
  bool batchA = n.flag("transBatchA", false),
       batchB = n.flag("transBatchB", false);
  if (!n.checkSameType({a, c}))
    return {};
  Value product = matmul(n, transposed(n, a, transA, batchA),
                         transposed(n, c, transB, batchB));
  return alpha == 1 ? product : n.mul(product, alpha);
}

static LogicalResult importFusedMatMul(Node &n) {
  return n.result(fusedMatmul(n));
}

/// The parameters of an activation that are attributes of their own.
static SmallVector<double> activationAttributes(Node &n) {
  SmallVector<double> parameters;
  for (StringRef name :
       {"activation_alpha", "activation_beta", "activation_gamma"})
    parameters.push_back(n.hasAttr(name) ? n.f(name) : kNotGiven);
  return parameters;
}

static LogicalResult importFusedMatMulActivation(Node &n) {
  Value product = fusedMatmul(n);
  StringRef name = n.s("activation");
  SmallVector<double> parameters = activationAttributes(n);
  if (name == "Softmax" || name == "LogSoftmax") {
    int64_t axis = n.axis("activation_axis", -1, product);
    return n.failed() ? failure()
                      : n.result(n.softmax(product, axis, name != "Softmax"));
  }
  return n.result(fusedActivation(n, product, name, parameters));
}

static LogicalResult importFusedGemm(Node &n) {
  StringRef name = n.s("activation", "");
  SmallVector<double> parameters = activationAttributes(n);
  return n.result(fusedActivation(n, gemm(n), name, parameters));
}

static LogicalResult importMatMulInteger16(Node &n) {
  Type i32 = n.b.getI32Type();
  Value product =
      matmul(n, n.cast(n.operand(0), i32), n.cast(n.operand(1), i32));
  return n.result(product);
}

//===-- Windows
//-------------------------------------------------------------===//

/// A convolution, then what FusedConv adds and makes of it. `x` has channels in
/// front.
static Value fusedConvolution(Node &n, Value x, Value added) {
  Value weight = n.operand(1), bias = n.optional(2);
  StringRef name = n.s("activation", "");
  SmallVector<double> parameters = n.floats("activation_params");
  Value y = addChannels(n, convolution(n, x, weight), bias);
  if (added)
    y = n.add(y, added);
  return fusedActivation(n, y, name, parameters);
}

static LogicalResult importFusedConv(Node &n) {
  return n.result(fusedConvolution(n, n.operand(0), n.optional(3)));
}

static LogicalResult importNhwcFusedConv(Node &n) {
  Value added = n.optional(3);
  Value y = fusedConvolution(n, channelsFirst(n, n.operand(0)),
                             added ? channelsFirst(n, added) : Value());
  return n.result(channelsLast(n, y));
}

static LogicalResult importNhwcConv(Node &n) {
  Value x = n.operand(0), weight = n.operand(1), bias = n.optional(2);
  Value y = addChannels(n, convolution(n, channelsFirst(n, x), weight), bias);
  return n.result(channelsLast(n, y));
}

static LogicalResult importNhwcMaxPool(Node &n) {
  Value x = channelsFirst(n, n.operand(0));
  return n.result(channelsLast(n, maxPool(n, x)));
}

/// Pads that are computed cut the whole of the result.
static LogicalResult importDynamicPads(Node &n) {
  Value x = n.operand(0), weight = n.operand(1);
  Value pads = n.optional(2), bias = n.optional(3);
  Value y = addChannels(n, transposedConvolution(n, x, weight), bias);
  if (!pads || !n.checkRank(pads, 1, 1))
    return n.result(y);
  Node::Ints axes = llvm::to_vector(llvm::seq<int64_t>(2, n.rank(y)));
  int64_t dims = axes.size();
  if (n.dim(pads, 0) != 2 * dims && !n.failed())
    return n.error() << "has pads of type " << pads.getType() << ", expected "
                     << 2 * dims << " of them";
  Value ends =
      n.sub(n.dimsOf(y, 2, n.rank(y)), n.slice(pads, 0, dims, 2 * dims));
  return n.result(
      n.slice(y, n.slice(pads, 0, 0, dims), ends, axes, Node::Ints(dims, 1)));
}

void nacre::onnx::addContribMatmulRules(RuleTable &table) {
  auto add = [&](StringRef op, Rule rule) {
    table.add(kMicrosoft, op, 1, rule);
  };
  add("ConvTransposeWithDynamicPads", importDynamicPads);
  add("FusedConv", importFusedConv);
  add("FusedGemm", importFusedGemm);
  add("FusedMatMul", importFusedMatMul);
  add("FusedMatMulActivation", importFusedMatMulActivation);
  add("MatMulInteger16", importMatMulInteger16);
  add("NhwcConv", importNhwcConv);
  add("NhwcFusedConv", importNhwcFusedConv);
  add("NhwcMaxPool", importNhwcMaxPool);
  add("TransposeMatMul", importFusedMatMul);
}
