// Sizes: expressions over symbols become `index` values of the host.

#include "passes/linalg/Lowering.h"

#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::lower;
using graph::Symbol;

Lowering::ScopeState &Lowering::scopeOf(Block *block) {
  for (ScopeState &scope : llvm::reverse(scopes))
    if (scope.block == block)
      return scope;
  return scopes.back();
}

Value Lowering::index(Expr expr) {
  for (ScopeState &scope : llvm::reverse(scopes))
    if (Value known = scope.known.lookup(expr))
      return known;
  // A symbol's value belongs where its tensor is made: `indexOfSymbol` has put
  // it into the scope of that block, which outlives this one.
  if (const Symbol *symbol = shapes.asSymbol(expr)) {
    Symbol copy = *symbol;
    if (copy.kind == Symbol::ArgDim || copy.kind == Symbol::ResultDim) {
      Value tensor = values.lookup(copy.value);
      Value dim = dimOf(tensor, copy.index);
      scopeOf(tensor.getParentBlock()).known[expr] = dim;
      return dim;
    }
  }
  Value value = emitExpr(expr);
  scopes.back().known[expr] = value;
  return value;
}

/// The size of a dim, computed right behind the tensor's definition.
Value Lowering::dimOf(Value converted, int64_t dim) {
  OpBuilder::InsertionGuard guard(b);
  Block *block = converted.getParentBlock();
  if (block != b.getInsertionBlock()) {
    if (Operation *op = converted.getDefiningOp())
      b.setInsertionPointAfter(op);
    else
      b.setInsertionPointToStart(block);
  }
  return b.createOrFold<tensor::DimOp>(converted.getLoc(), converted, dim);
}

Value Lowering::indexOfSymbol(const Symbol &symbol) {
  Location loc = b.getUnknownLoc();
  auto operand = [&](unsigned i) { return index(symbol.operands[i]); };
  switch (symbol.kind) {
  case Symbol::ArgDim:
  case Symbol::ResultDim:
    return dimOf(values.lookup(symbol.value), symbol.index);
  case Symbol::Element:
    return elementAt(symbol);
  case Symbol::Max:
    return b.createOrFold<arith::MaxSIOp>(loc, operand(0), operand(1));
  case Symbol::Min:
    return b.createOrFold<arith::MinSIOp>(loc, operand(0), operand(1));
  case Symbol::Select: {
    Value equal = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq,
                                                operand(0), operand(1));
    return b.createOrFold<arith::SelectOp>(loc, equal, operand(2), operand(3));
  }
  case Symbol::Less: {
    Value less = b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::slt,
                                               operand(0), operand(1));
    return b.createOrFold<arith::SelectOp>(loc, less, index(constant(1)),
                                           index(constant(0)));
  }
  }
  llvm_unreachable("all kinds of symbols are listed"); // a closed enum
}

/// Reads one element of a tensor on the host.
Value Lowering::elementAt(const Symbol &symbol) {
  Value tensor = values.lookup(symbol.value);
  Location loc = tensor.getLoc();
  auto type = cast<RankedTensorType>(tensor.getType());
  SmallVector<Value> position(type.getRank());
  int64_t rest = symbol.index;
  for (int64_t dim = type.getRank() - 1; dim >= 0; --dim) {
    position[dim] = index(constant(rest % type.getDimSize(dim)));
    rest /= type.getDimSize(dim);
  }
  Value element = b.createOrFold<tensor::ExtractOp>(loc, tensor, position);
  Type original = getElementTypeOrSelf(symbol.value.getType());
  if (original.isUnsignedInteger() || original.isInteger(1))
    return b.createOrFold<arith::IndexCastUIOp>(loc, b.getIndexType(), element);
  return b.createOrFold<arith::IndexCastOp>(loc, b.getIndexType(), element);
}

