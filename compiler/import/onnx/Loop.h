//===- Loop.h - Build graph.loop and graph.if -------------------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_LOOP_H
#define NACRE_COMPILER_IMPORT_ONNX_LOOP_H

#include "compiler/import/onnx/Node.h"

namespace nacre::onnx {

/// A `graph.loop` in the making. Loop, Scan and the recurrent ops differ in
/// what their bodies do.
struct LoopBuilder {
  /// Builds the body at the insertion point: from the counter and the carried
  /// values to [go on, carried..., stacked...]. It may run more than once.
  using Body = std::function<llvm::FailureOr<Node::Values>(mlir::Value counter,
                                                           mlir::ValueRange)>;

  Node &node;
  mlir::Value tripCount, condition;
  Node::Values inits;
  Body body;

  /// Results of the loop: last carried values, then stacks.
  llvm::FailureOr<Node::Values> build();

  /// The element types of carried values: of sequences and optionals, what holds
  /// in every iteration.
  llvm::SmallVector<mlir::Type> elements = {};
  /// Those that the body gives without the optional in which they are carried.
  llvm::SmallVector<bool> wrapped = {};

private:
  llvm::FailureOr<mlir::Operation *>
  attempt(llvm::SmallVectorImpl<llvm::SmallVector<bool>> &open, bool &changed);
  Node::Values finishLoop(mlir::Operation *op);
};

/// `condition ? yes() : no()` with both as regions; null after an error. Dims
/// of the result are known where both agree.
mlir::Value buildIf(Node &node, mlir::Value condition,
                    llvm::function_ref<mlir::Value()> yes,
                    llvm::function_ref<mlir::Value()> no);

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_LOOP_H
