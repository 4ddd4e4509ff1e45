#ifndef NACRE_DIALECTS_PROGRAM_PROGRAM_H
#define NACRE_DIALECTS_PROGRAM_PROGRAM_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

#include "dialects/program/ProgramDialect.h.inc"

#define GET_OP_CLASSES
#include "dialects/program/ProgramOps.h.inc"

namespace nacre::program {

/// Attributes that `program-plan` leaves on the module: the constants and their
/// places, `[[offset, elements], ...]` by ascending offset, and bytes in all.
inline constexpr llvm::StringLiteral kWeightsAttr = "program.weights";
inline constexpr llvm::StringLiteral kWeightsBytesAttr =
    "program.weights_bytes";
/// On the entry: one dictionary per output, what were the result attributes and
/// `type`, its tensor type.
inline constexpr llvm::StringLiteral kOutputsAttr = "program.outputs";
/// Names of the signature's attributes on arguments and results.
inline constexpr llvm::StringLiteral kNameAttr = "graph.name";
inline constexpr llvm::StringLiteral kDimsAttr = "graph.dims";
inline constexpr llvm::StringLiteral kDtypeAttr = "graph.dtype";

/// Bytes of one element in memory; 4-bit and 2-bit types and i1 take one.
uint64_t elementBytes(mlir::Type element);

/// Whether a buffer's elements follow each other in row-major order, so that it
/// is a pointer for a kernel. The offset may be anything.
bool isDense(mlir::MemRefType type);

} // namespace nacre::program

#endif // NACRE_DIALECTS_PROGRAM_PROGRAM_H
