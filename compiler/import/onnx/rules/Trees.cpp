// Ensembles of decision trees. Whatever the operator, its trees become one set
// of tables: decisions first, then leaves, which go to themselves. What a leaf
// says is then a gather from a table of weights, one row per leaf.
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/rules/Common.h"
#include "compiler/import/onnx/rules/MachineLearning.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::onnx;
using graph::Predicate;
using graph::ReduceKind;

namespace {

/// Modes as `graph.tree_leaves` numbers them; the last is expanded here.
enum Mode { Leq, Lt, Gte, Gt, Eq, Neq, Member };
enum class Aggregate { Average, Sum, Min, Max };

/// Where a branch goes: to a decision or to a leaf.
struct Branch {
  bool isLeaf = false;
  int64_t index = 0;
};

struct Decision {
  int64_t feature = 0, mode = Leq;
  double threshold = 0;
  bool missing = false;
  Branch yes, no;
};

struct Ensemble {
  SmallVector<Decision, 0> decisions;
  SmallVector<Branch> roots;
  int64_t numLeaves = 0;
  /// For each leaf: target and weight.
  std::vector<SmallVector<std::pair<int64_t, double>, 1>> weights;
  int64_t numTargets = 0;
  Aggregate aggregate = Aggregate::Sum;

  LogicalResult check(Node &n) const;
  /// Steps from a root to the deepest leaf, or an error if there is a cycle.
  FailureOr<int64_t> depth(Node &n) const;
  Value leaves(Node &n, Value x, int64_t depth) const;
  /// [N, targets] from rows `x`.
  Value scores(Node &n, Value x) const;

private:
  int64_t number(Branch branch) const {
    return branch.isLeaf ? int64_t(decisions.size()) + branch.index
                         : branch.index;
  }
  bool isInside(Branch branch) const {
    int64_t size = branch.isLeaf ? numLeaves : int64_t(decisions.size());
    return branch.index >= 0 && branch.index < size;
  }
  Value weightTable(Node &n, Type type, double none) const;
};

} // namespace

LogicalResult Ensemble::check(Node &n) const {
  if (n.failed())
    return failure();
  if (roots.empty())
    return n.error() << "has no trees, expected at least 1";
  if (numTargets < 1)
    return n.error() << "has " << numTargets << " targets, expected at least 1";
  for (Branch root : roots)
    if (!isInside(root))
      return n.error() << "has a tree with root " << root.index
                       << ", which there is not";
  for (auto [k, decision] : llvm::enumerate(decisions)) {
    if (decision.feature < 0 || decision.feature >= INT32_MAX)
      return n.error() << "has tree node " << k << " on feature "
                       << decision.feature << ", expected 0 to "
                       << INT32_MAX - 1;
    if (!isInside(decision.yes) || !isInside(decision.no))
      return n.error() << "has tree node " << k
                       << " with a branch to a node which there is not";
  }
  for (auto &leaf : weights)
    for (auto [target, weight] : leaf)
      if (target < 0 || target >= numTargets)
        return n.error() << "has a weight for target " << target
                         << ", expected one of " << numTargets;
  return success();
}

FailureOr<int64_t> Ensemble::depth(Node &n) const {
  constexpr int64_t open = -1, active = -2;
  SmallVector<int64_t, 0> height(decisions.size(), open);
  auto known = [&](Branch branch) {
    return branch.isLeaf ? 0 : height[branch.index];
  };
  SmallVector<int64_t> stack;
  int64_t most = 0;
  for (Branch root : roots) {
    if (root.isLeaf)
      continue;
    stack.push_back(root.index);
    while (!stack.empty()) {
      int64_t at = stack.back();
      const Decision &decision = decisions[at];
      bool first = height[at] == open;
      if (first)
        height[at] = active;
      bool waits = false;
      for (Branch branch : {decision.yes, decision.no}) {
        int64_t below = known(branch);
        if (below == active && first)
          return n.error() << "has a tree with a cycle through node "
                           << branch.index;
        if (below == open) {
          stack.push_back(branch.index);
          waits = true;
        }
      }
      if (waits)
        continue;
      if (height[at] == active)
        height[at] = 1 + std::max(known(decision.yes), known(decision.no));
      stack.pop_back();
    }
    most = std::max(most, known(root));
  }
  return most;
}

