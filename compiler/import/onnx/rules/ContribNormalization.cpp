// Normalizations of com.microsoft: of sums, of embeddings, of groups.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Contrib.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;

LastNorm nacre::onnx::normalizeLast(Node &n, Value x, Value scale, Value bias,
                                    double epsilon, bool simplified) {
  if (!n.checkFloat(x) || !n.checkRank(x, 1))
    return {};
  LastNorm norm;
  Node::Ints axes{n.rank(x) - 1};
  Type type = computeType(n, x);
  if (simplified) {
    Value wide = n.cast(x, type);
    Value square = n.mean(n.mul(wide, wide), axes, true);
    norm.inverse = n.make<graph::RsqrtOp>({n.add(square, epsilon)});
    norm.y = n.mul(wide, norm.inverse);
  } else {
    norm.y = standardize(n, x, axes, epsilon, &norm.mean, &norm.inverse);
  }
  if (scale)
    norm.y = n.mul(norm.y, n.cast(scale, type));
  if (bias)
    norm.y = n.add(norm.y, n.cast(bias, type));
  norm.y = n.cast(norm.y, n.element(x));
  return norm;
}

//===-- Of sums
//-------------------------------------------------------------===//

static LogicalResult skipLayerNorm(Node &n, bool simplified) {
  Value x = n.operand(0), skip = n.operand(1), scale = n.operand(2);
  Value shift = simplified ? Value() : n.optional(3);
  Value bias = n.optional(simplified ? 3 : 4);
  double epsilon = n.f("epsilon", 1e-12);
  if (!n.checkFloat(x) || !n.checkRank(x, 2, 3) ||
      !n.checkSameType({x, skip, scale, shift, bias}))
    return failure();
  // A sum of halves is rounded once, at the end.
  Type type = computeType(n, x);
  Value sum = n.add(n.cast(x, type), n.cast(skip, type));
  if (bias)
    sum = n.add(sum, n.cast(bias, type));
  if (!n.failed() && n.type(x).hasStaticShape() &&
      n.type(sum).getShape() != n.type(x).getShape())
    return n.error() << "has a skip of type " << skip.getType()
                     << " for an input of type " << x.getType();
  LastNorm norm = normalizeLast(n, sum, scale, shift, epsilon, simplified);
  // Without a mean there is none to give: zeros.
  Value mean = norm.mean;
  if (simplified && n.wants(1))
    mean = n.mul(norm.inverse, 0.0);
  return n.results({n.cast(norm.y, n.element(x)), mean, norm.inverse,
                    n.cast(sum, n.element(x))});
}

static LogicalResult importSkipLayerNormalization(Node &n) {
  return skipLayerNorm(n, /*simplified=*/false);
}

static LogicalResult importSkipSimplified(Node &n) {
  return skipLayerNorm(n, /*simplified=*/true);
}

//===-- Of embeddings
//-------------------------------------------------------===//

namespace {

/// Tables of embeddings, and what normalizes the sum of their rows.
struct Embedding {
  Value words, positions, segments; ///< tables; segments may be null
  Value scale, shift;
  Value ids, segmentIds, positionIds, mask; ///< the last three may be null
};

} // namespace

static LogicalResult embed(Node &n, const Embedding &in) {
  double epsilon = n.f("epsilon", 1e-12);
  n.ignore({"mask_index_type"});
  if (!n.checkRank(in.ids, 2, 2) || !n.checkRank(in.words, 2, 2) ||
      !n.checkRank(in.positions, 2, 2))
    return failure();
  if (in.segments && !in.segmentIds)
    return n.error() << "has a table of segments, but no segment ids";
  Value sum = n.gather(in.words, in.ids, 0);
  Value rows = in.positionIds ? n.gather(in.positions, in.positionIds, 0)
                              : n.slice(in.positions, n.i64s({0}),
                                        n.dimOf(in.ids, 1), {0}, {1});
  sum = n.add(sum, rows);
  if (in.segments)
    sum = n.add(sum, n.gather(in.segments, in.segmentIds, 0));
  LastNorm norm = normalizeLast(n, sum, in.scale, in.shift, epsilon, false);
  // How many words there are of each sample.
  Value count;
  if (in.mask) {
    Value one = n.compare(Predicate::eq, in.mask, 1.0);
    Type i32 = n.b.getI32Type();
    count = n.reduce(ReduceKind::sum, n.cast(one, i32), {1}, false);
  } else if (n.wants(1)) {
    count = n.broadcast(n.scalar(n.b.getI32Type(), 0), n.dimOf(in.ids, 0));
  }
  return n.results({norm.y, count, sum});
}

