//===- ShapeArithmetic.cpp - Expressions over symbols ----------*- C++ -*-===//
#include "dialects/graph/Polynomial.h"
#include "dialects/graph/Shape.h"

#include "llvm/ADT/Hashing.h"

using namespace mlir;
using namespace nacre::graph;
using nacre::graph::detail::Polynomial;

//===-- Symbols -----------------------------------------------------------===//

static bool isSame(const Symbol &a, const Symbol &b) {
  return a.kind == b.kind && a.value == b.value && a.index == b.index &&
         a.operands == b.operands;
}

Expr ShapeContext::symbol(Symbol symbol) {
  llvm::hash_code hash = llvm::hash_combine(
      static_cast<int>(symbol.kind), symbol.value.getAsOpaquePointer(),
      symbol.index,
      llvm::hash_combine_range(symbol.operands.begin(), symbol.operands.end()));
  SmallVector<unsigned, 1> &positions = index[hash];
  for (unsigned position : positions)
    if (isSame(symbols[position], symbol))
      return getAffineSymbolExpr(position, context);
  positions.push_back(symbols.size());
  symbols.push_back(std::move(symbol));
  return getAffineSymbolExpr(symbols.size() - 1, context);
}

const Symbol *ShapeContext::asSymbol(Expr expr) const {
  auto symbol = dyn_cast_or_null<AffineSymbolExpr>(expr);
  return symbol ? &symbols[symbol.getPosition()] : nullptr;
}

void ShapeContext::walkSymbols(
    Expr expr, llvm::function_ref<void(const Symbol &)> visit) const {
  SmallVector<Expr> pending{expr};
  llvm::SmallPtrSet<const Symbol *, 8> seen;
  while (!pending.empty())
    pending.pop_back_val().walk([&](Expr part) {
      const Symbol *symbol = asSymbol(part);
      if (!symbol || !seen.insert(symbol).second)
        return;
      visit(*symbol);
      llvm::append_range(pending, symbol->operands);
    });
}

//===-- Sums, products, divisions -----------------------------------------===//

Expr ShapeContext::constant(int64_t value) const {
  return getAffineConstantExpr(value, context);
}

std::optional<int64_t> ShapeContext::asConstant(Expr expr) {
  if (auto constant = dyn_cast_or_null<AffineConstantExpr>(expr))
    return constant.getValue();
  return std::nullopt;
}

Expr ShapeContext::add(Expr a, Expr b) const {
  return a && b ? (Polynomial(a) + Polynomial(b)).expr() : Expr();
}

Expr ShapeContext::sub(Expr a, Expr b) const {
  return a && b ? (Polynomial(a) - Polynomial(b)).expr() : Expr();
}

Expr ShapeContext::mul(Expr a, Expr b) const {
  return a && b ? (Polynomial(a) * Polynomial(b)).expr() : Expr();
}

Expr ShapeContext::product(ArrayRef<Expr> dims) const {
  // A dim of 0 makes all others harmless, also where they overflow.
  if (llvm::any_of(dims, [](Expr dim) { return asConstant(dim) == 0; }))
    return constant(0);
  Expr result = constant(1);
  for (Expr dim : dims)
    result = mul(result, dim);
  return result;
}

Expr ShapeContext::floorDiv(Expr a, Expr b) const {
  if (!a || !b)
    return {};
  std::optional<int64_t> divisor = asConstant(b);
  if (divisor && *divisor > 0)
    return Polynomial(a).floorDiv(*divisor).expr();
  if (divisor && *divisor < 0) // a / b = -a / -b
    return floorDiv(sub(constant(0), a), sub(constant(0), b));
  if (divisor)
    return {};
  if (auto exact = Polynomial(a).divideExactly(Polynomial(b)))
    return exact->expr();
  return a.floorDiv(b);
}

Expr ShapeContext::ceilDiv(Expr a, int64_t b) const {
  return add(floorDiv(sub(a, constant(1)), constant(b)), constant(1));
}

Expr ShapeContext::mod(Expr a, Expr b) const {
  return sub(a, mul(b, floorDiv(a, b)));
}

//===-- What is known about a sign ----------------------------------------===//

