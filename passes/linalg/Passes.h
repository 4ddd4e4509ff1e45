#ifndef NACRE_PASSES_LINALG_PASSES_H
#define NACRE_PASSES_LINALG_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/Pass.h"

namespace nacre::lower {

/// Function argument and result attribute with the ONNX element type, sign
/// included, which the type itself lacks after `graph-to-linalg`.
inline constexpr llvm::StringLiteral kDtypeAttrName = "graph.dtype";

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/linalg/Passes.h.inc"

} // namespace nacre::lower

#endif // NACRE_PASSES_LINALG_PASSES_H
