//===- Model.h - An ONNX file in memory -------------------------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_MODEL_H
#define NACRE_COMPILER_IMPORT_ONNX_MODEL_H

#include "mlir/Support/LLVM.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"
#include <memory>
#include <string>

namespace nacre::proto {
class ModelProto;
class TensorProto;
} // namespace nacre::proto

namespace nacre::onnx {

/// A read-only file in memory. Constants of a module hold a reference to it.
class MappedFile {
public:
  /// Takes `fd`, which must be open for reading, and closes it. Anything but a
  /// regular file is an error.
  static llvm::Expected<std::shared_ptr<const MappedFile>>
  map(int fd, llvm::StringRef name);
  ~MappedFile();

  llvm::StringRef bytes() const { return content; }

private:
  explicit MappedFile(llvm::StringRef content) : content(content) {}
  llvm::StringRef content;
};

/// Bytes, and what keeps them alive.
struct SharedBytes {
  llvm::StringRef bytes;
  std::shared_ptr<const void> owner;
  /// The end is the file's, not the tensor's: more may follow.
  bool openEnded = false;
};

/// A parsed model. Long tensor data is not in `proto()`, see WireScan.h.
class Model {
public:
  static llvm::Expected<std::unique_ptr<Model>> open(llvm::StringRef path);
  /// From bytes that stay the caller's while modules made from them live.
  /// `folder` is where external data may lie; empty: there is none.
  static llvm::Expected<std::unique_ptr<Model>>
  fromBytes(llvm::StringRef bytes, llvm::StringRef name,
            llvm::StringRef folder);
  ~Model();

  const proto::ModelProto &proto() const { return *message; }
  llvm::StringRef name() const { return modelName; }

  /// The raw bytes of `tensor`, wherever they are: in the message, in the model
  /// file, or in a file beside it. Nothing if the tensor has none (its elements
  /// are in typed fields, or it is empty).
  llvm::Expected<std::optional<SharedBytes>>
  rawData(const proto::TensorProto &tensor) const;

private:
  Model() = default;
  llvm::Error parse(llvm::StringRef bytes);
  llvm::Expected<SharedBytes> external(const proto::TensorProto &tensor) const;
  llvm::Expected<std::shared_ptr<const MappedFile>>
  openBeside(llvm::StringRef location) const;

  std::string modelName, folder;
  std::unique_ptr<proto::ModelProto> message;
  std::shared_ptr<const MappedFile> file; ///< null if from bytes
  llvm::StringRef content;
  mutable llvm::StringMap<std::shared_ptr<const MappedFile>> beside;
};

/// `name` in quotes, escaped, and cut if it is very long.
std::string quoted(llvm::StringRef name);

} // namespace nacre::onnx

#endif // NACRE_COMPILER_IMPORT_ONNX_MODEL_H
