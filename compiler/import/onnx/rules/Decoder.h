//===- Decoder.h - Subgraphs that say the next token ------------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_RULES_DECODER_H
#define NACRE_COMPILER_IMPORT_ONNX_RULES_DECODER_H

#include "compiler/import/onnx/rules/Common.h"

namespace nacre::onnx {

/// The model that a search asks: the subgraphs of one node. Rows are sequences,
/// `beams` of them in a row for each sample of the batch.
class Decoder {
public:
  explicit Decoder(Node &n) : n(n) {}

  Node &n;
  mlir::Value beams; ///< i64 [1]
  int64_t pad = 0, startToken = 0;
  mlir::Value input, mask, startIds; ///< of the node; the latter two or null

  /// Reads the subgraphs; false after an error.
  bool read();
  /// The first tokens of each row, i64 [rows, length].
  mlir::Value firstIds();
  /// The logits of the token behind those, f32 [rows, vocabulary].
  mlir::Value begin();
  /// The same behind the first `length` tokens (a scalar) of `ids`.
  mlir::Value next(mlir::Value ids, mlir::Value length);
  /// Makes the rows of all that is kept those that `rows` names.
  void reorder(mlir::Value rows);

  /// What is kept from token to token.
  Node::Values states;
  mlir::Value prompt; ///< firstIds
  /// `x` with each row of the batch `beams` times.
  mlir::Value repeat(mlir::Value x);

private:
  using Named = llvm::StringMap<mlir::Value>;
  mlir::Value run(const proto::GraphProto &graph, const Named &named);
  mlir::Value lastLogits(mlir::Value logits);
  mlir::Value emptyPast(const proto::GraphProto &graph, unsigned index);
  Named gptInputs(mlir::Value ids, mlir::Value length, bool first);
  Node::Values encode();

  const proto::GraphProto *encoder = nullptr, *first = nullptr, *step = nullptr;
  bool wholeSequence = false; ///< the decoder reads all tokens again
  Named fixed;                ///< inputs that stay, by name
  Node::Values crossed;       ///< states of the encoder, behind the kept ones
};

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_RULES_DECODER_H
