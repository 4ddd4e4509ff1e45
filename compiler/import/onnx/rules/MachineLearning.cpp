// ai.onnx.ml, as far as it is about numbers.
#include "compiler/import/onnx/rules/MachineLearning.h"
#include "compiler/import/onnx/Model.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;

static LogicalResult importArrayFeatureExtractor(Node &n) {
  Value x = n.operand(0), indices = n.operand(1);
  if (!n.checkRank(x, 1))
    return failure();
  Value picked = n.gather(x, n.collapse(indices, {0}), n.rank(x) - 1);
  return n.result(n.rank(x) == 1 ? n.unsqueeze(picked, {0}) : picked);
}

static LogicalResult importBinarizer(Node &n) {
  Value x = n.operand(0);
  Value above = n.compare(Predicate::gt, x, n.f("threshold", 0));
  return n.result(n.cast(above, n.element(x)));
}

static LogicalResult importScaler(Node &n) {
  Value x = n.operand(0);
  Type f32 = n.b.getF32Type();
  Value y = n.cast(x, f32);
  if (n.hasAttr("offset"))
    y = n.sub(y, n.numbers(f32, n.floats("offset")));
  if (n.hasAttr("scale"))
    y = n.mul(y, n.numbers(f32, n.floats("scale")));
  return n.result(y);
}

static LogicalResult importNormalizer(Node &n) {
  Value x = n.cast(n.operand(0), n.b.getF32Type());
  unsigned norm = n.choice("norm", "MAX", {"MAX", "L1", "L2"});
  if (!n.checkRank(x, 1, 2))
    return failure();
  Node::Ints axis{n.rank(x) - 1};
  Value by;
  if (norm == 0)
    by = n.reduce(ReduceKind::max, x, axis, true);
  else if (norm == 1)
    by = n.reduce(ReduceKind::sum, n.make<graph::AbsOp>({x}), axis, true);
  else
    by = n.sqrt(n.reduce(ReduceKind::sum, n.mul(x, x), axis, true));
  Value zero = n.compare(Predicate::eq, by, 0.0);
  return n.result(n.div(x, n.select(zero, n.scalarLike(by, 1), by)));
}

//===-- Linear models
//-------------------------------------------------------===//

