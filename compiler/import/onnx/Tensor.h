//===- Tensor.h - ONNX tensors as attributes --------------------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_TENSOR_H
#define NACRE_COMPILER_IMPORT_ONNX_TENSOR_H

#include "compiler/import/onnx/Model.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace nacre::proto {
class SparseTensorProto;
} // namespace nacre::proto

namespace nacre::onnx {

/// Larger tensors are refused before memory is taken.
inline constexpr uint64_t kMaxTensorBytes = uint64_t(1) << 40;
/// A sparse tensor may become this large when its zeros are written out.
inline constexpr uint64_t kMaxDenseBytes = uint64_t(1) << 28;

/// The elements of `tensor`: `dense` up to 1 KiB and for splats, else a
/// resource over the bytes where they are, named by the hash of its content.
/// All sizes are checked against the dims first.
llvm::Expected<mlir::ElementsAttr> readTensor(const Model &model,
                                              const proto::TensorProto &tensor,
                                              mlir::MLIRContext *context);
llvm::Expected<mlir::ElementsAttr>
readSparse(const Model &model, const proto::SparseTensorProto &sparse,
           mlir::MLIRContext *context);

/// The constant of `type` with elements `bytes` (little-endian, whole bytes).
mlir::ElementsAttr makeElements(mlir::RankedTensorType type, SharedBytes bytes);

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_TENSOR_H
