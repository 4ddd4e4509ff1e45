//===- TokenSearch.h - Loops that ask a decoder for tokens ------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_RULES_TOKEN_SEARCH_H
#define NACRE_COMPILER_IMPORT_ONNX_RULES_TOKEN_SEARCH_H

#include "compiler/import/onnx/Loop.h"
#include "compiler/import/onnx/rules/Decoder.h"

namespace nacre::onnx {

/// What changes the scores of tokens, and what both searches have alike.
/// Scalars are i64 or f32; what the model leaves out is null.
struct Search {
  explicit Search(Node &n) : n(n), decoder(n) {}

  Node &n;
  mlir::Type i64 = n.b.getI64Type(), f32 = n.b.getF32Type();
  int64_t eos = n.i("eos_token_id"), pad = n.i("pad_token_id");
  int64_t gram = n.i("no_repeat_ngram_size", 0);
  Decoder decoder;
  mlir::Value longest, least, penalty, never, neverFirst;

  /// Reads what both ops have, from the operands of these indices; false after
  /// an error.
  bool read(unsigned leastIndex, unsigned penaltyIndex, unsigned maskIndex);
  mlir::Value scalar(unsigned index, mlir::Type type);
  mlir::Value start();
  mlir::Value process(mlir::Value scores, mlir::Value ids, mlir::Value length,
                      bool first);
  mlir::Value written(mlir::Value ids, mlir::Value length, mlir::Value token);

  /// Runs `body`, one token a round, while `condition` holds and there is room
  /// behind `length`; false after an error.
  bool run(mlir::Value length, mlir::Value condition, Node::Values inits,
           const LoopBuilder::Body &body, Node::Values &results);

private:
  mlir::Value marked(mlir::Value tokens, mlir::Value valid,
                     mlir::Value vocabulary);
  mlir::Value repeating(mlir::Value ids, mlir::Value length,
                        mlir::Value vocabulary);
};

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_RULES_TOKEN_SEARCH_H