Value Ensemble::leaves(Node &n, Value x, int64_t depth) const {
  size_t count = decisions.size() + numLeaves;
  Node::Ints feature(count, 0), mode(count, Leq), yes(count), no(count), from;
  SmallVector<double> threshold(count, 0), missing(count, 0);
  bool oneMode = true;
  for (auto [k, decision] : llvm::enumerate(decisions)) {
    feature[k] = decision.feature;
    mode[k] = decision.mode;
    oneMode &= decision.mode == decisions[0].mode;
    threshold[k] = decision.threshold;
    missing[k] = decision.missing;
    yes[k] = number(decision.yes);
    no[k] = number(decision.no);
  }
  for (size_t k = decisions.size(); k < count; ++k)
    yes[k] = no[k] = k;
  // What leaves compare does not matter; a table of one value costs nothing.
  if (oneMode && !decisions.empty())
    mode.assign(count, decisions[0].mode);
  for (Branch root : roots)
    from.push_back(number(root));
  int64_t needed = 1 + *llvm::max_element(feature);
  if (!checkFeatures(n, x, needed))
    return {};
  return n.make<graph::TreeLeavesOp>({x, n.i64s(from), n.i64s(feature),
                                      n.numbers(n.element(x), threshold),
                                      n.i64s(mode), n.i64s(yes), n.i64s(no),
                                      n.numbers(n.b.getI1Type(), missing)},
                                     {n.b.attr("depth", depth)});
}

/// [leaves, targets]; `none` where a leaf says nothing about a target.
Value Ensemble::weightTable(Node &n, Type type, double none) const {
  if (!n.sized({numLeaves, numTargets}, type))
    return {};
  SmallVector<double, 0> table(numLeaves * numTargets, none);
  std::vector<bool> isSet(table.size());
  for (auto [leaf, entries] : llvm::enumerate(weights))
    for (auto [target, weight] : entries) {
      size_t at = leaf * numTargets + target;
      double old = isSet[at]                     ? table[at]
                   : aggregate == Aggregate::Min ? weight
                   : aggregate == Aggregate::Max ? weight
                                                 : 0;
      table[at] = aggregate == Aggregate::Min   ? std::min(old, weight)
                  : aggregate == Aggregate::Max ? std::max(old, weight)
                                                : old + weight;
      isSet[at] = true;
    }
  return n.reshape(n.numbers(type, table), {numLeaves, numTargets});
}

Value Ensemble::scores(Node &n, Value x) const {
  FailureOr<int64_t> steps = depth(n);
  if (mlir::failed(steps))
    return {};
  bool isMin = aggregate == Aggregate::Min, isMax = aggregate == Aggregate::Max;
  double none = isMin ? INFINITY : isMax ? -INFINITY : 0;
  Type type = n.element(x);
  Value found = n.sub(leaves(n, x, *steps), double(decisions.size()));
  Value said = n.gather(weightTable(n, type, none), found, 0);
  ReduceKind kind = isMin   ? ReduceKind::min
                    : isMax ? ReduceKind::max
                            : ReduceKind::sum;
  Value sum = n.reduce(kind, said, {1}, false); // [N, targets]
  if (aggregate == Aggregate::Average)
    sum = n.div(sum, double(roots.size()));
  // A target that no tree speaks of has the score 0.
  if (isMin || isMax)
    sum = n.select(n.compare(Predicate::eq, sum, none), n.scalarLike(sum, 0),
                   sum);
  return sum;
}

//===-- TreeEnsemble
//--------------------------------------------------------===//

