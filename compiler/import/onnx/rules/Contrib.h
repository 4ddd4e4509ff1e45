//===- Contrib.h - What rules of com.microsoft share ------------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_RULES_CONTRIB_H
#define NACRE_COMPILER_IMPORT_ONNX_RULES_CONTRIB_H

#include "compiler/import/onnx/rules/Heads.h"
#include "compiler/import/onnx/rules/Sample.h"

namespace nacre::onnx {

// ContribActivation.cpp
/// The activation that a fused op names, of which `parameters` holds alpha,
/// beta and gamma: as many as are given, with NaN for gaps.
inline constexpr double kNotGiven = std::numeric_limits<double>::quiet_NaN();
mlir::Value fusedActivation(Node &n, mlir::Value x, llvm::StringRef name,
                            llvm::ArrayRef<double> parameters);

// ContribNormalization.cpp
/// (x - mean) * inverse deviation over the last dim, or x * inverse root mean
/// square; then by `scale`, plus `bias` (null: none). Computed in f32.
struct LastNorm {
  mlir::Value y, mean, inverse;
};
LastNorm normalizeLast(Node &n, mlir::Value x, mlir::Value scale,
                       mlir::Value bias, double epsilon, bool simplified);

// ContribWeights.cpp
/// The numbers of `bits` bits that are packed into bytes along the last dim,
/// low bits first, as that dim of bytes.
mlir::Value unpackBits(Node &n, mlir::Value packed, int64_t bits);
/// Checks a number of bits, and reports.
bool checkBits(Node &n, int64_t bits);

// ContribAttention.cpp
/// softmax(q * k^T * scale, softcapped, + added) * v, all in f32; not allowed
/// pairs count nothing.
struct Attention {
  mlir::Value q, k, v;           ///< heads
  double scale = 0, softcap = 0; ///< 0: by the size of heads; none
  mlir::Value added;             ///< or null
  mlir::Value allowed;           ///< i1, or null
  mlir::Value sink; ///< [heads]: one more score, of a value of zeros; or null
  // What comes out.
  mlir::Value y, scores, probabilities;

  void run(Node &n);
};

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_RULES_CONTRIB_H
