#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/Types.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::ReduceKind;

Type nacre::onnx::computeType(Node &n, Value x) {
  Type type = n.element(x);
  return type && type.isF64() ? type : Type(n.b.getF32Type());
}

Value nacre::onnx::standardize(Node &n, Value x, ArrayRef<int64_t> axes,
                               double epsilon, Value *mean, Value *inverse) {
  x = n.cast(x, computeType(n, x));
  Value average = n.mean(x, axes, true);
  Value centred = n.sub(x, average);
  Value variance = n.mean(n.mul(centred, centred), axes, true);
  Value scale = n.make<graph::RsqrtOp>({n.add(variance, epsilon)});
  if (mean)
    *mean = average;
  if (inverse)
    *inverse = scale;
  return n.mul(centred, scale);
}

/// A per-channel vector, in the type in which is computed.
static Value channels(Node &n, Value vector, Value x, Type type) {
  if (!n.checkRank(vector, 1, 1))
    return {};
  int64_t expected = n.dim(x, 1), found = n.dim(vector, 0);
  if (!ShapedType::isDynamic(expected) && !ShapedType::isDynamic(found) &&
      expected != found) {
    n.error() << "has a vector of " << found << " for " << expected
              << " channels";
    return {};
  }
  return n.alongAxis(n.cast(vector, type), 1, n.rank(x));
}

/// All axes but the one of channels.
static Node::Ints otherAxes(Node &n, Value x) {
  Node::Ints axes;
  for (int64_t k = 0; k < n.rank(x); ++k)
    if (k != 1)
      axes.push_back(k);
  return axes;
}

//===-- BatchNormalization
//--------------------------------------------------===//

/// Training: statistics of this batch, and the running ones moved toward them.
static LogicalResult batchNormTraining(Node &n, Value x, double epsilon,
                                       double momentum) {
  Type type = computeType(n, x);
  Value scale = channels(n, n.operand(1), x, type);
  Value bias = channels(n, n.operand(2), x, type);
  Value mean, runningMean = n.operand(3), runningVariance = n.operand(4);
  Node::Ints axes = otherAxes(n, x);
  Value wide = n.cast(x, type);
  Value standard = standardize(n, x, axes, epsilon, &mean);
  Value y = n.add(n.mul(standard, scale), bias);
  Value centred = n.sub(wide, mean);
  Value variance = n.mean(n.mul(centred, centred), axes, false);
  auto move = [&](Value running, Value now) {
    Value old = n.mul(n.cast(running, type), momentum);
    return n.cast(n.add(old, n.mul(now, 1 - momentum)), n.element(running));
  };
  return n.results({n.cast(y, n.element(x)),
                    move(runningMean, n.squeeze(mean, axes)),
                    move(runningVariance, variance)});
}

static LogicalResult importBatchNormalization(Node &n) {
  n.ignore({"consumed_inputs", "is_test", "spatial"});
  Value x = n.operand(0);
  double epsilon = n.f("epsilon", 1e-5), momentum = n.f("momentum", 0.9);
  bool training = n.opset() >= 14 && n.flag("training_mode", false);
  if (!n.checkRank(x, 2))
    return failure();
  if (training)
    return batchNormTraining(n, x, epsilon, momentum);
  // One factor and one offset per channel: constants, mostly.
  Type type = computeType(n, x);
  Value scale = n.cast(n.operand(1), type), bias = n.cast(n.operand(2), type);
  Value mean = n.cast(n.operand(3), type),
        variance = n.cast(n.operand(4), type);
  Value factor =
      n.mul(scale, n.make<graph::RsqrtOp>({n.add(variance, epsilon)}));
  Value offset = n.sub(bias, n.mul(mean, factor));
  Value y = n.add(n.mul(n.cast(x, type), channels(n, factor, x, type)),
                  channels(n, offset, x, type));
  if (n.wants(1))
    return n.error() << "has the outputs of training, which is not supported "
                        "in this opset";
  return n.result(n.cast(y, n.element(x)));
}

