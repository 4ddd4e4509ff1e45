//===- Infer.h - What the shape rules of ops share --------------*- C++ -*-===//
#ifndef NACRE_DIALECTS_GRAPH_INFER_H
#define NACRE_DIALECTS_GRAPH_INFER_H

#include "dialects/graph/Graph.h"

namespace nacre::graph::detail {

using Dims = llvm::SmallVector<Expr>;
using Elements = std::optional<llvm::SmallVector<Expr>>;
using Results = llvm::SmallVectorImpl<ValueShape>;

inline std::optional<int64_t> constantOf(Expr expr) {
  return ShapeContext::asConstant(expr);
}

inline mlir::Type elementType(mlir::Value value) {
  return mlir::getElementTypeOrSelf(value.getType());
}

/// The elements of a small integer tensor under their multi-indices.
struct Data {
  llvm::SmallVector<int64_t> sizes;
  llvm::SmallVector<Expr> elements;
  Expr at(llvm::ArrayRef<int64_t> position) const;
};
std::optional<Data> readData(ShapeContext &context, mlir::Value value);

/// Elements of a result with these dims, or nothing if they are too many or of
/// dynamic size. `element` may give null for one it does not know.
Elements
makeElements(llvm::ArrayRef<Expr> dims,
             llvm::function_ref<Expr(llvm::ArrayRef<int64_t>)> element);

/// Fails with a message that begins with the label's text if `axis` is not in
/// [0, rank).
llvm::LogicalResult checkAxis(mlir::Operation *op, int64_t axis, int64_t rank);
/// The same for several axes, none named twice.
llvm::LogicalResult checkAxes(mlir::Operation *op, llvm::ArrayRef<int64_t> axes,
                              int64_t rank);
/// The elements of a shape operand, one per dim; nothing, with an error, if
/// it is not a 1-D i64 tensor of static length.
Elements readShape(mlir::Operation *op, ShapeContext &context,
                   mlir::Value shape, llvm::StringRef name);

// Element types as the rows of the documentation name them.
bool isFloat(mlir::Type type);   ///< f16, bf16, f32, f64
bool isInteger(mlir::Type type); ///< integers but i1
bool isNumber(mlir::Type type);  ///< either
bool isByte(mlir::Type type);    ///< i8, ui8
bool isBool(mlir::Type type);    ///< i1

/// Dims as text: [2, ?, 3].
std::string toString(llvm::ArrayRef<Expr> dims);

} // namespace nacre::graph::detail

#endif // NACRE_DIALECTS_GRAPH_INFER_H
