#ifndef NACRE_CODEGEN_HOST_APPENDWEIGHTS_H
#define NACRE_CODEGEN_HOST_APPENDWEIGHTS_H

#include "codegen/host/Weights.h"

#include "llvm/Support/Error.h"

namespace nacre::codegen {

/// Writes the artifact `path`: `linked`, a shared object in which the weights'
/// section has an address but no bytes, then the weights, mapped to that
/// address, then the seal by which the runtime finds damage.
llvm::Error writeWithWeights(llvm::StringRef linked, const Weights &weights,
                             llvm::StringRef path);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_HOST_APPENDWEIGHTS_H
