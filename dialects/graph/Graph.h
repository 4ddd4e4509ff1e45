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

#define GET_TYPEDEF_CLASSES
#include "dialects/graph/GraphTypes.h.inc"

namespace nacre::graph {
/// Trait of ops that one lowering turns into a call of the host function of the
/// same name: its arguments are the operands, then the integer attributes in the
/// order of their names.
template <typename ConcreteType>
class HostComputed
    : public mlir::OpTrait::TraitBase<ConcreteType, HostComputed> {};
} // namespace nacre::graph

#define GET_OP_CLASSES
#include "dialects/graph/GraphOps.h.inc"

namespace nacre::graph {

/// Name of the function argument and result attribute that holds one entry per
/// dim: a string (a symbol) or an integer.
inline constexpr llvm::StringLiteral kDimsAttrName = "graph.dims";
/// Name of the function argument and result attribute with the ONNX name.
inline constexpr llvm::StringLiteral kNameAttrName = "graph.name";

/// Whether only host code can look into an element: strings, sequences,
/// optionals and maps.
bool isHostType(mlir::Type type);
/// The element type whose values are those of `a` and of `b`; null if there is
/// none. Sequences and optionals of different content have one.
mlir::Type joinElementTypes(mlir::Type a, mlir::Type b);
/// What a sequence or optional of both contents holds; null if none does.
mlir::Type joinContents(mlir::Type a, mlir::Type b);
/// A value as the content of a sequence or optional.
mlir::Type contentOf(mlir::RankedTensorType value);
/// The type of the elements that content has, whatever is known of their shape.
mlir::Type elementOfContent(mlir::Type content);

/// `type` without its sign: what `graph-to-linalg` and scalar bodies work on.
mlir::Type signlessElementType(mlir::Type type);

} // namespace nacre::graph

#endif // NACRE_DIALECTS_GRAPH_GRAPH_H
