#ifndef NACRE_PASSES_LINALG_FOLDPACK_H
#define NACRE_PASSES_LINALG_FOLDPACK_H

#include "mlir/IR/PatternMatch.h"

namespace nacre::lower {

/// pack(constant) -> constant, once, at compile time.
void populateFoldPackPatterns(mlir::RewritePatternSet &patterns);

/// op(unpack(x), ...) -> unpack(op'(x, pack(...))), also for reshapes and ifs.
void populatePropagateUnpackPatterns(mlir::RewritePatternSet &patterns);

/// pack and unpack -> transposes between reshapes, which fuse as loops do.
void populateLowerPackPatterns(mlir::RewritePatternSet &patterns);

} // namespace nacre::lower

#endif // NACRE_PASSES_LINALG_FOLDPACK_H