static LogicalResult importEmbedLayerNormalization(Node &n) {
  Embedding in;
  in.ids = n.operand(0), in.segmentIds = n.optional(1);
  in.words = n.operand(2), in.positions = n.operand(3);
  in.segments = n.optional(4);
  in.scale = n.operand(5), in.shift = n.operand(6);
  in.mask = n.optional(7), in.positionIds = n.optional(8);
  return embed(n, in);
}

static LogicalResult importQEmbedLayerNormalization(Node &n) {
  // Tables stand at 2 to 6, their scales from 8, their zero points from 13.
  auto table = [&](unsigned k) -> Value {
    Value bytes = n.optional(2 + k);
    if (!bytes)
      return {};
    return dequantize(n, bytes, n.toScalar(n.operand(8 + k)),
                      n.toScalar(n.operand(13 + k)));
  };
  Embedding in;
  in.ids = n.operand(0), in.segmentIds = n.optional(1), in.mask = n.optional(7);
  in.words = table(0), in.positions = table(1), in.segments = table(2);
  in.scale = table(3), in.shift = table(4);
  if (!n.failed() && (!in.words || !in.positions || !in.scale || !in.shift))
    return n.error() << "lacks one of inputs 2, 3, 5 and 6, which are required";
  return embed(n, in);
}

//===-- Of groups
//-----------------------------------------------------------===//

/// Normalizes groups of the last dim of `x`, which is f32.
static Value groupNorm(Node &n, Value x, Value scale, Value shift) {
  int64_t groups = n.i("groups"), channels = n.dim(x, n.rank(x) - 1);
  int64_t activation = n.i("activation");
  double epsilon = n.f("epsilon", 1e-5);
  if (n.failed() || !n.checkRank(x, 3))
    return {};
  if (groups < 1 ||
      (!ShapedType::isDynamic(channels) && channels % groups != 0)) {
    n.error() << "has " << groups << " groups for " << channels << " channels";
    return {};
  }
  if (activation != 0 && activation != 1) {
    n.error() << "has activation " << activation << ", expected 0 or 1";
    return {};
  }
  int64_t last = n.rank(x) - 1;
  Value size = n.div(n.dimOf(x, last), double(groups));
  Value split =
      n.reshape(x, n.concat({n.dimsOf(x, 0, last), n.i64s({groups}), size}, 0));
  Node::Ints axes = llvm::to_vector(llvm::seq<int64_t>(1, last));
  axes.push_back(last + 1);
  Value y = n.reshape(standardize(n, split, axes, epsilon), n.shapeOf(x));
  y = n.add(n.mul(y, n.cast(scale, n.element(x))), n.cast(shift, n.element(x)));
  return activation == 1 ? silu(n, y) : y;
}

static LogicalResult importGroupNorm(Node &n) {
  Value x = n.operand(0), scale = n.operand(1), shift = n.operand(2);
  bool last = n.flag("channels_last", true);
  if (!n.checkFloat(x))
    return failure();
  Value rows = last ? x : channelsLast(n, x);
  Value y = groupNorm(n, n.cast(rows, computeType(n, x)), scale, shift);
  y = n.cast(y, n.element(x));
  return n.result(last ? y : channelsFirst(n, y));
}