PostTransform nacre::onnx::postTransform(Node &n) {
  return PostTransform(
      n.choice("post_transform", "NONE",
               {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO", "PROBIT"}));
}

/// exp of scores that are not 0, as shares of their sum; 0 stays 0. A row of
/// nothing else is 1/2 throughout.
static Value softmaxZero(Node &n, Value scores) {
  Value used = n.compare(Predicate::gt, n.make<graph::AbsOp>({scores}), 1e-7);
  Value most = n.reduce(ReduceKind::max, scores, {1}, true);
  Value powers = n.select(used, n.exp(n.sub(scores, most)),
                          n.mul(scores, n.exp(n.neg(most))));
  Value sum = n.reduce(ReduceKind::sum, powers, {1}, true);
  Value none = n.compare(Predicate::eq, sum, 0.0);
  return n.select(none, n.scalarLike(scores, 0.5), n.div(powers, sum));
}

/// The quantile of the normal distribution, by Winitzki's approximation of the
/// inverse of erf, which is what the reference of ONNX has.
static Value probit(Node &n, Value scores) {
  constexpr double a = 0.147;
  Value x = n.sub(n.mul(scores, 2), 1);
  Value rest = n.mul(n.sub(1, x), n.add(x, 1));
  Value log = n.log(rest);
  Value v = n.add(n.mul(log, 0.5), 2 / (M_PI * a));
  Value root = n.sqrt(n.sub(n.mul(v, v), n.div(log, a)));
  Value size = n.sqrt(n.sub(root, v));
  Value sign = n.select(n.compare(Predicate::lt, x, 0.0), n.scalarLike(x, -1),
                        n.scalarLike(x, 1));
  Value inverse = n.select(n.compare(Predicate::eq, rest, 0.0),
                           n.scalarLike(x, 0), n.mul(sign, size));
  return n.mul(inverse, 1.41421356);
}

Value nacre::onnx::transformScores(Node &n, Value scores, PostTransform by) {
  switch (by) {
  case PostTransform::None:
    return scores;
  case PostTransform::Softmax:
    return n.softmax(scores, 1);
  case PostTransform::Logistic:
    return n.make<graph::SigmoidOp>({scores});
  case PostTransform::SoftmaxZero:
    return softmaxZero(n, scores);
  case PostTransform::Probit:
    return probit(n, scores);
  }
  return {};
}

Value nacre::onnx::splitScore(Node &n, Value score, PostTransform by,
                              bool isShare) {
  if (by == PostTransform::Probit)
    return probit(n, score);
  if (isShare)
    return n.concat({n.sub(1, score), score}, 1);
  return transformScores(n, n.concat({n.neg(score), score}, 1), by);
}

Value nacre::onnx::argMax(Node &n, Value scores) {
  return n.make<graph::ArgReduceOp>(
      {scores}, {n.b.attr("axis", int64_t(1)), n.b.flag("largest", true),
                 n.b.flag("select_last", false), n.b.flag("keep_dims", false)});
}

Value nacre::onnx::asClass(Node &n, Value positive) {
  return n.cast(positive, n.b.getI64Type());
}

ClassLabels::ClassLabels(Node &n, StringRef ints)
    : labels(n.ints(ints)), words(n.strings("classlabels_strings")) {}

Value ClassLabels::name(Node &n, Value numbers) const {
  return n.gather(words.empty() ? n.i64s(labels) : n.strings1d(words), numbers,
                  0);
}

SmallVector<double> nacre::onnx::numberList(Node &n, const Twine &name) {
  std::string list = name.str(), tensor = list + "_as_tensor";
  if (!n.hasAttr(tensor))
    return n.floats(list);
  n.ignore({list});
  Value constant = n.constant(n.tensor(tensor));
  return n.knownNumbers(constant).value_or(SmallVector<double>());
}

Value nacre::onnx::featureRows(Node &n, Value x) {
  if (!n.checkRank(x, 1, 2))
    return {};
  Type type = n.element(x).isF64() ? n.element(x) : n.b.getF32Type();
  return n.cast(n.rank(x) == 1 ? n.unsqueeze(x, {0}) : x, type);
}

bool nacre::onnx::checkFeatures(Node &n, Value x, int64_t needed) {
  int64_t given = x ? n.dim(x, 1) : ShapedType::kDynamic;
  if (!n.failed() && !ShapedType::isDynamic(given) && given < needed)
    n.error() << "has an input of " << given << " features, expected at least "
              << needed;
  return !n.failed();
}

/// x * coefficients^T + intercepts for `targets` rows of coefficients.
static Value linearScores(Node &n, Value x, int64_t targets) {
  Type f32 = n.b.getF32Type();
  SmallVector<double> coefficients = n.floats("coefficients");
  SmallVector<double> intercepts = n.floats("intercepts");
  if (n.rank(x) == 1)
    x = n.unsqueeze(x, {0});
  if (!n.checkRank(x, 2, 2))
    return {};
  if (targets < 1 || coefficients.empty() ||
      coefficients.size() % targets != 0) {
    n.error() << "has " << coefficients.size() << " coefficients for "
              << targets << " targets";
    return {};
  }
  Value weights = n.reshape(n.numbers(f32, coefficients),
                            {targets, int64_t(coefficients.size()) / targets});
  Value scores = n.matmul(n.cast(x, f32), n.transpose(weights, {1, 0}));
  return intercepts.empty() ? scores
                            : n.add(scores, n.numbers(f32, intercepts));
}

static LogicalResult importLinearRegressor(Node &n) {
  Value scores = linearScores(n, n.operand(0), n.i("targets", 1));
  return n.result(transformScores(n, scores, postTransform(n)));
}

static LogicalResult importLinearClassifier(Node &n) {
  n.ignore({"multi_class"});
  ClassLabels labels(n, "classlabels_ints");
  PostTransform transform = postTransform(n);
  size_t rows = std::max<size_t>(1, n.floats("intercepts").size());
  Value scores = linearScores(n, n.operand(0), rows);
  if (n.failed())
    return failure();
  if (rows == 1 && labels.size() == 2) {
    // One score decides between two classes.
    Value winner =
        asClass(n, n.compare(Predicate::gt, n.squeeze(scores, {1}), 0.0));
    // The other class gets what is missing to 1.
    if (transform == PostTransform::Logistic ||
        transform == PostTransform::Probit)
      scores = transformScores(n, scores, transform);
    Value other = n.sub(1, scores);
    return n.results({labels.name(n, winner), n.concat({other, scores}, 1)});
  }
  if (labels.size() != rows)
    return n.error() << "has " << labels.size() << " class labels for " << rows
                     << " scores";
  return n.results({labels.name(n, argMax(n, scores)),
                    transformScores(n, scores, transform)});
}

//===-- Features
//------------------------------------------------------------===//

static LogicalResult importImputer(Node &n) {
  Value x = n.operand(0);
  bool real = n.isFloat(x);
  double replaced = real ? n.f("replaced_value_float", 0)
                         : double(n.i("replaced_value_int64", 0));
  n.ignore({"replaced_value_float", "replaced_value_int64"});
  Value by = real ? n.numbers(n.element(x), n.floats("imputed_value_floats"))
                  : n.i64s(n.ints("imputed_value_int64s"));
  if (n.failed() || n.dim(by, 0) == 0)
    return n.failed() ? failure() : n.error() << "has no imputed value";
  Value missing = std::isnan(replaced) ? n.make<graph::IsNanOp>({x})
                                       : n.compare(Predicate::eq, x, replaced);
  return n.result(n.select(missing, by, x));
}

/// `x` [N, C] with `size` columns: those behind go, or are 0.
static Value fitColumns(Node &n, Value x, int64_t size) {
  if (n.dim(x, 1) == size)
    return x;
  Value missing = n.sub(n.i64s({size}), n.dimOf(x, 1));
  return n.pad(x, n.concat({n.i64s({0, 0, 0}), missing}, 0),
               n.scalarLike(x, 0));
}

static LogicalResult importFeatureVectorizer(Node &n) {
  Node::Ints sizes = n.ints("inputdimensions");
  Node::Values parts;
  for (Value part : n.operands()) {
    if (!n.checkRank(part, 1, 2))
      return failure();
    part = n.cast(part, n.b.getF32Type());
    part = n.rank(part) == 1 ? n.unsqueeze(part, {0}) : part;
    if (parts.size() < sizes.size()) {
      if (sizes[parts.size()] < 0)
        return n.error() << "has inputdimensions " << sizes[parts.size()]
                         << ", expected at least 0";
      part = fitColumns(n, part, sizes[parts.size()]);
    }
    parts.push_back(part);
  }
  if (parts.empty())
    return n.error() << "has no inputs, expected at least 1";
  return n.result(n.concat(parts, 1));
}

void nacre::onnx::addMachineLearningRules(RuleTable &table) {
  table.add(kMl, "ArrayFeatureExtractor", 1, importArrayFeatureExtractor);
  table.add(kMl, "Binarizer", 1, importBinarizer);
  table.add(kMl, "FeatureVectorizer", 1, importFeatureVectorizer);
  table.add(kMl, "Imputer", 1, importImputer);
  table.add(kMl, "LinearClassifier", 1, importLinearClassifier);
  table.add(kMl, "LinearRegressor", 1, importLinearRegressor);
  table.add(kMl, "Normalizer", 1, importNormalizer);
  table.add(kMl, "Scaler", 1, importScaler);
}
