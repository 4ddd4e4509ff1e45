#ifndef NACRE_CODEGEN_COMMON_TILEANDFUSE_H
#define NACRE_CODEGEN_COMMON_TILEANDFUSE_H

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "llvm/ADT/SetVector.h"

namespace nacre::codegen {

/// `root` and the structured ops of its block that compute its operands,
/// directly or through each other.
llvm::SetVector<mlir::Operation *> producersOf(mlir::Operation *root);

/// Per loop of `root`: tiling it tiles all its producers too and computes no
/// element twice. Reduction loops are never shared. Fills do not count.
llvm::SmallVector<bool> sharedLoops(mlir::linalg::LinalgOp root);

/// Tiles `root` and fuses all producers; values that are used elsewhere as well
/// are yielded from the loops. Replaces the uses and erases what is dead.
llvm::FailureOr<mlir::scf::SCFTileAndFuseResult>
tileAndFuse(mlir::RewriterBase &rewriter, mlir::TilingInterface root,
            const mlir::scf::SCFTilingOptions &options);

} // namespace nacre::codegen

#endif // NACRE_CODEGEN_COMMON_TILEANDFUSE_H