//===-- Others
//--------------------------------------------------------------===//

static LogicalResult importInstanceNormalization(Node &n) {
  n.ignore({"consumed_inputs"});
  Value x = n.operand(0);
  double epsilon = n.f("epsilon", 1e-5);
  if (!n.checkRank(x, 3) || !n.checkSameType({x, n.operand(1), n.operand(2)}))
    return failure();
  Node::Ints axes = llvm::to_vector(llvm::seq<int64_t>(2, n.rank(x)));
  Value y = standardize(n, x, axes, epsilon);
  Type type = computeType(n, x);
  y = n.add(n.mul(y, channels(n, n.operand(1), x, type)),
            channels(n, n.operand(2), x, type));
  return n.result(n.cast(y, n.element(x)));
}

static LogicalResult importLayerNormalization(Node &n) {
  Value x = n.operand(0), scale = n.operand(1), bias = n.optional(2);
  int64_t axis = n.axis("axis", -1, x);
  double epsilon = n.f("epsilon", 1e-5);
  Type stash = n.typeAttr("stash_type", Float);
  // ONNX Runtime's own op, as this was before opset 17, takes any attribute.
  if (n.opset() < 17)
    n.allowUnknownAttributes();
  if (!n.checkFloat(x) || !n.checkFloat(scale) || (bias && !n.checkFloat(bias)))
    return failure();
  Type type = computeType(n, x);
  Node::Ints axes = llvm::to_vector(llvm::seq<int64_t>(axis, n.rank(x)));
  Value mean, inverse;
  Value y = standardize(n, x, axes, epsilon, &mean, &inverse);
  y = n.mul(y, n.cast(scale, type));
  if (bias)
    y = n.add(y, n.cast(bias, type));
  // The statistics leave in the type that they are to be kept in.
  return n.results({n.cast(y, n.element(scale)), n.cast(mean, stash),
                    n.cast(inverse, stash)});
}

static LogicalResult importRmsNormalization(Node &n) {
  Value x = n.operand(0), scale = n.operand(1);
  int64_t axis = n.axis("axis", -1, x);
  double epsilon = n.f("epsilon", 1e-5);
  n.ignore({"stash_type"});
  if (!n.checkFloat(x) || !n.checkFloat(scale))
    return failure();
  Type type = computeType(n, x);
  Node::Ints axes = llvm::to_vector(llvm::seq<int64_t>(axis, n.rank(x)));
  Value wide = n.cast(x, type);
  Value square = n.mean(n.mul(wide, wide), axes, true);
  Value inverse = n.make<graph::RsqrtOp>({n.add(square, epsilon)});
  // The scale is applied in the output's type.
  Value normal = n.cast(n.mul(wide, inverse), n.element(scale));
  return n.results({n.mul(normal, scale), inverse});
}

static LogicalResult importGroupNormalization(Node &n) {
  Value x = n.operand(0), scale = n.operand(1), bias = n.operand(2);
  int64_t groups = n.i("num_groups");
  double epsilon = n.f("epsilon", 1e-5);
  n.ignore({"stash_type"});
  if (!n.checkRank(x, 2))
    return failure();
  int64_t count = n.dim(x, 1);
  if (groups < 1 || (!ShapedType::isDynamic(count) && count % groups != 0))
    return n.error() << "has " << groups << " groups for " << count
                     << " channels";
  // [N, G, C / G, spatial...], normalized over all but the first two.
  Value depth = n.div(n.dimOf(x, 1), double(groups));
  Value shape = n.concat(
      {n.dimOf(x, 0), n.i64s({groups}), depth, n.dimsOf(x, 2, n.rank(x))}, 0);
  Value grouped = n.reshape(x, shape);
  Node::Ints axes = llvm::to_vector(llvm::seq<int64_t>(2, n.rank(grouped)));
  Value y = standardize(n, grouped, axes, epsilon);
  Type type = computeType(n, x);
  // Before opset 21 there was one factor per group.
  bool perGroup = n.opset() < 21;
  if (perGroup)
    y = n.add(n.mul(y, n.alongAxis(n.cast(scale, type), 1, n.rank(y))),
              n.alongAxis(n.cast(bias, type), 1, n.rank(y)));
  y = n.reshape(y, n.shapeOf(x));
  if (!perGroup)
    y = n.add(n.mul(y, channels(n, scale, x, type)),
              channels(n, bias, x, type));
  return n.result(n.cast(y, n.element(x)));
}

