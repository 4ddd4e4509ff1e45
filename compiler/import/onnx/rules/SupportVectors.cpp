// Support vector machines. Which vectors and coefficients decide between which
// classes is known now, so that all decisions are one matrix product.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"
#include "compiler/import/onnx/rules/MachineLearning.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;
using Values = Node::Values;

/// `values` as a matrix of `rows` rows; reports if they do not fill one.
static Value matrix(Node &n, Type type, ArrayRef<double> values, int64_t rows) {
  if (rows < 1 || values.empty() || values.size() % rows != 0) {
    n.error() << "has " << values.size() << " values for " << rows << " rows";
    return {};
  }
  return n.reshape(n.numbers(type, values),
                   {rows, int64_t(values.size()) / rows});
}

/// How similar rows `x` [N, F] are to `vectors` [S, F], by the kernel that the
/// attributes name: [N, S].
static Value similarity(Node &n, Value x, Value vectors) {
  unsigned kernel =
      n.choice("kernel_type", "LINEAR", {"LINEAR", "POLY", "RBF", "SIGMOID"});
  SmallVector<double> params = n.floats("kernel_params");
  if (!params.empty() && params.size() != 3) {
    n.error() << "has " << params.size() << " kernel_params, expected 3";
    return {};
  }
  params.resize(3, 0);
  if (!checkFeatures(n, x, vectors ? n.dim(vectors, 1) : 0))
    return {};
  if (kernel == 2) {
    Value apart = n.sub(n.unsqueeze(x, {1}), n.unsqueeze(vectors, {0}));
    Value square = n.reduce(ReduceKind::sum, n.mul(apart, apart), {2}, false);
    return n.exp(n.mul(square, -params[0]));
  }
  Value dot = n.matmul(x, n.transpose(vectors, {1, 0}));
  if (kernel == 0)
    return dot;
  dot = n.add(n.mul(dot, params[0]), params[1]);
  if (kernel == 3)
    return n.make<graph::TanhOp>({dot});
  return n.make<graph::PowOp>({dot, n.scalarLike(dot, params[2])});
}

static LogicalResult importSvmRegressor(Node &n) {
  Value x = featureRows(n, n.operand(0));
  Type type = n.b.getF32Type();
  x = n.cast(x, type);
  int64_t supports = n.i("n_supports", 0);
  SmallVector<double> coefficients = n.floats("coefficients");
  SmallVector<double> vectors = n.floats("support_vectors");
  SmallVector<double> rho = n.floats("rho");
  bool oneClass = n.flag("one_class", false);
  PostTransform transform = postTransform(n);
  n.ignore({"n_targets"});
  if (n.failed())
    return failure();
  if (rho.empty() || supports < 0 || supports > INT32_MAX)
    return n.error() << "has " << rho.size() << " values of rho and "
                     << supports << " support vectors, expected at least 1 and "
                     << "0";
  Value scores;
  if (supports > 0) {
    Value similar = similarity(n, x, matrix(n, type, vectors, supports));
    if (int64_t(coefficients.size()) != supports && !n.failed())
      return n.error() << "has " << coefficients.size() << " coefficients for "
                       << supports << " support vectors";
    scores = n.matmul(similar, n.unsqueeze(n.numbers(type, coefficients), {1}));
  } else {
    n.ignore({"kernel_type", "kernel_params"});
    Value weights = matrix(n, type, coefficients, 1);
    if (!checkFeatures(n, x, weights ? n.dim(weights, 1) : 0))
      return failure();
    scores = n.matmul(x, n.transpose(weights, {1, 0}));
  }
  scores = n.add(scores, rho[0]);
  if (oneClass)
    scores = n.select(n.compare(Predicate::gt, scores, 0.0),
                      n.scalarLike(scores, 1), n.scalarLike(scores, -1));
  return n.result(transformScores(n, scores, transform));
}

//===-- SVMClassifier
//-------------------------------------------------------===//

namespace {
struct Classifier {
  Node &n;
  int64_t classes;
  Node::Ints perClass;
  SmallVector<double> coefficients, vectors, rho, probA, probB;
  Type type;

  bool hasVectors() const { return !perClass.empty(); }
  int64_t pairs() const { return classes * (classes - 1) / 2; }
  LogicalResult check();
  Value pairScores(Value similar);
  Value votes(Value scores);
  Value probabilities(Value scores);
  Value couple(Value shares);
};
} // namespace