namespace {
/// Tries to show that a polynomial is not negative, by replacing what it cannot
/// judge with a bound that makes it less.
class SignProof {
public:
  explicit SignProof(const ShapeContext &context) : context(context) {}

  bool isNonNegative(const Polynomial &value, unsigned depth = 0) const {
    if (value.isInvalid() || depth > kMaxDepth || ++numSteps > kMaxSteps)
      return false;
    if (llvm::all_of(value.getTerms(), [&](const Polynomial::Term &term) {
          return term.factor > 0 && llvm::all_of(term.atoms, [&](Expr atom) {
                   return isAtomNonNegative(atom, depth + 1);
                 });
        }))
      return true;
    for (const Polynomial::Term &term : value.getTerms())
      if (term.atoms.size() == 1 && replace(value, term, depth))
        return true;
    return false;
  }

private:
  // Each replacement may branch, and a model chooses how often.
  static constexpr unsigned kMaxDepth = 6;
  static constexpr unsigned kMaxSteps = 200;

  bool isAtomNonNegative(Expr atom, unsigned depth) const {
    const Symbol *symbol = context.asSymbol(atom);
    if (!symbol) {
      auto division = dyn_cast<AffineBinaryOpExpr>(atom);
      return division && isNonNegative(Polynomial(division.getLHS()), depth) &&
             isNonNegative(Polynomial(division.getRHS()), depth);
    }
    auto isOperand = [&](unsigned i) {
      return isNonNegative(Polynomial(symbol->operands[i]), depth);
    };
    switch (symbol->kind) {
    case Symbol::ArgDim:
    case Symbol::ResultDim:
    case Symbol::Less:
      return true;
    case Symbol::Element: {
      auto type =
          dyn_cast<IntegerType>(getElementTypeOrSelf(symbol->value.getType()));
      return type && (type.getWidth() == 1 ||
                      (type.isUnsigned() && type.getWidth() < 64));
    }
    case Symbol::Max:
      return isOperand(0) || isOperand(1);
    case Symbol::Min:
      return isOperand(0) && isOperand(1);
    case Symbol::Select:
      return isOperand(2) && isOperand(3);
    }
    return false;
  }

  /// value with `by` for the one atom of `term`, scaled by `scale`.
  bool holdsWith(const Polynomial &value, const Polynomial::Term &term,
                 const Polynomial &by, int64_t scale, unsigned depth) const {
    MLIRContext *mlir = context.getContext();
    Polynomial factor(mlir, term.factor), scaled(mlir, scale);
    Polynomial atom(term.atoms.front());
    return isNonNegative((value - factor * atom) * scaled + factor * by,
                         depth + 1);
  }

  /// The positive terms of `value`: a bound from above of it and of 0.
  Polynomial upperBound(const Polynomial &value, unsigned depth) const {
    Polynomial bound(context.getContext(), 0);
    for (const Polynomial::Term &term : value.getTerms())
      if (term.factor > 0 || !llvm::all_of(term.atoms, [&](Expr atom) {
            return isAtomNonNegative(atom, depth + 1);
          })) {
        Polynomial product(context.getContext(), term.factor);
        for (Expr atom : term.atoms)
          product = product * Polynomial(atom);
        bound = bound + product;
      }
    return bound;
  }

  bool replace(const Polynomial &value, const Polynomial::Term &term,
               unsigned depth) const {
    Expr atom = term.atoms.front();
    if (const Symbol *symbol = context.asSymbol(atom)) {
      if (symbol->kind == Symbol::Less && term.factor < 0)
        return holdsWith(value, term, Polynomial(context.getContext(), 1), 1,
                         depth);
      if (symbol->kind != Symbol::Max)
        return false;
      Polynomial a(symbol->operands[0]), b(symbol->operands[1]);
      if (term.factor > 0)
        return holdsWith(value, term, a, 1, depth) ||
               holdsWith(value, term, b, 1, depth);
      if (!isNonNegative(b, depth + 1) || !b.asConstant())
        return false;
      Polynomial bound = upperBound(a, depth);
      return isNonNegative(bound, depth + 1) &&
             holdsWith(value, term, bound + b, 1, depth);
    }
    // (e - (c - 1)) / c <= e floordiv c <= e / c
    auto division = dyn_cast<AffineBinaryOpExpr>(atom);
    if (!division || division.getKind() != AffineExprKind::FloorDiv)
      return false;
    std::optional<int64_t> by = ShapeContext::asConstant(division.getRHS());
    if (!by || *by <= 0)
      return false;
    Polynomial bound(division.getLHS());
    if (term.factor > 0)
      bound = bound - Polynomial(context.getContext(), *by - 1);
    return holdsWith(value, term, bound, *by, depth);
  }