static LogicalResult importLpNormalization(Node &n) {
  Value x = n.operand(0);
  int64_t axis = n.axis("axis", -1, x), p = n.i("p", 2);
  if (n.failed())
    return failure();
  if (p != 1 && p != 2)
    return n.error() << "has p " << p << ", expected 1 or 2";
  Value powers = p == 1 ? n.make<graph::AbsOp>({x}) : n.mul(x, x);
  Value norm = n.reduce(ReduceKind::sum, powers, {axis}, true);
  if (p == 2)
    norm = n.sqrt(norm);
  // All zeros stay zeros.
  Value zero = n.compare(graph::Predicate::eq, norm, 0.0);
  Value safe = n.select(zero, n.scalarLike(x, 1), norm);
  return n.result(n.div(x, safe));
}

static LogicalResult importMeanVarianceNormalization(Node &n) {
  Value x = n.operand(0);
  Node::Ints axes = n.normalize(n.ints("axes", {0, 2, 3}), n.rank(x));
  llvm::sort(axes);
  if (n.failed())
    return failure();
  Value wide = n.cast(x, computeType(n, x));
  Value centred = n.sub(wide, n.mean(wide, axes, true));
  Value deviation = n.sqrt(n.mean(n.mul(centred, centred), axes, true));
  return n.result(n.cast(n.div(centred, n.add(deviation, 1e-9)), n.element(x)));
}

/// Squares are summed over a window of channels: an average pool along them.
static LogicalResult importLrn(Node &n) {
  Value x = n.operand(0);
  double alpha = n.f("alpha", 1e-4), beta = n.f("beta", 0.75);
  double bias = n.f("bias", 1);
  int64_t size = n.i("size");
  if (!n.checkRank(x, 3))
    return failure();
  if (size < 1)
    return n.error() << "has size " << size << ", expected at least 1";
  int64_t before = (size - 1) / 2, after = size - 1 - before;
  // [N, 1, C, spatial as one]: the window lies over C.
  Value square = n.mul(x, x);
  Value rows = n.unsqueeze(n.collapse(square, {0, 1, 2}), {1});
  Value sum = n.make<graph::PoolOp>(
      {rows},
      {n.b.attr("kind", graph::PoolKindAttr::get(n.b.getContext(),
                                                 graph::PoolKind::sum)),
       n.b.attr("window", {size, 1}), n.b.attr("strides", {1, 1}),
       n.b.attr("dilations", {1, 1}), n.b.attr("pads", {before, 0, after, 0}),
       n.b.flag("ceil_mode", false)});
  sum = n.reshape(sum, n.shapeOf(x));
  Value base = n.add(n.mul(sum, alpha / double(size)), bias);
  return n.result(
      n.div(x, n.make<graph::PowOp>({base, n.scalarLike(base, beta)})));
}

void nacre::onnx::addNormalizationRules(RuleTable &table) {
  table.add("BatchNormalization", 1, importBatchNormalization);
  table.add("GroupNormalization", 18, importGroupNormalization);
  table.add("InstanceNormalization", 1, importInstanceNormalization);
  table.add("LRN", 1, importLrn);
  // Exporters for ONNX Runtime wrote this op and SimplifiedLayerNormalization
  // into ONNX's domain before ONNX had them.
  table.add("LayerNormalization", 1, importLayerNormalization);
  table.add("LpNormalization", 1, importLpNormalization);
  table.add("MeanVarianceNormalization", 9, importMeanVarianceNormalization);
  table.add("RMSNormalization", 23, importRmsNormalization);
  table.add("SimplifiedLayerNormalization", 1, importRmsNormalization);
}
