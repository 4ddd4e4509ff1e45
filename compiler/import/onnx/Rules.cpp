#include "compiler/import/onnx/Rules.h"

using namespace llvm;
using namespace nacre::onnx;

void RuleTable::add(StringRef domain, StringRef op, int64_t sinceOpset,
                    Rule rule) {
  rules[(domain + "." + op).str()][sinceOpset] = std::move(rule);
}

void RuleTable::alias(StringRef domain, StringRef op, StringRef of,
                      int64_t opset) {
  const Rule *rule = find("", of, opset);
  assert(rule && "aliases stand after what they name");
  add(domain, op, 1, [rule = *rule, opset](Node &node) {
    node.readAs(opset);
    return rule(node);
  });
}

const Rule *RuleTable::find(StringRef domain, StringRef op,
                            int64_t opset) const {
  auto found = rules.find((domain + "." + op).str());
  if (found == rules.end())
    return nullptr;
  auto next = found->second.upper_bound(opset);
  return next == found->second.begin() ? nullptr : &std::prev(next)->second;
}

std::vector<SupportedOp> RuleTable::ops() const {
  std::vector<SupportedOp> ops;
  for (const auto &[key, versions] : rules) {
    auto [domain, type] = StringRef(key).rsplit('.');
    SupportedOp &op = ops.emplace_back();
    op.domain = domain.empty() ? "ai.onnx" : domain.str();
    op.type = type.str();
    for (const auto &[opset, rule] : versions)
      op.opsets.push_back(opset);
  }
  return ops;
}

std::vector<SupportedOp> nacre::onnx::supportedOps() {
  std::vector<SupportedOp> ops = RuleTable::get().ops();
  llvm::sort(ops, [](const SupportedOp &a, const SupportedOp &b) {
    return std::tie(a.domain, a.type) < std::tie(b.domain, b.type);
  });
  return ops;
}

const RuleTable &RuleTable::get() {
  static const RuleTable table = [] {
    RuleTable table;
    addActivationRules(table);
    addAttentionRules(table);
    addConstantRules(table);
    addControlRules(table);
    addDeformRules(table);
    addElementwiseRules(table);
    addExperimentalRules(table);
    addGradientRules(table);
    addImageRules(table);
    addIndexingRules(table);
    addLabelRules(table);
    addLossRules(table);
    addMachineLearningRules(table);
    addMatmulRules(table);
    addMovementRules(table);
    addNormalizationRules(table);
    addQuantizeRules(table);
    addRandomRules(table);
    addRecurrentRules(table);
    addReduceRules(table);
    addResizeRules(table);
    addSequenceRules(table);
    addScanRules(table);
    addSearchRules(table);
    addShapeRules(table);
    addSignalRules(table);
    addStringRules(table);
    addSupportVectorRules(table);
    addTrainingRules(table);
    addTreeRules(table);
    addWindowRules(table);
    // These refer to the ones before.
    addContribActivationRules(table);
    addContribAttentionRules(table);
    addContribDataRules(table);
    addContribGroupQueryRules(table);
    addContribMatmulRules(table);
    addContribMixtureRules(table);
    addContribNormalizationRules(table);
    addContribQuantizeRules(table);
    addContribWeightsRules(table);
    addBeamSearchRules(table);
    addTokenSearchRules(table);
    return table;
  }();
  return table;
}
