//===- Sample.h - Reading an image at computed places -----------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_RULES_SAMPLE_H
#define NACRE_COMPILER_IMPORT_ONNX_RULES_SAMPLE_H

#include "compiler/import/onnx/Node.h"

namespace nacre::onnx {

enum class Outside { Zeros, Border, Reflect };

/// One neighbour of a place along one dim.
struct Tap {
  mlir::Value index;  ///< i64, inside the image
  mlir::Value weight; ///< what it counts
};

/// Folds `x` into `[low, high]` as a ray between mirrors.
mlir::Value reflect(Node &n, mlir::Value x, mlir::Value low, mlir::Value high);

/// Makes an index of `at` (whole numbers) into a dim of `size`; a neighbour
/// outside counts nothing if there are zeros outside. `low` and `high` are the
/// mirrors of `Outside::Reflect`.
Tap tapAt(Node &n, mlir::Value at, mlir::Value weight, mlir::Value size,
          mlir::Value low, mlir::Value high, Outside outside);

/// Sums over all combinations of neighbours: `image` is [batch, dims...,
/// channels], the indices of the taps are [batch, places...]. The result is
/// [batch, places..., channels].
mlir::Value sample(Node &n, mlir::Value image,
                   llvm::ArrayRef<llvm::SmallVector<Tap>> dims);

/// [N, C, dims...] -> [N, dims..., C], and back.
mlir::Value channelsLast(Node &n, mlir::Value x);
mlir::Value channelsFirst(Node &n, mlir::Value x);

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_RULES_SAMPLE_H