LogicalResult Classifier::check() {
  if (n.failed())
    return failure();
  if (classes < 1 || classes > 4096 || rho.empty() || coefficients.empty())
    return n.error() << "has " << classes << " classes, " << rho.size()
                     << " values of rho and " << coefficients.size()
                     << " coefficients, expected at least 1 of each";
  if (!hasVectors())
    return success();
  int64_t total = 0;
  for (int64_t count : perClass) {
    if (count < 0 || count > INT32_MAX)
      return n.error() << "has " << count << " vectors of a class";
    total += count;
  }
  if (int64_t(perClass.size()) != classes || classes < 2)
    return n.error() << "has vectors_per_class of " << perClass.size()
                     << " classes for " << classes << " labels";
  if (int64_t(rho.size()) < pairs() ||
      int64_t(coefficients.size()) != total * (classes - 1))
    return n.error() << "has " << rho.size() << " values of rho and "
                     << coefficients.size() << " coefficients, expected "
                     << pairs() << " and " << total * (classes - 1);
  if (probA.size() != probB.size() ||
      (!probA.empty() && int64_t(probA.size()) < pairs()))
    return n.error() << "has " << probA.size() << " and " << probB.size()
                     << " values of prob_a and prob_b, expected " << pairs();
  return success();
}

/// One score per pair of classes: above 0 it speaks for the first.
Value Classifier::pairScores(Value similar) {
  int64_t total = n.dim(similar, 1), pair = 0;
  SmallVector<double> weights(total * pairs(), 0);
  Node::Ints start(classes, 0);
  for (int64_t i = 1; i < classes; ++i)
    start[i] = start[i - 1] + perClass[i - 1];
  for (int64_t i = 0; i < classes; ++i)
    for (int64_t j = i + 1; j < classes; ++j, ++pair) {
      auto take = [&](int64_t of, int64_t row) {
        for (int64_t v = start[of]; v < start[of] + perClass[of]; ++v)
          weights[v * pairs() + pair] = coefficients[row * total + v];
      };
      take(i, j - 1);
      take(j, i);
    }
  Value scores = n.matmul(similar, matrix(n, type, weights, total));
  return n.add(scores, n.numbers(type, ArrayRef(rho).take_front(pairs())));
}

/// How many pairs each class wins.
Value Classifier::votes(Value scores) {
  SmallVector<double> first(pairs() * classes, 0), second(first);
  int64_t pair = 0;
  for (int64_t i = 0; i < classes; ++i)
    for (int64_t j = i + 1; j < classes; ++j, ++pair) {
      first[pair * classes + i] = 1;
      second[pair * classes + j] = 1;
    }
  Value wins = n.cast(n.compare(Predicate::gt, scores, 0.0), type);
  return n.add(n.matmul(wins, matrix(n, type, first, pairs())),
               n.matmul(n.sub(1, wins), matrix(n, type, second, pairs())));
}

/// Shares of the classes from scores of pairs (Platt; Wu, Lin and Weng).
Value Classifier::probabilities(Value scores) {
  auto some = [&](ArrayRef<double> list) {
    return n.numbers(type, list.take_front(pairs()));
  };
  Value value = n.add(n.mul(scores, some(probA)), some(probB));
  Value share = n.sub(1, n.make<graph::SigmoidOp>({value}));
  share = n.min(n.max(share, 1e-7), 1 - 1e-7);
  // Column i * classes + j is how often i wins against j.
  Values columns;
  Value zero = n.mul(n.slice(share, 1, 0, 1), 0.0);
  for (int64_t i = 0; i < classes; ++i)
    for (int64_t j = 0; j < classes; ++j) {
      int64_t a = std::min(i, j), c = std::max(i, j);
      int64_t pair = a * classes - a * (a + 1) / 2 + c - a - 1;
      Value one = i == j ? zero : n.slice(share, 1, pair, pair + 1);
      columns.push_back(i > j ? n.sub(1, one) : one);
    }
  Value all = n.concat(columns, 1);
  return couple(n.reshape(
      all, n.concat({n.dimOf(all, 0), n.i64s({classes, classes})}, 0)));
}

