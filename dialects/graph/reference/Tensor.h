//===- Tensor.h - Tensors of the reference implementation -------*- C++ -*-===//
//
// A host tensor: an element type, dims, and bytes in row-major order. Elements
// take whole bytes: bool one, and 2-, 4- and 6-bit elements one each, in the
// low bits; strings, sequences, optionals and maps are pointers to attributes
// (Host.h). A tensor shares its bytes with its copies and may view memory that
// it does not own.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_DIALECTS_GRAPH_REFERENCE_TENSOR_H
#define NACRE_DIALECTS_GRAPH_REFERENCE_TENSOR_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include <cstdint>
#include <memory>
#include <optional>

namespace nacre::graph::reference {

using Dims = llvm::SmallVector<int64_t, 6>;

/// The product of dims, or nothing if it does not fit.
std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> dims);

class Tensor {
public:
  /// No tensor: neither type nor bytes.
  Tensor() = default;

  /// A tensor of zeros. Null if memory is short or the size does not fit.
  static Tensor zeros(mlir::Type elementType, llvm::ArrayRef<int64_t> dims);
  /// A tensor over bytes that outlive it and all its copies.
  static Tensor view(mlir::Type elementType, llvm::ArrayRef<int64_t> dims,
                     const void *bytes);
  /// A 0-D or 1-D i64 tensor.
  static Tensor scalar(mlir::MLIRContext *context, int64_t value);
  static Tensor vector(mlir::MLIRContext *context,
                       llvm::ArrayRef<int64_t> values);
  /// The value of a constant. Resource blobs are viewed, splats are spread out.
  /// Null for a kind of attribute without elements at hand.
  static Tensor fromAttr(mlir::ElementsAttr attr);

  explicit operator bool() const { return static_cast<bool>(type); }

  /// The value as a constant: dense up to 1 KiB and for splats, else a resource
  /// named by the hash of its bytes, so that equal content is one resource.
  mlir::ElementsAttr toAttr() const;

  mlir::Type elementType() const { return type; }
  llvm::ArrayRef<int64_t> dims() const { return shape; }
  int64_t dim(unsigned k) const { return shape[k]; }
  int64_t rank() const { return shape.size(); }
  int64_t size() const { return count; }
  unsigned elementBytes() const { return bytesOf(type); }
  int64_t bytes() const { return count * elementBytes(); }

  const char *raw() const { return data; }
  /// Bytes that only this tensor sees; those it shares or views are copied.
  char *rawMutable();
  template <typename T>
  const T *as() const {
    return reinterpret_cast<const T *>(data);
  }

  /// The same bytes under other dims of the same product.
  Tensor reshaped(llvm::ArrayRef<int64_t> dims) const;
  /// The same bytes read as another type of the same width.
  Tensor bitcast(mlir::Type to) const;

  /// Element `i` in row-major order, converted; stores round to nearest even
  /// and wrap. Of 64-bit integers `real` loses low bits.
  double real(int64_t i) const;
  int64_t integer(int64_t i) const;
  void setReal(int64_t i, double value);
  void setInteger(int64_t i, int64_t value);
  /// The bits of element `i`, in the low ones.
  uint64_t bits(int64_t i) const;
  void setBits(int64_t i, uint64_t value);

  /// Bytes that one element takes.
  static unsigned bytesOf(mlir::Type type) { return (bitsOf(type) + 7) / 8; }
  static unsigned bitsOf(mlir::Type type) {
    return type.isIntOrFloat() ? type.getIntOrFloatBitWidth() : 64;
  }

private:
  Tensor(mlir::Type type, llvm::ArrayRef<int64_t> dims, int64_t count)
      : type(type), shape(dims.begin(), dims.end()), count(count) {}

  mlir::Type type;
  Dims shape;
  int64_t count = 0;
  /// Owns the bytes, if anything here does.
  std::shared_ptr<char> owner;
  char *data = nullptr;
};

/// IEEE half and bfloat16, to nearest even.
uint16_t floatToHalf(float value);
float halfToFloat(uint16_t bits);
uint16_t floatToBrain(float value);
float brainToFloat(uint16_t bits);

} // namespace nacre::graph::reference

#endif // NACRE_DIALECTS_GRAPH_REFERENCE_TENSOR_H