static LogicalResult importSkipGroupNorm(Node &n) {
  Value x = n.operand(0), scale = n.operand(1), shift = n.operand(2);
  Value skip = n.operand(3), bias = n.optional(4);
  bool last = n.flag("channels_last", true);
  if (!n.checkFloat(x) || !n.checkRank(x, 4, 4))
    return failure();
  Type type = computeType(n, x);
  Value sum = n.cast(last ? x : channelsLast(n, x), type);
  skip = n.rank(skip) == 2 ? n.unsqueeze(skip, {1, 2})
         : last            ? skip
                           : channelsLast(n, skip);
  sum = n.add(sum, n.cast(skip, type));
  if (bias)
    sum = n.add(sum, n.cast(bias, type));
  Value y = n.cast(groupNorm(n, sum, scale, shift), n.element(x));
  sum = n.cast(sum, n.element(x));
  return last ? n.results({y, sum})
              : n.results({channelsFirst(n, y), channelsFirst(n, sum)});
}

//===-- Of roots of mean squares
//--------------------------------------------===//

/// The last dim in runs of `size`.
static Value inRuns(Node &n, Value x, Value size) {
  int64_t last = n.rank(x) - 1;
  Value runs = n.div(n.dimOf(x, last), size);
  return n.reshape(x, n.concat({n.dimsOf(x, 0, last), runs, size}, 0));
}

static LogicalResult importGatedRmsNorm(Node &n) {
  Value x = n.operand(0), scale = n.operand(1), gate = n.operand(2);
  double epsilon = n.f("epsilon", 1e-5);
  unsigned kind = n.choice("activation", "silu", {"silu", "swish", "sigmoid"});
  if (!n.checkFloat(x) || !n.checkRank(x, 1) || !n.checkRank(scale, 1, 1))
    return failure();
  Type type = computeType(n, x);
  Value runs = inRuns(n, n.cast(x, type), n.dimOf(scale, 0));
  Value y = normalizeLast(n, runs, scale, {}, epsilon, true).y;
  Value wide = n.cast(gate, type);
  Value open = kind == 2 ? n.make<graph::SigmoidOp>({wide}) : silu(n, wide);
  y = n.mul(n.reshape(y, n.shapeOf(x)), open);
  return n.result(n.cast(y, n.element(x)));
}

static LogicalResult importBranchwiseRmsNorm(Node &n) {
  Value x = n.operand(0), scale = n.optional(1);
  double epsilon = n.f("epsilon", 1e-5);
  int64_t branches = n.i("num_branches", 0);
  if (!n.checkFloat(x) || !n.checkRank(x, branches > 0 ? 1 : 2))
    return failure();
  Type type = computeType(n, x);
  Value grouped = n.cast(x, type);
  if (branches > 0) {
    Value width = n.div(n.dimOf(x, n.rank(x) - 1), double(branches));
    grouped = inRuns(n, grouped, width);
  }
  if (scale && n.rank(scale) == 1 &&
      n.dim(scale, 0) != n.dim(grouped, n.rank(grouped) - 1))
    scale = inRuns(n, scale, n.dimOf(grouped, n.rank(grouped) - 1));
  Value y = normalizeLast(n, grouped, scale, {}, epsilon, true).y;
  return n.result(n.cast(n.reshape(y, n.shapeOf(x)), n.element(x)));
}

void nacre::onnx::addContribNormalizationRules(RuleTable &table) {
  auto add = [&](StringRef op, Rule rule) {
    table.add(kMicrosoft, op, 1, rule);
  };
  add("BranchwiseRMSNorm", importBranchwiseRmsNorm);
  add("EmbedLayerNormalization", importEmbedLayerNormalization);
  add("GatedRMSNorm", importGatedRmsNorm);
  add("GroupNorm", importGroupNorm);
  add("QEmbedLayerNormalization", importQEmbedLayerNormalization);
  add("SkipGroupNorm", importSkipGroupNorm);
  add("SkipLayerNormalization", importSkipLayerNormalization);
  add("SkipSimplifiedLayerNormalization", importSkipSimplified);
}
