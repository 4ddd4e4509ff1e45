//===- Tensor.h - Tensors in files ------------------------------*- C++ -*-===//
//
// `.npy` and ONNX's TensorProto `.pb`. Needs neither LLVM nor protobuf, so that
// a compiled executable can use it too. What is read is not trusted: sizes are
// checked against the file before memory is taken.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_TOOLS_NACRE_IO_TENSOR_H
#define NACRE_TOOLS_NACRE_IO_TENSOR_H

#include "nacre/abi.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace nacre::io {

/// A dense, row-major tensor with the runtime's layout: little-endian, a whole
/// byte per element of 4 bits or fewer. Or a sequence, optional or map, of which
/// `items` are the tensors; those of a map are its keys and its values.
struct Tensor {
  uint32_t dtype = 0; ///< nacre_dtype
  std::vector<int64_t> dims;
  std::vector<uint8_t> data;
  std::vector<std::string> strings; ///< instead of `data`
  std::vector<Tensor> items;
  std::string name; ///< of a TensorProto; not in `.npy`
};

/// Bytes of an element in `Tensor::data`; 0 for strings, what holds other tensors
/// and unknown types.
size_t elementBytes(uint32_t dtype);
/// Whether it is a sequence, optional or map.
bool isContainer(uint32_t dtype);
/// Bits of an element in TensorProto's raw data.
unsigned packedBits(uint32_t dtype);
/// ONNX's name: "float", "int4", ...; "data type 99".
std::string dtypeName(uint32_t dtype);
/// "float[2, 3]".
std::string describe(uint32_t dtype, const std::vector<int64_t> &dims);
/// The product of `dims`; false if one is negative or the product exceeds 2^48.
bool countElements(const std::vector<int64_t> &dims, uint64_t &count);

/// All functions below return true, or false with one line in `error`.

/// Versions 1 to 3, both orders, both byte orders. numpy has no name for ONNX's
/// narrow types: such arrays are "void" in the file, and are read as
/// `expected` if that has the same size.
bool readNpy(std::string_view bytes, uint32_t expected, Tensor &tensor,
             std::string &error);
/// Version 1 (2 if the header is long). Narrow types are written as ml_dtypes
/// does: "V1", "V2".
std::string writeNpy(const Tensor &tensor);

/// A TensorProto with its data inside, in raw or typed fields.
bool readProto(std::string_view bytes, Tensor &tensor, std::string &error);
std::string writeProto(const Tensor &tensor);

/// A SequenceProto, OptionalProto, MapProto or TensorProto, as `expected` says.
bool readValue(std::string_view bytes, uint32_t expected, Tensor &tensor,
               std::string &error);
std::string writeValue(const Tensor &tensor);

/// By the name's ending; `expected` is the dtype (0: any tensor). Messages start
/// with the path.
bool readTensorFile(const std::string &path, uint32_t expected, Tensor &tensor,
                    std::string &error);
/// Written to the end before it gets its name.
bool writeTensorFile(const std::string &path, const Tensor &tensor,
                     std::string &error);

bool readFile(const std::string &path, std::string &bytes, std::string &error);
bool writeFile(const std::string &path, std::string_view bytes,
               std::string &error);

} // namespace nacre::io

#endif // NACRE_TOOLS_NACRE_IO_TENSOR_H
