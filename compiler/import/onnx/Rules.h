//===- Rules.h - The table of import rules ----------------------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_RULES_H
#define NACRE_COMPILER_IMPORT_ONNX_RULES_H

#include "compiler/import/onnx/Import.h"
#include "compiler/import/onnx/Node.h"
#include "llvm/ADT/StringMap.h"

namespace nacre::onnx {

/// Emits the ops of one node and binds its outputs through `Node::results`.
using Rule = std::function<llvm::LogicalResult(Node &)>;

inline constexpr llvm::StringLiteral kMl = "ai.onnx.ml";
inline constexpr llvm::StringLiteral kMicrosoft = "com.microsoft";
inline constexpr llvm::StringLiteral kTraining = "ai.onnx.preview.training";

/// Rules by domain, op and the first opset they hold for.
class RuleTable {
public:
  void add(llvm::StringRef op, int64_t sinceOpset, Rule rule) {
    add("", op, sinceOpset, std::move(rule));
  }
  void add(llvm::StringRef domain, llvm::StringRef op, int64_t sinceOpset,
           Rule rule);
  /// `op` of `domain` means what `of` of ONNX means at `opset`.
  void alias(llvm::StringRef domain, llvm::StringRef op, llvm::StringRef of,
             int64_t opset);
  /// The rule that holds at `opset`, or null.
  const Rule *find(llvm::StringRef domain, llvm::StringRef op,
                   int64_t opset) const;
  /// Every operator with a rule, in no order.
  std::vector<SupportedOp> ops() const;
  /// All rules there are, made once.
  static const RuleTable &get();

private:
  llvm::StringMap<std::map<int64_t, Rule>> rules;
};

// One function per family, each in rules/<Family>.cpp.
void addActivationRules(RuleTable &table);
void addAttentionRules(RuleTable &table);
void addBeamSearchRules(RuleTable &table);
void addConstantRules(RuleTable &table);
void addContribActivationRules(RuleTable &table);
void addContribAttentionRules(RuleTable &table);
void addContribDataRules(RuleTable &table);
void addContribGroupQueryRules(RuleTable &table);
void addContribMatmulRules(RuleTable &table);
void addContribMixtureRules(RuleTable &table);
void addContribNormalizationRules(RuleTable &table);
void addContribQuantizeRules(RuleTable &table);
void addContribWeightsRules(RuleTable &table);
void addControlRules(RuleTable &table);
void addDeformRules(RuleTable &table);
void addElementwiseRules(RuleTable &table);
void addExperimentalRules(RuleTable &table);
void addGradientRules(RuleTable &table);
void addImageRules(RuleTable &table);
void addIndexingRules(RuleTable &table);
void addLabelRules(RuleTable &table);
void addLossRules(RuleTable &table);
void addMachineLearningRules(RuleTable &table);
void addMatmulRules(RuleTable &table);
void addMovementRules(RuleTable &table);
void addNormalizationRules(RuleTable &table);
void addQuantizeRules(RuleTable &table);
void addRandomRules(RuleTable &table);
void addRecurrentRules(RuleTable &table);
void addReduceRules(RuleTable &table);
void addResizeRules(RuleTable &table);
void addScanRules(RuleTable &table);
void addSearchRules(RuleTable &table);
void addSequenceRules(RuleTable &table);
void addShapeRules(RuleTable &table);
void addStringRules(RuleTable &table);
void addSignalRules(RuleTable &table);
void addSupportVectorRules(RuleTable &table);
void addTokenSearchRules(RuleTable &table);
void addTrainingRules(RuleTable &table);
void addTreeRules(RuleTable &table);
void addWindowRules(RuleTable &table);

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_RULES_H