/// The shares that agree best with those of pairs, R [N, C, C], found step by
/// step as libsvm does: P makes Q P = (P' Q P) 1, with Q[t, t] the sum of
/// squares of R[j, t] and Q[t, j] = -R[j, t] R[t, j].
Value Classifier::couple(Value shares) {
  Value swapped = n.transpose(shares, {0, 2, 1});
  SmallVector<double> unit(classes * classes, 0);
  for (int64_t k = 0; k < classes; ++k)
    unit[k * classes + k] = 1;
  Value diagonal = matrix(n, type, unit, classes);
  Value squares = n.reduce(ReduceKind::sum, n.mul(swapped, swapped), {2}, true);
  Value q = n.sub(n.mul(diagonal, squares), n.mul(swapped, shares));
  Value p = n.add(n.mul(n.squeeze(squares, {2}), 0.0), 1.0 / classes);
  Value go = n.scalar(n.b.getI1Type(), 1);
  auto improve = [&](Value, ValueRange carried) -> FailureOr<Values> {
    Value before = carried[0];
    Value qp = n.squeeze(n.matmul(q, n.unsqueeze(before, {2})), {2});
    Value pqp = n.reduce(ReduceKind::sum, n.mul(before, qp), {1}, true);
    Value error = n.reduce(ReduceKind::max,
                           n.make<graph::AbsOp>({n.sub(qp, pqp)}), {1}, true);
    auto step = [&](Value t, ValueRange now) -> FailureOr<Values> {
      Value row = n.gather(q, t, 1);
      auto pick = [&](Value x) { return n.unsqueeze(n.gather(x, t, 1), {1}); };
      Value own = pick(row), qpt = pick(now[1]);
      Value d = n.div(n.sub(now[2], qpt), own), scale = n.add(d, 1);
      Value here = n.unsqueeze(n.gather(diagonal, t, 0), {0});
      Value pNew = n.div(n.add(now[0], n.mul(here, d)), scale);
      Value grown = n.mul(d, n.add(n.mul(d, own), n.mul(qpt, 2)));
      Value pqpNew = n.div(n.add(now[2], grown), n.mul(scale, scale));
      Value qpNew = n.div(n.add(now[1], n.mul(row, d)), scale);
      if (n.failed())
        return failure();
      return Values{go, pNew, qpNew, pqpNew};
    };
    LoopBuilder inner{n, n.i64(classes), go, {before, qp, pqp}, step};
    FailureOr<Values> results = inner.build();
    if (mlir::failed(results))
      return failure();
    Value isDone = n.compare(Predicate::lt, error, 0.005 / classes);
    return Values{go, n.select(isDone, before, (*results)[0])};
  };
  LoopBuilder loop{n, n.i64(std::max<int64_t>(100, classes)), go, {p}, improve};
  FailureOr<Values> results = loop.build();
  return mlir::failed(results) ? Value() : results->front();
}

static LogicalResult importSvmClassifier(Node &n) {
  Value x = featureRows(n, n.operand(0));
  Type type = n.b.getF32Type();
  x = n.cast(x, type);
  ClassLabels labels(n, "classlabels_ints");
  int64_t classes = std::max<size_t>(1, labels.size());
  Classifier c{n,
               classes,
               n.ints("vectors_per_class"),
               n.floats("coefficients"),
               n.floats("support_vectors"),
               n.floats("rho"),
               n.floats("prob_a"),
               n.floats("prob_b"),
               type};
  PostTransform transform = postTransform(n);
  if (failed(c.check()))
    return failure();
  Value scores, winner;
  if (c.hasVectors()) {
    int64_t total = 0;
    for (int64_t count : c.perClass)
      total += count;
    Value similar = similarity(n, x, matrix(n, type, c.vectors, total));
    scores = n.failed() ? Value() : c.pairScores(similar);
    winner = n.failed() ? Value() : argMax(n, c.votes(scores));
  } else {
    n.ignore({"kernel_type", "kernel_params"});
    Value weights = matrix(n, type, c.coefficients, classes);
    if (!checkFeatures(n, x, weights ? n.dim(weights, 1) : 0))
      return failure();
    scores = n.add(n.matmul(x, n.transpose(weights, {1, 0})), c.rho[0]);
    winner = argMax(n, scores);
  }
  bool hasShares = c.hasVectors() && !c.probA.empty();
  if (n.failed())
    return failure();
  bool allPositive =
      llvm::all_of(c.coefficients, [](double v) { return v >= 0; });
  // Where coefficients cannot be negative, a vote is a share for the second.
  if (c.hasVectors() && classes == 2 && !hasShares && allPositive)
    winner = n.add(n.mul(winner, 0.0), 1);
  if (hasShares)
    scores = c.probabilities(scores);
  Value named;
  if (labels.size() == 0 || (labels.size() != 2 && c.rho.size() == 1)) {
    Value best = n.reduce(ReduceKind::max, scores, {1}, false);
    named = asClass(n, n.compare(Predicate::gt, best, 0.0));
  } else {
    named = labels.name(n, winner);
  }
  bool isOne = n.dim(scores, 1) == 1;
  if (!isOne)
    scores = transformScores(n, scores, transform);
  else if (labels.size() == 2 || transform == PostTransform::Probit)
    scores = splitScore(n, scores, transform, false);
  return n.results({named, scores});
}

void nacre::onnx::addSupportVectorRules(RuleTable &table) {
  table.add(kMl, "SVMClassifier", 1, importSvmClassifier);
  table.add(kMl, "SVMRegressor", 1, importSvmRegressor);
}
