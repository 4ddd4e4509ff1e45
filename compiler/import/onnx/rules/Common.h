//===- Common.h - Compositions that several families use --------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_RULES_COMMON_H
#define NACRE_COMPILER_IMPORT_ONNX_RULES_COMMON_H

#include "compiler/import/onnx/Loop.h"

namespace nacre::onnx {

// Axes.cpp: axes that are known at run time only.
/// 1 at each position of `[0, rank)` that `axes` (negative ones count from the
/// end) name, as an i64 vector.
mlir::Value axisMask(Node &n, mlir::Value axes, int64_t rank);
/// `x` with the dims where the i64 vector `mask` is 0, of which there are
/// `left`.
mlir::Value keepDims(Node &n, mlir::Value x, mlir::Value mask, int64_t left);
/// `x` with dims of 1 where `mask`, over the result's dims, is 1.
mlir::Value insertDims(Node &n, mlir::Value x, mlir::Value mask, int64_t rank);
/// The number of axes in `axes`; reports if that is not known.
int64_t countAxes(Node &n, mlir::Value axes);
/// `build(k)` for the k in `[0, count)` that the scalar `axis` of a tensor of
/// rank `rank` names; for one that is not there the last.
mlir::Value switchAxis(Node &n, mlir::Value axis, int64_t rank, int64_t count,
                       llvm::function_ref<mlir::Value(int64_t)> build);

// String.cpp
/// Whether the elements are strings.
bool isString(Node &n, mlir::Value x);
/// Numbers as strings, or back.
mlir::Value castString(Node &n, mlir::Value x, mlir::Type to);

// Activation.cpp
mlir::Value softplus(Node &n, mlir::Value x);
mlir::Value gelu(Node &n, mlir::Value x, bool tanh);
mlir::Value silu(Node &n, mlir::Value x, double alpha = 1);

// Reduce.cpp
/// The axes of a reduction: an attribute before `inputSince`, then an operand.
/// All axes if there are none, or none if `noop_with_empty_axes` says so.
std::optional<Node::Ints> reductionAxes(Node &n, mlir::Value x,
                                        int64_t inputSince);

// Window.cpp
/// strides, dilations, pads (before each dim, then after each) of a window over
/// `spatial` dims. `input` comes back padded where that depends on dims known
/// at run time only.
struct Window {
  Node::Ints size, strides, dilations, pads;
  bool ceil = false;
};
/// Convolution by ONNX attributes; null after an error. A bias is the caller's.
/// Padding is `fill`, or 0 if that is null.
mlir::Value convolution(Node &n, mlir::Value x, mlir::Value weight,
                        mlir::Value fill = {});
/// Of bytes less their zero points (null: none), in i32.
mlir::Value convolutionInteger(Node &n, mlir::Value x, mlir::Value weight,
                               mlir::Value xZero, mlir::Value weightZero);
mlir::Value transposedConvolution(Node &n, mlir::Value x, mlir::Value weight);
mlir::Value averagePool(Node &n, mlir::Value x);
mlir::Value maxPool(Node &n, mlir::Value x);
/// Adds `bias`, a vector over the channels, if there is one.
mlir::Value addChannels(Node &n, mlir::Value x, mlir::Value bias);

// Normalization.cpp
/// (x - mean) / sqrt(variance + epsilon) over `axes`, computed in f32 or wider
/// and left in that type. `mean` and `inverse` take the statistics.
mlir::Value standardize(Node &n, mlir::Value x, llvm::ArrayRef<int64_t> axes,
                        double epsilon, mlir::Value *mean = nullptr,
                        mlir::Value *inverse = nullptr);
/// f32 for narrower floats, else the type itself.
mlir::Type computeType(Node &n, mlir::Value x);

// Matmul.cpp
/// As ONNX MatMul: vectors are rows or columns.
mlir::Value matmul(Node &n, mlir::Value x, mlir::Value y);
/// The whole of Gemm.
mlir::Value gemm(Node &n);
/// Of integers less their zero points (null: none), in i32.
mlir::Value matmulInteger(Node &n, mlir::Value x, mlir::Value y,
                          mlir::Value xZero, mlir::Value yZero);

// Quantize.cpp
mlir::Value quantize(Node &n, mlir::Value x, mlir::Value scale,
                     mlir::Value zeroPoint, bool saturate = true);
mlir::Value dequantize(Node &n, mlir::Value x, mlir::Value scale,
                       mlir::Value zeroPoint);
/// The scale and zero point of bytes that hold all of `x`, and 0.
std::pair<mlir::Value, mlir::Value> byteRange(Node &n, mlir::Value x);
/// A scale or zero point so that it broadcasts against `x`: one for all, one
/// per index of `axis`, or one per block of `block` along it.
mlir::Value spread(Node &n, mlir::Value value, mlir::Value x, int64_t axis,
                   int64_t block);
/// QLinearConv of `x`; all other operands are the node's.
mlir::Value quantizedConvolution(Node &n, mlir::Value x);

// Random.cpp
/// Numbers from `kind` with the node's own seed, in `type`.
mlir::Value randomValue(Node &n, mlir::Value shape, graph::RandomKind kind,
                        double a, double b, mlir::Type type);

// Indexing.cpp
/// 1 where `indices` (negative ones count from `depth`) name the position along
/// a new axis `axis`, as i1.
mlir::Value oneHot(Node &n, mlir::Value indices, mlir::Value depth,
                   int64_t axis);

// Search.cpp
/// How many rows are in each of the groups that `inverse` names; `first` has
/// one element per group.
mlir::Value countRows(Node &n, mlir::Value first, mlir::Value inverse);

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_RULES_COMMON_H
