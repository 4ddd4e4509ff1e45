// ai.onnx.ml, as far as it is about numbers.
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

static Value postTransform(Node &n, Value scores) {
  switch (n.choice("post_transform", "NONE",
                   {"NONE", "SOFTMAX", "LOGISTIC", "SOFTMAX_ZERO"})) {
  case 1:
    return n.softmax(scores, 1);
  case 2:
    return n.make<graph::SigmoidOp>({scores});
  case 3: {
    // Scores of 0 stay 0 and take no share.
    Value used = n.compare(Predicate::ne, scores, 0.0);
    Value most = n.reduce(ReduceKind::max, scores, {1}, true);
    Value powers =
        n.select(used, n.exp(n.sub(scores, most)), n.scalarLike(scores, 0));
    return n.div(powers, n.reduce(ReduceKind::sum, powers, {1}, true));
  }
  default:
    return scores;
  }
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
  return n.result(postTransform(n, scores));
}

static LogicalResult importLinearClassifier(Node &n) {
  n.ignore({"multi_class"});
  Node::Ints labels = n.ints("classlabels_ints");
  if (n.hasAttr("classlabels_strings"))
    return n.error()
           << "has class labels that are strings, which is not supported";
  size_t classes = labels.size();
  size_t rows = std::max<size_t>(1, n.floats("intercepts").size());
  Value scores = linearScores(n, n.operand(0), rows);
  if (n.failed())
    return failure();
  Value winner;
  if (rows == 1 && classes == 2) {
    // One score decides between two classes.
    bool logistic = n.s("post_transform", "NONE") == "LOGISTIC";
    winner = n.cast(n.compare(Predicate::gt, n.squeeze(scores, {1}), 0.0),
                    n.b.getI64Type());
    Value one = postTransform(n, scores);
    Value other = logistic ? n.sub(1, one) : n.neg(one);
    scores = n.concat({other, one}, 1);
  } else {
    if (classes != rows)
      return n.error() << "has " << classes << " class labels for " << rows
                       << " scores";
    winner = n.make<graph::ArgReduceOp>(
        {scores},
        {n.b.attr("axis", int64_t(1)), n.b.flag("largest", true),
         n.b.flag("select_last", false), n.b.flag("keep_dims", false)});
    scores = postTransform(n, scores);
  }
  return n.results({n.gather(n.i64s(labels), winner, 0), scores});
}

//===-- Tables
//--------------------------------------------------------------===//

/// A 1-D constant in one of three attributes; null if in none.
static Value listOf(Node &n, const Twine &prefix) {
  std::string tensor = (prefix + "_tensor").str();
  std::string ints = (prefix + "_int64s").str();
  std::string floats = (prefix + "_floats").str();
  if (n.hasAttr(tensor))
    return n.constant(n.tensor(tensor));
  if (n.hasAttr(ints))
    return n.i64s(n.ints(ints));
  if (n.hasAttr(floats))
    return n.numbers(n.b.getF32Type(), n.floats(floats));
  return {};
}

/// The value of the last key that an element equals.
static LogicalResult importLabelEncoder(Node &n) {
  Value x = n.operand(0), keys = listOf(n, "keys"),
        values = listOf(n, "values");
  ElementsAttr given = n.tensor("default_tensor");
  int64_t integer = n.i("default_int64", -1);
  double real = n.f("default_float", -0.0);
  n.ignore({"default_string"});
  if (n.failed())
    return failure();
  if (!keys || !values)
    return n.error()
           << "has keys or values that are strings, which is not supported";
  Value other = given
                    ? n.toScalar(n.constant(given))
                    : n.scalarLike(values, n.isFloat(values) ? real : integer);
  keys = n.cast(keys, n.element(x));
  Value column = n.unsqueeze(x, {n.rank(x)});
  Value equal = n.compare(Predicate::eq, column, keys);
  if (n.isFloat(x)) {
    Value nans = n.make<graph::AndOp>(
        {n.make<graph::IsNanOp>({column}), n.make<graph::IsNanOp>({keys})});
    equal = n.make<graph::OrOp>({equal, nans});
  }
  int64_t last = n.rank(x);
  Value found = n.reduce(ReduceKind::any, equal, {last}, false);
  Value index = n.make<graph::ArgReduceOp>(
      {n.cast(equal, n.b.getI32Type())},
      {n.b.attr("axis", last), n.b.flag("largest", true),
       n.b.flag("select_last", true), n.b.flag("keep_dims", false)});
  return n.result(n.select(found, n.gather(values, index, 0), other));
}

static LogicalResult importOneHotEncoder(Node &n) {
  Value x = n.operand(0);
  n.ignore({"zeros"});
  Node::Ints categories = n.ints("cats_int64s");
  if (categories.empty())
    return n.error()
           << "has categories that are strings, which is not supported";
  Value whole = n.cast(x, n.b.getI64Type());
  Value equal = n.compare(Predicate::eq, n.unsqueeze(whole, {n.rank(x)}),
                          n.i64s(categories));
  return n.result(n.cast(equal, n.b.getF32Type()));
}

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

static LogicalResult importFeatureVectorizer(Node &n) {
  n.ignore({"inputdimensions"});
  Node::Values parts;
  for (Value part : n.operands()) {
    part = n.cast(part, n.b.getF32Type());
    parts.push_back(n.rank(part) == 1 ? n.unsqueeze(part, {0}) : part);
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
  table.add(kMl, "LabelEncoder", 1, importLabelEncoder);
  table.add(kMl, "LinearClassifier", 1, importLinearClassifier);
  table.add(kMl, "LinearRegressor", 1, importLinearRegressor);
  table.add(kMl, "Normalizer", 1, importNormalizer);
  table.add(kMl, "OneHotEncoder", 1, importOneHotEncoder);
  table.add(kMl, "Scaler", 1, importScaler);
}
