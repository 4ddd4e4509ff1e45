// Optimizers of ai.onnx.preview.training: each updates several tensors, whose
// values, gradients and histories follow one another as operands.
#include "compiler/import/onnx/Rules.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using Values = Node::Values;

/// Calls `update` with the `kinds` operands of each tensor; results are ordered
/// by kind, too.
static LogicalResult
forEachTensor(Node &n, unsigned kinds,
              function_ref<Values(ArrayRef<Value>)> update) {
  Values all = n.operands(2);
  if (n.failed())
    return failure();
  if (all.empty() || all.size() % kinds != 0)
    return n.error() << "has " << all.size() << " tensors, expected " << kinds
                     << " for each that is optimized";
  size_t count = all.size() / kinds;
  Values results((kinds - 1) * count);
  for (size_t k = 0; k < count; ++k) {
    Values own;
    for (unsigned kind = 0; kind < kinds; ++kind)
      own.push_back(all[kind * count + k]);
    Values updated = update(own);
    for (auto [kind, value] : llvm::enumerate(updated))
      results[kind * count + k] = value;
  }
  return n.results(results);
}

static LogicalResult importAdagrad(Node &n) {
  Value rate = n.operand(0), step = n.operand(1);
  double norm = n.f("norm_coefficient", 0), decay = n.f("decay_factor", 0);
  double epsilon = n.f("epsilon", 1e-6);
  Value steps = n.cast(step, n.element(rate));
  rate = n.div(rate, n.add(n.mul(steps, decay), 1));
  return forEachTensor(n, 3, [&](ArrayRef<Value> own) -> Values {
    Value gradient = n.add(n.mul(own[0], norm), own[1]);
    Value history = n.add(own[2], n.mul(gradient, gradient));
    Value adaptive = n.add(n.sqrt(history), epsilon);
    Value moved =
        n.div(n.mul(gradient, n.cast(rate, n.element(own[0]))), adaptive);
    return {n.sub(own[0], moved), history};
  });
}

static LogicalResult importAdam(Node &n) {
  Value rate = n.operand(0), step = n.operand(1);
  double alpha = n.f("alpha", 0.9), beta = n.f("beta", 0.999);
  double norm = n.f("norm_coefficient", 0);
  double after = n.f("norm_coefficient_post", 0),
         epsilon = n.f("epsilon", 1e-6);
  Value steps = n.cast(step, n.element(rate));
  auto power = [&](double base) {
    return n.make<graph::PowOp>({n.scalarLike(rate, base), steps});
  };
  Value corrected =
      n.div(n.mul(rate, n.sqrt(n.sub(1, power(beta)))), n.sub(1, power(alpha)));
  rate = n.select(n.compare(Predicate::gt, steps, 0.0), corrected, rate);
  return forEachTensor(n, 4, [&](ArrayRef<Value> own) -> Values {
    Value gradient = n.add(n.mul(own[0], norm), own[1]);
    Value mean = n.add(n.mul(own[2], alpha), n.mul(gradient, 1 - alpha));
    Value square =
        n.add(n.mul(own[3], beta), n.mul(n.mul(gradient, gradient), 1 - beta));
    Value root = n.add(n.sqrt(square), epsilon);
    Value moved = n.div(n.mul(mean, n.cast(rate, n.element(own[0]))), root);
    return {n.mul(n.sub(own[0], moved), 1 - after), mean, square};
  });
}

static LogicalResult importMomentum(Node &n) {
  Value rate = n.operand(0), step = n.operand(1);
  double alpha = n.f("alpha"), beta = n.f("beta"),
         norm = n.f("norm_coefficient");
  if (!n.hasAttr("mode"))
    return n.error() << "has no attribute 'mode' (string)";
  bool nesterov = n.choice("mode", "", {"standard", "nesterov"}) == 1;
  Value started = n.compare(Predicate::gt, step, 0.0);
  return forEachTensor(n, 3, [&](ArrayRef<Value> own) -> Values {
    Value gradient = n.add(n.mul(own[0], norm), own[1]);
    Value factor = n.select(started, n.scalarLike(gradient, beta),
                            n.scalarLike(gradient, 1));
    Value velocity = n.add(n.mul(own[2], alpha), n.mul(gradient, factor));
    Value way = nesterov ? n.add(gradient, n.mul(velocity, alpha)) : velocity;
    Value moved = n.mul(way, n.cast(rate, n.element(own[0])));
    return {n.sub(own[0], moved), velocity};
  });
}

void nacre::onnx::addTrainingRules(RuleTable &table) {
  table.add(kTraining, "Adagrad", 1, importAdagrad);
  table.add(kTraining, "Adam", 1, importAdam);
  table.add(kTraining, "Momentum", 1, importMomentum);
}
