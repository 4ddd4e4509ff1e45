#ifndef NACRE_PASSES_PROGRAM_ORIGINS_H
#define NACRE_PASSES_PROGRAM_ORIGINS_H

#include "mlir/Dialect/Bufferization/Transforms/BufferViewFlowAnalysis.h"

namespace nacre::program {

/// The buffers that `buffer` may be a part or another name of. The arena is
/// none: slices of it share bytes only if their values are never needed at the
/// same time.
llvm::SmallVector<mlir::Value>
originsOf(const mlir::BufferViewFlowAnalysis &views, mlir::Value buffer);

} // namespace nacre::program

#endif // NACRE_PASSES_PROGRAM_ORIGINS_H
