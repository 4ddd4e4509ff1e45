//===- Lowering.h - What the lowerings of graph ops share -------*- C++ -*-===//
//
// `graph-to-linalg` reads the old body of a function and writes a new one
// beside it, so symbolic dims of old values stay valid throughout. Each op
// family is one file with functions from a graph op to the tensor that replaces
// its result.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_PASSES_LINALG_LOWERING_H
#define NACRE_PASSES_LINALG_LOWERING_H

#include "dialects/graph/Graph.h"

#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Builders.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"
#include <functional>

namespace nacre::lower {

using graph::Expr;
using mlir::AffineMap;
using mlir::ArrayRef;
using mlir::FailureOr;
using mlir::Location;
using mlir::LogicalResult;
using mlir::OpBuilder;
using mlir::Operation;
using mlir::OpFoldResult;
using mlir::RankedTensorType;
using mlir::SmallVector;
using mlir::StringRef;
using mlir::Type;
using mlir::Value;
using mlir::ValueRange;

/// A tensor of the new body with its symbolic dims.
struct Tensor {
  Value value;
  SmallVector<Expr> dims;

  int64_t rank() const { return dims.size(); }
  Type elementType() const {
    return mlir::cast<RankedTensorType>(value.getType()).getElementType();
  }
};

/// An operand that loops read as if it had been broadcast to their dims:
/// through an indexing map, or element by element where a dim may turn out to
/// be 1.
struct BroadcastOperand {
  Tensor tensor;
  AffineMap map;
  bool direct = true;
  /// The value of all elements, if that is known: then nothing is read.
  mlir::TypedAttr splat;
  /// Whether all dims turn out to be those of the loops, if not `direct`.
  Value equal;
  /// Sizes of the dims that are compared with 1, null for others.
  SmallVector<Value> sizes;
};

/// Scalar bodies. The builder stands inside the body.
using MapBody = llvm::function_ref<Value(OpBuilder &, ValueRange args)>;
using GenericBody =
    llvm::function_ref<SmallVector<Value>(OpBuilder &, ValueRange args)>;
/// Body of a kernel.group: returns the tensors to yield.
using GroupBody = llvm::function_ref<SmallVector<Value>(OpBuilder &)>;

class Lowering {
public:
  Lowering(mlir::MLIRContext *context, graph::ShapeContext &shapes)
      : shapes(shapes), b(context) {}

  graph::ShapeContext &shapes;
  /// Stands at the end of the block of host code at hand. Bodies of ops under
  /// construction have builders of their own, so `index` may be called in them.
  OpBuilder b;

  //===-- Blocks of host code -------------------------------------------===//

  /// Makes `block` the place of new host code until the end of the scope.
  class Scope {
  public:
    Scope(Lowering &lowering, mlir::Block *block);
    ~Scope();

  private:
    Lowering &lowering;
    OpBuilder::InsertPoint before;
  };

  /// Lowers all ops of `block` but its terminator.
  LogicalResult lowerOps(mlir::Block &block);

  //===-- Values ----------------------------------------------------------===//

  Tensor get(Value graphValue);
  /// Says what replaces `graphValue`; static dims may be learnt by a cast.
  void set(Value graphValue, Value converted);
  ArrayRef<Expr> dims(Value graphValue) { return shapes.dims(graphValue); }

  RankedTensorType type(ArrayRef<Expr> dims, Type elementType);
  /// The signless type of `graphValue`, as static as its dims are known.
  RankedTensorType typeOf(Value graphValue);
  static Type elementTypeOf(Value graphValue);
  Value castTo(Location loc, Value tensor, RankedTensorType type);

  //===-- Sizes (ShapeMaterializer.cpp) ----------------------------------===//

  Expr constant(int64_t value) { return shapes.constant(value); }
  Value index(Expr expr);
  OpFoldResult fold(Expr expr);
  SmallVector<OpFoldResult> fold(ArrayRef<Expr> exprs);
  SmallVector<Value> dynamicSizes(ArrayRef<Expr> dims);
  /// Says that `expr`, a symbol that only a run can tell, is `value`.
  void define(Expr expr, Value value) { scopes.back().known[expr] = value; }
  /// The element of an integer tensor that expression `expr` stands for, as a
  /// value of the signless `type`.
  Value scalar(Location loc, Expr expr, Type type);
  /// The elements of a small integer tensor, or an error at `op`.
  FailureOr<SmallVector<Expr>> elements(Operation *op, Value graphValue);

  //===-- Checks by the host (Checks.cpp) --------------------------------===//

  void check(Location loc, Value condition, StringRef text);
  void requireEqual(Location loc, Expr a, Expr b, StringRef text);
  /// a <= b
  void requireAtMost(Location loc, Expr a, Expr b, StringRef text);
  void requirePositive(Location loc, Expr a, StringRef text) {
    requireAtMost(loc, constant(1), a, text);
  }

  //===-- Structured ops (Structured.cpp) --------------------------------===//