/// Replaces decisions on membership by chains of comparisons with the members,
/// which `values` lists in order, each set ended by a NaN.
static LogicalResult expandMembers(Node &n, Ensemble &ensemble,
                                   ArrayRef<double> values) {
  size_t count = ensemble.decisions.size();
  for (size_t k = 0; k < count; ++k) {
    if (ensemble.decisions[k].mode != Member)
      continue;
    size_t length = 0;
    while (length < values.size() && !std::isnan(values[length]))
      ++length;
    if (length == values.size())
      return n.error() << "has fewer sets in membership_values than nodes of "
                          "mode BRANCH_MEMBER";
    Decision decision = ensemble.decisions[k];
    decision.mode = Eq;
    decision.threshold = length ? values[0] : NAN;
    Branch otherwise = decision.no;
    size_t at = k;
    for (size_t m = 1; m < length; ++m) {
      decision.no = {false, int64_t(ensemble.decisions.size())};
      ensemble.decisions[at] = decision;
      at = ensemble.decisions.size();
      decision.threshold = values[m];
      ensemble.decisions.push_back(decision);
    }
    decision.no = otherwise;
    ensemble.decisions[at] = decision;
    values = values.drop_front(length + 1);
  }
  return success();
}

static SmallVector<double> tensorNumbers(Node &n, StringRef name) {
  ElementsAttr attr = n.tensor(name);
  return attr ? n.knownNumbers(n.constant(attr)).value_or(SmallVector<double>())
              : SmallVector<double>();
}

/// The element, if there is one.
template <typename List>
static auto at(const List &list, size_t k) -> std::decay_t<decltype(list[k])> {
  return k < list.size() ? list[k] : std::decay_t<decltype(list[k])>(0);
}

static LogicalResult sameLength(Node &n, size_t count,
                                std::initializer_list<size_t> sizes) {
  for (size_t size : sizes)
    if (size != count && !n.failed())
      return n.error() << "has lists of " << count << " and " << size
                       << " tree nodes, expected the same length";
  return failure(n.failed());
}

static LogicalResult readTrees(Node &n, Ensemble &ensemble) {
  Node::Ints roots = n.ints("tree_roots"), feature = n.ints("nodes_featureids");
  Node::Ints yes = n.ints("nodes_truenodeids");
  Node::Ints no = n.ints("nodes_falsenodeids");
  Node::Ints yesLeaf = n.ints("nodes_trueleafs");
  Node::Ints noLeaf = n.ints("nodes_falseleafs");
  Node::Ints missing = n.ints("nodes_missing_value_tracks_true");
  Node::Ints targets = n.ints("leaf_targetids");
  SmallVector<double> modes = tensorNumbers(n, "nodes_modes");
  SmallVector<double> splits = tensorNumbers(n, "nodes_splits");
  SmallVector<double> weights = tensorNumbers(n, "leaf_weights");
  SmallVector<double> members = tensorNumbers(n, "membership_values");
  n.ignore({"nodes_hitrates"});
  if (failed(sameLength(n, feature.size(),
                        {yes.size(), no.size(), yesLeaf.size(), noLeaf.size(),
                         modes.size(), splits.size()})) ||
      failed(sameLength(n, targets.size(), {weights.size()})))
    return failure();
  for (size_t k = 0; k < feature.size(); ++k) {
    if (modes[k] < Leq || modes[k] > Member)
      return n.error() << "has node mode " << modes[k]
                       << ", expected one of 0 to 6";
    ensemble.decisions.push_back({feature[k],
                                  int64_t(modes[k]),
                                  splits[k],
                                  at(missing, k) != 0,
                                  {yesLeaf[k] != 0, yes[k]},
                                  {noLeaf[k] != 0, no[k]}});
  }
  for (int64_t root : roots)
    ensemble.roots.push_back({false, root});
  ensemble.numLeaves = targets.size();
  for (auto [target, weight] : llvm::zip(targets, weights))
    ensemble.weights.push_back({{target, weight}});
  return expandMembers(n, ensemble, members);
}

