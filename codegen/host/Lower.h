#ifndef NACRE_CODEGEN_HOST_LOWER_H
#define NACRE_CODEGEN_HOST_LOWER_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/ADT/ArrayRef.h"

#include <string>

namespace nacre::codegen {

/// The function that an entry called `name` becomes.
std::string entrySymbol(llvm::StringRef name);

/// Copies the entries of a `program` stage module and lowers them to the LLVM
/// dialect: `int32_t nacre_entry_<name>(host, context, inputs, dims)`. A launch
/// names its kernel by the position in `kernels`. All of `functions` comes
/// along. Null, after a diagnostic, on failure.
mlir::OwningOpRef<mlir::ModuleOp>
lowerHost(mlir::ModuleOp program, llvm::ArrayRef<llvm::StringRef> kernels,
          llvm::ArrayRef<mlir::ModuleOp> functions = {});

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_HOST_LOWER_H
