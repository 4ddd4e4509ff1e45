/// From objects to what a user runs: linked in memory, a shared object, or a
/// static library. All of them reject an undefined symbol that is not on the
/// list of libc and libm symbols that a model may import.
#ifndef NACRE_CODEGEN_HOST_LINK_H
#define NACRE_CODEGEN_HOST_LINK_H

#include "codegen/host/Weights.h"

#include "nacre/abi.h"

#include "mlir/IR/Location.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <memory>

namespace nacre::codegen {

/// A relocatable object in memory. The name is used in a static library and in
/// messages; it must be a valid file name, unique in one link.
struct LinkObject {
  std::string name;
  llvm::ArrayRef<char> bytes;
};

/// Whether a model may leave `symbol` undefined: functions of libc and libm
/// that every platform has. Compiler helpers (libgcc) are not.
bool isAllowedImport(llvm::StringRef symbol);

/// A model that was linked in memory; runs while this lives.
class JitModel {
public:
  virtual ~JitModel() = default;
  const nacre_descriptor *descriptor() const { return model; }

protected:
  const nacre_descriptor *model = nullptr;
};

/// Links `objects` (this machine's) in memory; `exportName` as in HostModule.
/// The bytes of objects and weights are copied. Any thread. Reports failures at
/// `loc` and returns null.
std::unique_ptr<JitModel>
linkInMemory(llvm::ArrayRef<LinkObject> objects, const Weights &weights,
             mlir::Location loc, llvm::StringRef exportName = "nacre_model",
             llvm::StringRef weightsName = "nacre_weights");

/// Links a shared object to `path`, byte for byte the same for the same input.
/// Any thread; one link runs at a time.
llvm::LogicalResult
linkSharedObject(llvm::ArrayRef<LinkObject> objects, const Weights &weights,
                 llvm::StringRef path, mlir::Location loc,
                 llvm::StringRef weightsName = "nacre_weights");

/// Writes an object that defines `weightsName` (hidden) as the bytes of
/// `weights`, in section .lrodata.nacre, page-aligned. `arch` as in LLVM
/// triples: x86_64, aarch64, riscv64, loongarch64.
void writeWeightsObject(const Weights &weights, llvm::StringRef arch,
                        llvm::raw_ostream &os,
                        llvm::StringRef weightsName = "nacre_weights");

/// Writes the static library `path` (ends in .a) of `objects` and the weights,
/// and beside it (`.h` for `.a`) a header that declares `exportName`.
llvm::LogicalResult
writeStaticLibrary(llvm::ArrayRef<LinkObject> objects, const Weights &weights,
                   llvm::StringRef arch, llvm::StringRef path,
                   llvm::StringRef exportName, mlir::Location loc,
                   llvm::StringRef weightsName = "nacre_weights");

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_HOST_LINK_H