static LogicalResult importTreeEnsemble(Node &n) {
  Value x = n.operand(0);
  Ensemble ensemble;
  ensemble.numTargets = n.i("n_targets", 1);
  int64_t aggregate = n.i("aggregate_function", 1);
  int64_t transform = n.i("post_transform", 0);
  if (n.failed() || failed(readTrees(n, ensemble)))
    return failure();
  if (aggregate < 0 || aggregate > 3 || transform < 0 || transform > 4)
    return n.error() << "has aggregate_function " << aggregate
                     << " and post_transform " << transform
                     << ", expected at most 3 and 4";
  ensemble.aggregate = Aggregate(aggregate);
  Value rows = featureRows(n, x);
  if (failed(ensemble.check(n)))
    return failure();
  Value scores =
      transformScores(n, ensemble.scores(n, rows), PostTransform(transform));
  return n.result(n.cast(scores, n.element(x)));
}

//===-- TreeEnsembleRegressor, TreeEnsembleClassifier
//------------------------===//

namespace {
/// Nodes as versions 1 and 3 name them: by tree and number.
struct NamedNodes {
  using Name = std::pair<int64_t, int64_t>;
  /// The branch that each node is.
  std::map<Name, Branch> branches;

  LogicalResult read(Node &n, Ensemble &ensemble);
  /// `prefix`: class or target.
  LogicalResult readWeights(Node &n, Ensemble &ensemble, StringRef prefix);
};
} // namespace

LogicalResult NamedNodes::read(Node &n, Ensemble &ensemble) {
  Node::Ints trees = n.ints("nodes_treeids"), numbers = n.ints("nodes_nodeids");
  Node::Ints feature = n.ints("nodes_featureids");
  Node::Ints yes = n.ints("nodes_truenodeids");
  Node::Ints no = n.ints("nodes_falsenodeids");
  Node::Ints missing = n.ints("nodes_missing_value_tracks_true");
  SmallVector<StringRef> modes = n.strings("nodes_modes");
  SmallVector<double> values = numberList(n, "nodes_values");
  n.ignore({"nodes_hitrates", "nodes_hitrates_as_tensor"});
  if (failed(sameLength(n, trees.size(),
                        {numbers.size(), feature.size(), yes.size(), no.size(),
                         modes.size(), values.size()})))
    return failure();
  static constexpr StringRef names[] = {"BRANCH_LEQ", "BRANCH_LT",
                                        "BRANCH_GTE", "BRANCH_GT",
                                        "BRANCH_EQ",  "BRANCH_NEQ"};
  int64_t numDecisions = 0, lastTree = 0;
  for (size_t k = 0; k < trees.size(); ++k) {
    bool isLeaf = modes[k] == "LEAF";
    Branch self{isLeaf, isLeaf ? ensemble.numLeaves++ : numDecisions++};
    if (!branches.insert({{trees[k], numbers[k]}, self}).second)
      return n.error() << "has two nodes " << numbers[k] << " of tree "
                       << trees[k];
    // The first node of a tree is its root.
    if (k == 0 || trees[k] != lastTree)
      ensemble.roots.push_back(self);
    lastTree = trees[k];
  }
  for (size_t k = 0; k < trees.size(); ++k) {
    if (modes[k] == "LEAF")
      continue;
    const auto *mode = llvm::find(names, modes[k]);
    auto yesAt = branches.find({trees[k], yes[k]});
    auto noAt = branches.find({trees[k], no[k]});
    if (mode == std::end(names))
      return n.error() << "has node mode '" << modes[k]
                       << "', which is unknown";
    if (yesAt == branches.end() || noAt == branches.end())
      return n.error() << "has node " << numbers[k] << " of tree " << trees[k]
                       << " with a branch to a node which there is not";
    ensemble.decisions.push_back({feature[k], mode - names, values[k],
                                  at(missing, k) != 0, yesAt->second,
                                  noAt->second});
  }
  ensemble.weights.resize(ensemble.numLeaves);
  return success();
}

