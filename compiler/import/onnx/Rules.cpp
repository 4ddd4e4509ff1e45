#include "compiler/import/onnx/Rules.h"

using namespace llvm;
using namespace nacre::onnx;

void RuleTable::add(StringRef domain, StringRef op, int64_t sinceOpset,
                    Rule rule) {
  rules[(domain + "." + op).str()][sinceOpset] = std::move(rule);
}

const Rule *RuleTable::find(StringRef domain, StringRef op,
                            int64_t opset) const {
  auto found = rules.find((domain + "." + op).str());
  if (found == rules.end())
    return nullptr;
  auto next = found->second.upper_bound(opset);
  return next == found->second.begin() ? nullptr : &std::prev(next)->second;
}

const RuleTable &RuleTable::get() {
  static const RuleTable table = [] {
    RuleTable table;
    addActivationRules(table);
    addAttentionRules(table);
    addConstantRules(table);
    addControlRules(table);
    addElementwiseRules(table);
    addImageRules(table);
    addIndexingRules(table);
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
    addShapeRules(table);
    addSignalRules(table);
    addTrainingRules(table);
    addWindowRules(table);
    return table;
  }();
  return table;
}