Value Lowering::emitExpr(Expr expr) {
  Location loc = b.getUnknownLoc();
  if (auto value = graph::ShapeContext::asConstant(expr)) {
    // Constants stand at the top, where every block sees them.
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(scopes.front().block);
    Value constant = arith::ConstantIndexOp::create(b, loc, *value);
    scopes.front().known[expr] = constant;
    return constant;
  }
  if (const Symbol *symbol = shapes.asSymbol(expr)) {
    Symbol copy = *symbol; // the table of symbols may grow meanwhile
    return indexOfSymbol(copy);
  }
  if (expr.isPureAffine())
    return emitAffine(expr);
  // Products and quotients of symbols, which affine.apply cannot lower.
  auto binary = cast<AffineBinaryOpExpr>(expr);
  Value lhs = index(binary.getLHS()), rhs = index(binary.getRHS());
  if (expr.getKind() == AffineExprKind::Add)
    return b.createOrFold<arith::AddIOp>(loc, lhs, rhs);
  if (expr.getKind() == AffineExprKind::Mul)
    return b.createOrFold<arith::MulIOp>(loc, lhs, rhs);
  // Division by a size of 0 must not trap; what it gives does not matter.
  Value zero = index(constant(0)), one = index(constant(1));
  Value isZero =
      b.createOrFold<arith::CmpIOp>(loc, arith::CmpIPredicate::eq, rhs, zero);
  rhs = b.createOrFold<arith::SelectOp>(loc, isZero, one, rhs);
  if (expr.getKind() == AffineExprKind::CeilDiv)
    return b.createOrFold<arith::CeilDivSIOp>(loc, lhs, rhs);
  Value quotient = b.createOrFold<arith::FloorDivSIOp>(loc, lhs, rhs);
  if (expr.getKind() == AffineExprKind::FloorDiv)
    return quotient;
  Value product = b.createOrFold<arith::MulIOp>(loc, quotient, rhs);
  return b.createOrFold<arith::SubIOp>(loc, lhs, product);
}

Value Lowering::emitAffine(Expr expr) {
  SmallVector<OpFoldResult> operands;
  SmallVector<AffineExpr> renamed(shapes.numSymbols());
  llvm::DenseSet<unsigned> seen;
  SmallVector<unsigned> positions;
  expr.walk([&](AffineExpr part) {
    if (auto symbol = dyn_cast<AffineSymbolExpr>(part))
      if (seen.insert(symbol.getPosition()).second)
        positions.push_back(symbol.getPosition());
  });
  for (unsigned position : positions) {
    Expr symbol = getAffineSymbolExpr(position, b.getContext());
    renamed[position] = b.getAffineSymbolExpr(operands.size());
    operands.push_back(index(symbol));
  }
  for (auto [i, replacement] : llvm::enumerate(renamed))
    if (!replacement)
      replacement = getAffineSymbolExpr(i, b.getContext());
  auto map = AffineMap::get(0, operands.size(), expr.replaceSymbols(renamed),
                            b.getContext());
  return getValueOrCreateConstantIndexOp(
      b, b.getUnknownLoc(),
      affine::makeComposedFoldedAffineApply(b, b.getUnknownLoc(), map,
                                            operands));
}

OpFoldResult Lowering::fold(Expr expr) {
  if (auto value = graph::ShapeContext::asConstant(expr))
    return b.getIndexAttr(*value);
  return index(expr);
}

SmallVector<OpFoldResult> Lowering::fold(ArrayRef<Expr> exprs) {
  return llvm::map_to_vector(exprs, [&](Expr expr) { return fold(expr); });
}

SmallVector<Value> Lowering::dynamicSizes(ArrayRef<Expr> dims) {
  SmallVector<Value> sizes;
  for (Expr dim : dims)
    if (!graph::ShapeContext::asConstant(dim))
      sizes.push_back(index(dim));
  return sizes;
}

Value Lowering::scalar(Location loc, Expr expr, Type type) {
  if (auto value = graph::ShapeContext::asConstant(expr))
    return arith::ConstantOp::create(
        b, loc,
        IntegerAttr::get(type, APInt(type.getIntOrFloatBitWidth(), *value,
                                     /*isSigned=*/true,
                                     /*implicitTrunc=*/true)));
  return b.createOrFold<arith::IndexCastOp>(loc, type, index(expr));
}

FailureOr<SmallVector<Expr>> Lowering::elements(Operation *op,
                                                Value graphValue) {
  if (auto elements = shapes.elements(graphValue))
    return *elements;
  op->emitOpError("needs the elements of an operand to know sizes; expected a "
                  "small integer tensor of static shape, got ")
      << graphValue.getType();
  return failure();
}