LogicalResult NamedNodes::readWeights(Node &n, Ensemble &ensemble,
                                      StringRef prefix) {
  Node::Ints trees = n.ints((prefix + "_treeids").str());
  Node::Ints numbers = n.ints((prefix + "_nodeids").str());
  Node::Ints targets = n.ints((prefix + "_ids").str());
  SmallVector<double> weights = numberList(n, prefix + "_weights");
  if (failed(sameLength(n, trees.size(),
                        {numbers.size(), targets.size(), weights.size()})))
    return failure();
  for (size_t k = 0; k < trees.size(); ++k) {
    auto found = branches.find({trees[k], numbers[k]});
    if (found == branches.end() || !found->second.isLeaf)
      return n.error() << "has a weight for node " << numbers[k] << " of tree "
                       << trees[k] << ", which is no leaf";
    ensemble.weights[found->second.index].push_back({targets[k], weights[k]});
  }
  return success();
}

/// Adds `base_values`: none, one for all, or one per target.
static Value addBase(Node &n, Value scores, ArrayRef<double> base) {
  if (base.empty())
    return scores;
  if (int64_t(base.size()) != n.dim(scores, 1) && base.size() != 1) {
    n.error() << "has " << base.size() << " base values for "
              << n.dim(scores, 1) << " targets";
    return {};
  }
  return n.add(scores, n.numbers(n.element(scores), base));
}

static LogicalResult importTreeRegressor(Node &n) {
  Value x = featureRows(n, n.operand(0));
  Ensemble ensemble;
  NamedNodes nodes;
  ensemble.numTargets = n.i("n_targets", 1);
  ensemble.aggregate = Aggregate(
      n.choice("aggregate_function", "SUM", {"AVERAGE", "SUM", "MIN", "MAX"}));
  SmallVector<double> base = numberList(n, "base_values");
  PostTransform transform = postTransform(n);
  if (n.failed() || failed(nodes.read(n, ensemble)) ||
      failed(nodes.readWeights(n, ensemble, "target")) ||
      failed(ensemble.check(n)))
    return failure();
  Value scores = addBase(n, ensemble.scores(n, x), base);
  scores = transformScores(n, scores, transform);
  return n.result(n.cast(scores, n.b.getF32Type()));
}

/// Two classes of which the weights name one: its score decides.
static LogicalResult decideByOne(Node &n, Value scores, int64_t named,
                                 const ClassLabels &labels,
                                 ArrayRef<double> base, bool isShare,
                                 PostTransform transform) {
  Value score = n.slice(scores, 1, named, named + 1);
  if (!base.empty())
    score = n.add(score, base.back());
  Value positive =
      n.squeeze(n.compare(Predicate::gt, score, isShare ? 0.5 : 0.0), {1});
  Value split = splitScore(n, score, transform, isShare);
  return n.results(
      {labels.name(n, asClass(n, positive)), n.cast(split, n.b.getF32Type())});
}

static LogicalResult importTreeClassifier(Node &n) {
  Value x = featureRows(n, n.operand(0));
  Ensemble ensemble;
  NamedNodes nodes;
  ClassLabels labels(n, "classlabels_int64s");
  ensemble.numTargets = labels.size();
  SmallVector<double> base = numberList(n, "base_values");
  PostTransform transform = postTransform(n);
  if (n.failed() || failed(nodes.read(n, ensemble)) ||
      failed(nodes.readWeights(n, ensemble, "class")) ||
      failed(ensemble.check(n)))
    return failure();
  std::set<int64_t> named;
  bool isShare = true;
  for (auto &leaf : ensemble.weights)
    for (auto [target, weight] : leaf) {
      named.insert(target);
      isShare &= weight >= 0;
    }
  Value scores = ensemble.scores(n, x);
  if (labels.size() == 2 && named.size() == 1)
    return decideByOne(n, scores, *named.begin(), labels, base, isShare,
                       transform);
  scores = addBase(n, scores, base);
  return n.results(
      {labels.name(n, argMax(n, scores)),
       n.cast(transformScores(n, scores, transform), n.b.getF32Type())});
}

void nacre::onnx::addTreeRules(RuleTable &table) {
  table.add(kMl, "TreeEnsemble", 5, importTreeEnsemble);
  table.add(kMl, "TreeEnsembleClassifier", 1, importTreeClassifier);
  table.add(kMl, "TreeEnsembleRegressor", 1, importTreeRegressor);
}
