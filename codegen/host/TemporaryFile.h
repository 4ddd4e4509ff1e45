#ifndef NACRE_CODEGEN_HOST_TEMPORARYFILE_H
#define NACRE_CODEGEN_HOST_TEMPORARYFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <string>

namespace nacre::codegen {

/// A file that is gone when this is.
class TemporaryFile {
public:
  TemporaryFile() = default;
  TemporaryFile(TemporaryFile &&other) { *this = std::move(other); }
  TemporaryFile &operator=(TemporaryFile &&other) {
    std::swap(name, other.name);
    std::swap(descriptor, other.descriptor);
    return *this;
  }
  ~TemporaryFile();

  /// Anonymous memory with a path, for what is small.
  static llvm::Expected<TemporaryFile>
  inMemory(llvm::function_ref<void(llvm::raw_fd_ostream &)> contents);
  /// A file whose path starts with `prefix`, for what is large; empty if there
  /// are no contents.
  static llvm::Expected<TemporaryFile>
  onDisk(llvm::StringRef prefix,
         llvm::function_ref<void(llvm::raw_fd_ostream &)> contents = nullptr);

  const std::string &path() const { return name; }

private:
  std::string name;
  /// Of anonymous memory; -1 for a file.
  int descriptor = -1;
};

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_HOST_TEMPORARYFILE_H
