//===- Shape.h - Symbolic dims and shape data of graph values ---*- C++ -*-===//
//
// A dim is an affine expression over symbols; so is each element of a small
// integer tensor whose elements are known in terms of dims (shapes that a model
// computes). ShapeContext gives equal expressions one form (Polynomial.h), and
// MLIR uniques it, so two dims are known to be equal if their expressions are
// the same pointer.
//
// Taken for granted: a dim is below 2^31 - 1, so that bounds of that size mean
// "to the end" and dims survive a cast to i32.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_DIALECTS_GRAPH_SHAPE_H
#define NACRE_DIALECTS_GRAPH_SHAPE_H

#include "mlir/IR/AffineExpr.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Value.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallVector.h"
#include <deque>
#include <memory>
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
    Min,       ///< less of operands 0 and 1 (`min` expresses it by Max instead)
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
  /// Which ops are asked: all that a value depends on, or constants only. The
  /// verifier is local, so that its cost does not grow with the function.
  enum class Reach { Function, Local };

  explicit ShapeContext(mlir::MLIRContext *context,
                        Reach reach = Reach::Function)
      : context(context), reach(reach) {}

  mlir::MLIRContext *getContext() const { return context; }

  /// The shape of `value`, from its defining op's ShapeOpInterface, or from its
  /// type (and `graph.dims`) for arguments and other ops. Static dims of its
  /// type always win. The reference stays valid until `set` or `forget`.
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
  /// Calls `visit` for the symbols in `expr` and in their operands.
  void walkSymbols(Expr expr,
                   llvm::function_ref<void(const Symbol &)> visit) const;

  // Arithmetic. All of it takes null for "not known" and gives null for that
  // and for results that leave 64 bits.
  Expr add(Expr a, Expr b) const;
  Expr sub(Expr a, Expr b) const;
  Expr mul(Expr a, Expr b) const;
  /// Rounds down. A divisor that is not a constant must be positive when it
  /// matters: the expression says nothing about a division by 0.
  Expr floorDiv(Expr a, Expr b) const;
  Expr ceilDiv(Expr a, int64_t b) const;
  /// a - b * floorDiv(a, b)
  Expr mod(Expr a, Expr b) const;
  Expr max(Expr a, Expr b);
  Expr min(Expr a, Expr b);
  /// a == b ? x : y, simplified where a - b is known to be (non)zero.
  Expr select(Expr a, Expr b, Expr x, Expr y);
  /// a < b ? 1 : 0
  Expr less(Expr a, Expr b);
  /// Whether `expr` >= 0 is known (dims are).
  bool isNonNegative(Expr expr) const;
  /// The size of two dims broadcast against each other as in numpy: null if two
  /// constants do not fit.
  Expr broadcast(Expr a, Expr b);
  /// One dim that is known by two expressions: the one that says more; null if
  /// they are different constants.
  Expr unify(Expr a, Expr b) const;
  /// Product of dims.
  Expr product(llvm::ArrayRef<Expr> dims) const;
  /// Turns expressions into a type: constants are static dims.
  static mlir::RankedTensorType type(const ValueShape &shape);
  /// The constant that `expr` is, or nothing.
  static std::optional<int64_t> asConstant(Expr expr);

private:
  ValueShape fromType(mlir::Value value);
  void shapeArguments(mlir::Block *block);
  void inferResults(mlir::Operation *op);
  bool mayInfer(mlir::Value value) const;
  /// max(expr, 0)
  Expr positive(Expr expr);

  mlir::MLIRContext *context;
  Reach reach;
  llvm::DenseMap<mlir::Value, std::unique_ptr<ValueShape>> known;
  /// Ops whose shapes are being inferred: invalid IR may have cycles.
  llvm::SmallPtrSet<mlir::Operation *, 4> active;
  std::deque<Symbol> symbols;
  /// Symbols by a hash of their content, for uniquing.
  llvm::DenseMap<llvm::hash_code, llvm::SmallVector<unsigned, 1>> index;
};

namespace detail {
/// Asks the ShapeOpInterface of `op`, then checks what holds for all ops: dims
/// are not negative and a tensor's size fits 64 bits. Elements that are not
/// known become symbols.
llvm::LogicalResult inferResults(mlir::Operation *op, ShapeContext &context,
                                 llvm::SmallVectorImpl<ValueShape> &results);
/// Verifier of ShapeOpInterface: inferred and actual result types are
/// compatible.
llvm::LogicalResult verifyShapes(mlir::Operation *op);
} // namespace detail

} // namespace nacre::graph

#endif // NACRE_DIALECTS_GRAPH_SHAPE_H
