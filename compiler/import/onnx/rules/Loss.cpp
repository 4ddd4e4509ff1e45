#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;

/// The negative logarithm of what the model gave the right class (axis 1 of
/// `logs`), weighted per class and reduced. Targets of `ignore_index` do not
/// count.
static Value likelihoodLoss(Node &n, Value logs, Value target, Value weight) {
  unsigned reduction = n.choice("reduction", "mean", {"none", "sum", "mean"});
  bool ignores = n.hasAttr("ignore_index");
  int64_t ignored = n.i("ignore_index", 0);
  if (n.failed())
    return {};
  Value counts = n.scalarLike(logs, 1), skip;
  if (ignores) {
    skip = n.compare(Predicate::eq, target, double(ignored));
    target = n.select(skip, n.scalarLike(target, 0), target);
  }
  Value picked = n.squeeze(
      n.make<graph::GatherElementsOp>({logs, n.unsqueeze(target, {1})},
                                      {n.b.attr("axis", int64_t(1))}),
      {1});
  if (weight)
    counts = n.gather(weight, target, 0);
  if (skip)
    counts = n.select(skip, n.scalarLike(logs, 0), counts);
  Value loss = n.mul(n.neg(picked), counts);
  if (reduction == 0)
    return loss;
  Node::Ints axes = llvm::to_vector(llvm::seq<int64_t>(0, n.rank(loss)));
  if (reduction == 2 && !weight && !ignores)
    return n.mean(loss, axes, false);
  Value sum = n.reduce(ReduceKind::sum, loss, axes, false);
  if (reduction == 1)
    return sum;
  Value all = n.broadcast(counts, n.shapeOf(loss));
  return n.div(sum, n.reduce(ReduceKind::sum, all, axes, false));
}

static LogicalResult importNegativeLogLikelihood(Node &n) {
  Value logs = n.operand(0), target = n.operand(1), weight = n.optional(2);
  if (!n.checkRank(logs, 2))
    return failure();
  return n.result(likelihoodLoss(n, logs, target, weight));
}

static LogicalResult importSoftmaxCrossEntropy(Node &n) {
  Value scores = n.operand(0), target = n.operand(1), weight = n.optional(2);
  if (!n.checkRank(scores, 2))
    return failure();
  Value logs = n.softmax(scores, 1, /*log=*/true);
  return n.results({likelihoodLoss(n, logs, target, weight), logs});
}

void nacre::onnx::addLossRules(RuleTable &table) {
  table.add("NegativeLogLikelihoodLoss", 12, importNegativeLogLikelihood);
  table.add("SoftmaxCrossEntropyLoss", 12, importSoftmaxCrossEntropy);
}
