#ifndef NACRE_CODEGEN_HOST_DESCRIPTOR_H
#define NACRE_CODEGEN_HOST_DESCRIPTOR_H

#include "codegen/host/Host.h"

#include "llvm/IR/Module.h"

namespace nacre::codegen {

/// Adds the nacre_descriptor and all it points to, and the exported pointer to
/// it, to a module that holds the entry functions.
llvm::LogicalResult emitDescriptor(const HostModule &host,
                                   llvm::Module &module);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_HOST_DESCRIPTOR_H
