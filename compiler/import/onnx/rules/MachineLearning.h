//===- MachineLearning.h - What the models of ai.onnx.ml share --*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_RULES_MACHINELEARNING_H
#define NACRE_COMPILER_IMPORT_ONNX_RULES_MACHINELEARNING_H

#include "compiler/import/onnx/Node.h"

namespace nacre::onnx {

enum class PostTransform { None, Softmax, Logistic, SoftmaxZero, Probit };

/// The attribute `post_transform`, which names one.
PostTransform postTransform(Node &n);
/// Scores [N, classes] as they leave the model.
mlir::Value transformScores(Node &n, mlir::Value scores, PostTransform by);
/// The two scores [N, 2] that one score [N, 1] for the second of two classes
/// becomes: a share of 1 if it `isShare`, else a signed distance.
mlir::Value splitScore(Node &n, mlir::Value score, PostTransform by,
                       bool isShare);
/// The first of the greatest elements of each row.
mlir::Value argMax(Node &n, mlir::Value scores);
/// Whether the element is `positive`, as a number of a class: 1 or 0.
mlir::Value asClass(Node &n, mlir::Value positive);

/// The names of classes: attribute `ints` or `classlabels_strings`.
struct ClassLabels {
  ClassLabels(Node &n, llvm::StringRef ints);
  size_t size() const { return words.empty() ? labels.size() : words.size(); }
  /// Names by number.
  mlir::Value name(Node &n, mlir::Value numbers) const;

private:
  Node::Ints labels;
  llvm::SmallVector<llvm::StringRef> words;
};

/// A list of numbers in attribute `name` or, as a tensor, `name`_as_tensor.
llvm::SmallVector<double> numberList(Node &n, const llvm::Twine &name);
/// The input [N, F] (a vector is one row) in the type to compute in: f64 stays,
/// all else is f32.
mlir::Value featureRows(Node &n, mlir::Value x);
/// Whether a known number of features is at least `needed`; reports if not.
bool checkFeatures(Node &n, mlir::Value x, int64_t needed);

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_RULES_MACHINELEARNING_H
