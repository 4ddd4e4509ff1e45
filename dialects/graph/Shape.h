//===- Shape.h - Symbolic dims and shape data of graph values ---*- C++ -*-===//
//
// A dim is an affine expression over symbols; so is each element of a small
// integer tensor whose elements are known in terms of dims (shapes that a model
// computes). Expressions are simplified and uniqued by MLIR, so two dims are
// known to be equal if their expressions are the same pointer.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_DIALECTS_GRAPH_SHAPE_H
#define NACRE_DIALECTS_GRAPH_SHAPE_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringMap.h"
#include <optional>

namespace nacre::graph {

using Expr = mlir::AffineExpr;

/// What is known about one value.
struct ValueShape {
  mlir::Type elementType;
  llvm::SmallVector<Expr> dims;
  /// One expression per element, row-major, for integer and bool tensors of at
  /// most `ShapeContext::kMaxElements` elements; empty optional if not known.
  std::optional<llvm::SmallVector<Expr>> elements;
};

/// Where a symbol gets its value at run time.
struct Symbol {
  enum Kind {
    ArgDim,    ///< dim `index` of the block argument `value`
    ResultDim, ///< dim `index` of the op result `value`, known after it ran
    Element,   ///< element `index` (row-major) of the tensor `value`
    Max,       ///< greater of operands 0 and 1
    Min,       ///< less of operands 0 and 1
    Select,    ///< operand 0 == operand 1 ? operand 2 : operand 3
    Less,      ///< operand 0 < operand 1 ? 1 : 0
  };
  Kind kind;
  mlir::Value value;
  int64_t index = 0;
  llvm::SmallVector<Expr, 4> operands;
};

/// Shapes of all values of a function, computed on demand and kept. Values
/// must not be erased while the context lives, or `forget` must be told.
class ShapeContext {
public:
  /// Larger tensors are data, not shapes.
  static constexpr int64_t kMaxElements = 64;

  explicit ShapeContext(mlir::MLIRContext *context) : context(context) {}

  mlir::MLIRContext *getContext() const { return context; }

  /// The shape of `value`, from its defining op's ShapeOpInterface, or from its
  /// type (and `graph.dims`) for arguments and other ops. Static dims of its
  /// type always win.
  const ValueShape &shape(mlir::Value value);
  llvm::ArrayRef<Expr> dims(mlir::Value value) { return shape(value).dims; }
  /// Expressions of the elements of a small integer tensor. Elements that are
  /// not known in terms of dims are `Element` symbols, so this fails only for
  /// tensors of dynamic size, of more than kMaxElements, or not of integers.
  std::optional<llvm::SmallVector<Expr>> elements(mlir::Value value);
  /// The elements if all are constants.
  std::optional<llvm::SmallVector<int64_t>> constantElements(mlir::Value value);

  void set(mlir::Value value, ValueShape shape);
  void forget(mlir::Value value) { known.erase(value); }

  Expr constant(int64_t value) const;
  /// The expression of a symbol; equal symbols give equal expressions.
  Expr symbol(Symbol symbol);
  const Symbol &symbolAt(unsigned position) const { return symbols[position]; }
  unsigned numSymbols() const { return symbols.size(); }
  /// The symbol that an expression consists of, or null.
  const Symbol *asSymbol(Expr expr) const;

  Expr max(Expr a, Expr b);
  Expr min(Expr a, Expr b);
  /// a == b ? x : y, simplified where a - b is known to be (non)zero.
  Expr select(Expr a, Expr b, Expr x, Expr y);
  /// Whether `expr` >= 0 is known (dims are).
  bool isNonNegative(Expr expr) const;
  /// The size of two dims broadcast against each other as in numpy: null if two
  /// constants do not fit.
  Expr broadcast(Expr a, Expr b);
  /// Product of dims.
  Expr product(llvm::ArrayRef<Expr> dims);
  /// Turns expressions into a type: constants are static dims.
  static mlir::RankedTensorType type(const ValueShape &shape);
  /// The constant that `expr` is, or nothing.
  static std::optional<int64_t> asConstant(Expr expr);

private:
  ValueShape fromType(mlir::Value value);

  mlir::MLIRContext *context;
  llvm::DenseMap<mlir::Value, ValueShape> known;
  llvm::SmallVector<Symbol> symbols;
  /// Symbols by a hash of their content, for uniquing.
  llvm::DenseMap<llvm::hash_code, llvm::SmallVector<unsigned, 1>> index;
  /// `graph.dims` names of the function at hand.
  llvm::StringMap<Expr> named;
};

namespace detail {
/// Verifier of ShapeOpInterface: inferred and actual result types are compatible.
llvm::LogicalResult verifyShapes(mlir::Operation *op);
} // namespace detail

} // namespace nacre::graph

#endif // NACRE_DIALECTS_GRAPH_SHAPE_H
