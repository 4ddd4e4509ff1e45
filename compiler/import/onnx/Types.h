//===- Types.h - ONNX data types as MLIR types ------------------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_TYPES_H
#define NACRE_COMPILER_IMPORT_ONNX_TYPES_H

#include "mlir/IR/BuiltinTypes.h"
#include <string>

namespace nacre::proto {
class TypeProto;
} // namespace nacre::proto

namespace nacre::onnx {

/// Values of TensorProto.DataType. The packaged schema stops at bfloat16.
enum DataType : int32_t {
  Undefined,
  Float,
  UInt8,
  Int8,
  UInt16,
  Int16,
  Int32,
  Int64,
  String,
  Bool,
  Float16,
  Double,
  UInt32,
  UInt64,
  Complex64,
  Complex128,
  BFloat16,
  Float8E4M3FN,
  Float8E4M3FNUZ,
  Float8E5M2,
  Float8E5M2FNUZ,
  UInt4,
  Int4,
  Float4E2M1,
  Float8E8M0,
  UInt2,
  Int2,
  NumDataTypes
};

/// The element type of a data type; null for unknown numbers.
mlir::Type elementType(mlir::MLIRContext *context, int64_t dataType);
/// The element type that a sequence, optional or map is as a tensor; null for
/// other types, and for content that is not known. Of tensors inside, dims are
/// open: what models declare there is a hint.
mlir::Type containerType(mlir::MLIRContext *context,
                         const proto::TypeProto &type);
/// ONNX's name ("float", "int4"), or "data type 99".
std::string dataTypeName(int64_t dataType);
/// How messages write an element type: ONNX's name.
std::string typeName(mlir::Type elementType);
/// A type as ONNX writes it: "tensor(float)", "seq(tensor(int64))".
std::string typeName(const proto::TypeProto &type);

/// Bits of one element as ONNX stores it: bool takes a byte.
unsigned storageBits(mlir::Type elementType);
/// Bytes of `count` elements as ONNX packs them, nothing if that overflows or
/// is more than any machine has.
std::optional<uint64_t> storageBytes(mlir::Type elementType, uint64_t count);
/// "2, 3", for messages.
std::string joined(llvm::ArrayRef<int64_t> numbers);
/// Product of `dims`, dynamic dims left out; nothing if it overflows.
std::optional<uint64_t> countElements(llvm::ArrayRef<int64_t> dims);

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_TYPES_H