  const ShapeContext &context;
  mutable unsigned numSteps = 0;
};
} // namespace

bool ShapeContext::isNonNegative(Expr expr) const {
  return expr && SignProof(*this).isNonNegative(Polynomial(expr));
}

//===-- Choices -----------------------------------------------------------===//

/// The one form of max(x, 0). As max(x, 0) = x + max(-x, 0), the sign of x can
/// be chosen: its first term is positive.
Expr ShapeContext::positive(Expr expr) {
  Expr negated = sub(constant(0), expr);
  if (!negated)
    return {};
  if (isNonNegative(expr))
    return expr;
  if (isNonNegative(negated))
    return constant(0);
  if (Polynomial(expr).getTerms().front().factor > 0)
    return symbol({Symbol::Max, {}, 0, {expr, constant(0)}});
  return add(expr, symbol({Symbol::Max, {}, 0, {negated, constant(0)}}));
}

Expr ShapeContext::max(Expr a, Expr b) {
  if (!a || !b)
    return {};
  if (a == b)
    return a;
  Expr difference = sub(a, b);
  return difference ? add(b, positive(difference)) : Expr();
}

Expr ShapeContext::min(Expr a, Expr b) {
  if (!a || !b)
    return {};
  return sub(add(a, b), max(a, b));
}

Expr ShapeContext::less(Expr a, Expr b) {
  Expr difference = sub(b, a);
  if (!difference)
    return {};
  if (isNonNegative(sub(difference, constant(1))))
    return constant(1);
  if (isNonNegative(sub(a, b)))
    return constant(0);
  return symbol({Symbol::Less, {}, 0, {a, b}});
}

Expr ShapeContext::select(Expr a, Expr b, Expr x, Expr y) {
  Expr difference = sub(a, b);
  if (!difference || !x || !y)
    return {};
  if (x == y)
    return x;
  if (std::optional<int64_t> constant = asConstant(difference))
    return *constant == 0 ? x : y;
  Expr one = constant(1);
  if (isNonNegative(sub(difference, one)) || isNonNegative(sub(sub(b, a), one)))
    return y;

  // A choice by a choice between two constants is one choice.
  const Symbol *inner = asSymbol(a);
  if (inner && inner->kind == Symbol::Select && asConstant(b) &&
      asConstant(inner->operands[2]) && asConstant(inner->operands[3])) {
    auto operands = inner->operands;
    return select(operands[0], operands[1], operands[2] == b ? x : y,
                  operands[3] == b ? x : y);
  }
  // If y with a = b is x, both branches are y. The same from the other side.
  if (asSymbol(a) && y.replace(a, b) == x)
    return y;
  if (asSymbol(b) && y.replace(b, a) == x)
    return y;
  return symbol({Symbol::Select, {}, 0, {a, b, x, y}});
}

Expr ShapeContext::broadcast(Expr a, Expr b) {
  if (a == b || asConstant(b) == 1)
    return a;
  if (asConstant(a) == 1)
    return b;
  // What is not 1 fits a constant only by being equal to it.
  if (asConstant(a))
    return asConstant(b) ? Expr() : a;
  if (asConstant(b))
    return b;
  auto covers = [&](Expr expr, Expr part) {
    const Symbol *symbol = asSymbol(expr);
    return symbol && symbol->kind == Symbol::Select &&
           asConstant(symbol->operands[1]) == 1 &&
           symbol->operands[0] == symbol->operands[3] &&
           (symbol->operands[2] == part || symbol->operands[3] == part);
  };
  if (covers(a, b))
    return a;
  if (covers(b, a))
    return b;
  return select(a, constant(1), b, a);
}

Expr ShapeContext::unify(Expr a, Expr b) const {
  if (!asConstant(b))
    return a;
  return !asConstant(a) || a == b ? b : Expr();
}
