//===- Heads.h - What all forms of attention share --------------*- C++ -*-===//
//
// Heads are laid out [batch, heads, sequence, size] unless said otherwise.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_RULES_HEADS_H
#define NACRE_COMPILER_IMPORT_ONNX_RULES_HEADS_H

#include "compiler/import/onnx/rules/Common.h"

namespace nacre::onnx {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// [batch, sequence, heads * size] to heads.
mlir::Value splitHeads(Node &n, mlir::Value x, int64_t heads);
/// The way back.
mlir::Value mergeHeads(Node &n, mlir::Value x);
bool checkHeads(Node &n, mlir::Value q, mlir::Value k, mlir::Value v);

/// q * k^T over heads that may be shared.
mlir::Value scoresOf(Node &n, mlir::Value q, mlir::Value k);
mlir::Value weigh(Node &n, mlir::Value probabilities, mlir::Value v);
/// Position of each query less that of each key; `offset` comes before the
/// queries: a scalar or one per batch.
mlir::Value distance(Node &n, mlir::Value q, mlir::Value k, mlir::Value offset);
/// The softmax; a query that sees no key, as `bias` has it, gives zeros.
mlir::Value maskedSoftmax(Node &n, mlir::Value scores, mlir::Value bias);
/// 1 / sqrt(size of heads); reports if that is not known and no attribute
/// `scale` stands in.
double defaultScale(Node &n, mlir::Value q);

/// 1 / sqrt(size of heads), an f32 scalar.
mlir::Value inverseRoot(Node &n, mlir::Value q);

/// Turns the first `rotated` elements of each head by the angles of `cos` and
/// `sin`, [batch, sequence, rotated / 2].
mlir::Value rotate(Node &n, mlir::Value x, mlir::Value cos, mlir::Value sin,
                   int64_t rotated, bool interleaved);

/// `past` with `fresh` behind its first `length` rows (null: all of them):
/// what is attended to, and the cache that goes on, which keeps its room.
struct Cache {
  mlir::Value rows, room;
};
Cache appendRows(Node &n, mlir::Value past, mlir::Value fresh,
                 mlir::Value length);
/// `cache` with `fresh` in the rows from `first`, one per batch, on, and zeros
/// behind them.
mlir::Value writeRows(Node &n, mlir::Value cache, mlir::Value fresh,
                      mlir::Value first);

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_RULES_HEADS_H
