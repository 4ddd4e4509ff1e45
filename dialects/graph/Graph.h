#ifndef NACRE_DIALECTS_GRAPH_GRAPH_H
#define NACRE_DIALECTS_GRAPH_GRAPH_H

#include "dialects/graph/Shape.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/graph/GraphDialect.h.inc"
#include "dialects/graph/GraphEnums.h.inc"
#include "dialects/graph/GraphInterfaces.h.inc"

#define GET_OP_CLASSES
#include "dialects/graph/GraphOps.h.inc"

namespace nacre::graph {

/// Name of the function argument and result attribute that holds one entry per
/// dim: a string (a symbol) or an integer.
inline constexpr llvm::StringLiteral kDimsAttrName = "graph.dims";
/// Name of the function argument and result attribute with the ONNX name.
inline constexpr llvm::StringLiteral kNameAttrName = "graph.name";

/// `type` without its sign: what `graph-to-linalg` and scalar bodies work on.
mlir::Type signlessElementType(mlir::Type type);

} // namespace nacre::graph

#endif // NACRE_DIALECTS_GRAPH_GRAPH_H
