// Ops that ONNX had as experiments in its first opsets, and dropped since; ONNX
// Runtime goes on reading them.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;

static LogicalResult importAffine(Node &n) {
  double alpha = n.f("alpha", 1), beta = n.f("beta", 0);
  return n.result(n.add(n.mul(n.operand(0), alpha), beta));
}

static LogicalResult importScale(Node &n) {
  double scale = n.f("scale", 1);
  return n.result(n.mul(n.operand(0), scale));
}

static LogicalResult importScaledTanh(Node &n) {
  double alpha = n.f("alpha", 0.5), beta = n.f("beta", 1);
  Value x = n.mul(n.operand(0), beta);
  return n.result(n.mul(n.make<graph::TanhOp>({x}), alpha));
}

static LogicalResult importParametricSoftplus(Node &n) {
  double alpha = n.f("alpha", 1), beta = n.f("beta", 1);
  return n.result(n.mul(softplus(n, n.mul(n.operand(0), beta)), alpha));
}

static LogicalResult importImageScaler(Node &n) {
  Value x = n.operand(0);
  double scale = n.f("scale", 1);
  SmallVector<double> bias = n.floats("bias");
  if (!n.checkFloat(x) || !n.checkRank(x, 4, 4))
    return failure();
  return n.result(
      addChannels(n, n.mul(x, scale), n.numbers(n.element(x), bias)));
}

static LogicalResult importCrop(Node &n) {
  Value x = n.operand(0);
  Node::Ints border = n.ints("border"), size = n.ints("scale");
  if (!n.checkRank(x, 4, 4))
    return failure();
  if (border.size() != 4 || (!size.empty() && size.size() != 2))
    return n.error() << "has " << border.size() << " borders and a scale of "
                     << size.size() << ", expected 4 borders and 2 sizes";
  // Left, top, right, bottom.
  Value from = n.i64s({border[1], border[0]});
  Value to = size.empty()
                 ? n.sub(n.dimsOf(x, 2, 4), n.i64s({border[3], border[2]}))
                 : n.add(from, n.i64s(size));
  return n.result(n.slice(x, from, to, {2, 3}, {1, 1}));
}

void nacre::onnx::addExperimentalRules(RuleTable &table) {
  table.add("Affine", 1, importAffine);
  table.add("Crop", 1, importCrop);
  table.add("ImageScaler", 1, importImageScaler);
  table.add("ParametricSoftplus", 1, importParametricSoftplus);
  table.add("Scale", 1, importScale);
  table.add("ScaledTanh", 1, importScaledTanh);
}
