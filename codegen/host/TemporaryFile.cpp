#include "codegen/host/TemporaryFile.h"

#include "llvm/Support/FileSystem.h"

#include <sys/mman.h>
#include <unistd.h>

using namespace nacre::codegen;

TemporaryFile::~TemporaryFile() {
  if (descriptor >= 0)
    close(descriptor);
  else if (!name.empty())
    llvm::sys::fs::remove(name);
}

static llvm::Error
fill(int descriptor, bool closes, llvm::StringRef name,
     llvm::function_ref<void(llvm::raw_fd_ostream &)> contents) {
  llvm::raw_fd_ostream os(descriptor, closes);
  if (contents)
    contents(os);
  os.flush();
  std::error_code error = os.error();
  os.clear_error();
  return error ? llvm::createFileError(name, error) : llvm::Error::success();
}

llvm::Expected<TemporaryFile> TemporaryFile::inMemory(
    llvm::function_ref<void(llvm::raw_fd_ostream &)> contents) {
  TemporaryFile file;
  file.descriptor = memfd_create("nacre", MFD_CLOEXEC);
  if (file.descriptor < 0)
    return onDisk("/tmp/nacre", contents);
  file.name = "/proc/self/fd/" + std::to_string(file.descriptor);
  if (llvm::Error error =
          fill(file.descriptor, /*closes=*/false, file.name, contents))
    return error;
  return file;
}

llvm::Expected<TemporaryFile> TemporaryFile::onDisk(
    llvm::StringRef prefix,
    llvm::function_ref<void(llvm::raw_fd_ostream &)> contents) {
  llvm::SmallString<128> path;
  int descriptor;
  if (std::error_code error = llvm::sys::fs::createUniqueFile(
          prefix + "-%%%%%%%%.tmp", descriptor, path))
    return llvm::createFileError(prefix, error);
  TemporaryFile file;
  file.name = path.str();
  if (llvm::Error error =
          fill(descriptor, /*closes=*/true, file.name, contents))
    return error;
  return file;
}