  Tensor empty(Location loc, ArrayRef<Expr> dims, Type elementType);
  Tensor fill(Location loc, ArrayRef<Expr> dims, mlir::TypedAttr value);
  /// Loops over `dims`, one element of the result each.
  Tensor map(Location loc, ArrayRef<Expr> dims, Type elementType,
             ArrayRef<Tensor> inputs, ArrayRef<AffineMap> maps, MapBody body);
  /// The same with inputs broadcast to `dims`, each as it is read.
  Tensor mapOperands(Location loc, ArrayRef<Expr> dims, Type elementType,
                     ArrayRef<BroadcastOperand> operands, MapBody body);
  /// The same with inputs broadcast to `dims`.
  Tensor mapBroadcast(Location loc, ArrayRef<Expr> dims, Type elementType,
                      ArrayRef<Tensor> inputs, MapBody body);
  /// The general form: loops in order, `parallel` of them first, then
  /// reductions, into `inits`.
  SmallVector<Tensor> generic(Location loc, ArrayRef<Tensor> inputs,
                              ArrayRef<Tensor> inits, ArrayRef<AffineMap> maps,
                              unsigned parallel, GenericBody body);
  BroadcastOperand broadcastOperand(Location loc, Tensor tensor,
                                    ArrayRef<Expr> dims);
  /// The tensor with all of `dims`, repeated in memory.
  Tensor materializeBroadcast(Location loc, Tensor tensor, ArrayRef<Expr> dims);
  Tensor transpose(Location loc, Tensor tensor, ArrayRef<int64_t> perm);
  /// Constant-mode padding by sizes that are not negative.
  Tensor padBy(Location loc, Tensor tensor, ArrayRef<Expr> low,
               ArrayRef<Expr> high, mlir::TypedAttr value);
  Tensor concat(Location loc, ArrayRef<Tensor> tensors, int64_t axis,
                ArrayRef<Expr> dims);
  Tensor convertElements(Location loc, Tensor tensor, Type from, Type to);
  /// A loop nest that is a kernel of its own.
  SmallVector<Tensor> group(Location loc, ArrayRef<SmallVector<Expr>> dims,
                            ArrayRef<Type> elementTypes, GroupBody body);

  //===-- Views (View.cpp)
  //-------------------------------------------------===//

  /// The same elements under other dims. Their number must be the same.
  Tensor reshape(Location loc, Tensor tensor, ArrayRef<Expr> dims);
  /// Without the dims at which `drop` is set, which are 1.
  Tensor dropDims(Location loc, Tensor tensor,
                  llvm::function_ref<bool(int64_t)> drop);
  Value constantTensor(Location loc, mlir::ElementsAttr value);

  /// Dims `d<first>` to `d<first + count - 1>` as expressions.
  SmallVector<mlir::AffineExpr> loops(unsigned first, unsigned count);
  AffineMap identity(unsigned rank) { return b.getMultiDimIdentityMap(rank); }

private:
  struct ScopeState {
    mlir::Block *block;
    llvm::DenseMap<Expr, Value> known;
    llvm::DenseSet<std::pair<Expr, Expr>> equal, atMost;
  };

  Value indexOfSymbol(const graph::Symbol &symbol);
  Value dimOf(Value converted, int64_t dim);
  Value elementAt(const graph::Symbol &symbol);
  Value emitExpr(Expr expr);
  Value emitAffine(Expr expr);
  ScopeState &scopeOf(mlir::Block *block);
  LogicalResult lowerOp(Operation *op);
  bool lowerAsHostScalars(Operation *op);

  SmallVector<ScopeState> scopes;
  llvm::DenseMap<Value, Value> values;
  /// What a view was made from, so that a view back finds it.
  llvm::DenseMap<Value, Tensor> viewed;
};

/// What replaces each graph op, by op name.
class Table {
public:
  using Rule = std::function<LogicalResult(Lowering &, Operation *)>;

  /// The rule of `name`, or null.
  static const Rule *find(StringRef name);

  template <typename OpT>
  void add(FailureOr<Tensor> (*rule)(Lowering &, OpT)) {
    rules[OpT::getOperationName()] = [rule](Lowering &lowering, Operation *op) {
      FailureOr<Tensor> result = rule(lowering, mlir::cast<OpT>(op));
      if (failed(result))
        return mlir::failure();
      lowering.set(op->getResult(0), result->value);
      return mlir::success();
    };
  }
  /// For ops with several results: the rule calls `Lowering::set`.
  template <typename OpT>
  void add(LogicalResult (*rule)(Lowering &, OpT)) {
    rules[OpT::getOperationName()] = [rule](Lowering &lowering, Operation *op) {
      return rule(lowering, mlir::cast<OpT>(op));
    };
  }

private:
  llvm::StringMap<Rule> rules;
};

/// The one value of a constant tensor whose elements are all equal, or null.
mlir::TypedAttr splatOf(Value tensor);

/// The error for an op, or a form of it, that has no lowering.
LogicalResult unsupported(Operation *op, const llvm::Twine &reason);

// One per file.
void addConstantRules(Table &table);
void addViewRules(Table &table);
void addMovementRules(Table &table);
void addPadRules(Table &table);
void addReduceRules(Table &table);
void addOrderRules(Table &table);
void addMatmulRules(Table &table);
void addConvRules(Table &table);
void addConvTransposeRules(Table &table);
void addPoolRules(Table &table);
void addGatherRules(Table &table);
void addScatterRules(Table &table);
void addNonZeroRules(Table &table);
void addUniqueRules(Table &table);
void addSuppressionRules(Table &table);
void addTreeRules(Table &table);
void addMatrixRules(Table &table);
void addResizeRules(Table &table);
void addRandomRules(Table &table);
void addControlRules(Table &table);
/// An op on values that only host code looks into.
LogicalResult lowerHostComputed(Lowering &lowering, Operation *op);
/// The handles of constant strings.
Value lowerStrings(Lowering &lowering, Location loc,
                   mlir::DenseStringElementsAttr strings);
FailureOr<Tensor> lowerElementwise(Lowering &lowering,
                                   graph::ElementwiseOpInterface op);

} // namespace nacre::lower

#endif // NACRE_PASSES_LINALG_LOWERING_H
