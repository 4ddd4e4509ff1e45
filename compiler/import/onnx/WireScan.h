//===- WireScan.h - Leave tensor data out of a parse ------------*- C++ -*-===//
//
// protobuf copies every `raw_data` into a string: a model of 1 GB takes 1 GB
// more. The scan walks the wire format down to TensorProto and writes the model
// again without long `raw_data` fields; what remains of each is where it stands
// in the file (`mapped_offset`, `mapped_size`).
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_WIRESCAN_H
#define NACRE_COMPILER_IMPORT_ONNX_WIRESCAN_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace nacre::onnx {

/// Longer `raw_data` stays in the file.
inline constexpr size_t kMaxInlineRawData = 1024;
/// Subgraphs, types and functions may nest this deep.
inline constexpr unsigned kMaxNesting = 64;

/// Writes the ModelProto `model` to `out` without long tensor data. Fails if it
/// is not the wire format of a ModelProto; `error` then says why.
llvm::LogicalResult scanModel(llvm::StringRef model, std::string &out,
                              std::string &error);

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_WIRESCAN_H
