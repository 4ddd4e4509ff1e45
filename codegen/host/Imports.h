#ifndef NACRE_CODEGEN_HOST_IMPORTS_H
#define NACRE_CODEGEN_HOST_IMPORTS_H

#include "codegen/host/Link.h"

#include "llvm/ADT/StringSet.h"

namespace nacre::codegen {

/// The global symbols of the objects of one link.
struct LinkSymbols {
  llvm::StringSet<> defined;
  /// Undefined in all of them, sorted.
  std::vector<std::string> imports;
};

/// Reads the symbols of `objects`; fails, with a diagnostic at `loc`, if an
/// object is damaged, a symbol is defined twice, or one is undefined that is
/// neither an allowed import nor `weightsName`.
mlir::FailureOr<LinkSymbols> readSymbols(llvm::ArrayRef<LinkObject> objects,
                                         llvm::StringRef weightsName,
                                         mlir::Location loc);

/// The functions of libm that a model may import.
llvm::ArrayRef<llvm::StringLiteral> mathImports();

/// Whether one of `imports` is from libm.
bool needsMath(llvm::ArrayRef<std::string> imports);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_HOST_IMPORTS_H
