//===- Polynomial.h - One form for equal expressions ------------*- C++ -*-===//
//
// MLIR simplifies an affine expression locally: (a + b) - a stays as it is.
// Two dims can only be compared by pointer if equal ones have one form, so
// ShapeContext does its arithmetic here: on sums of products of atoms, where an
// atom is a symbol or a division that does not come out even.
//
//===----------------------------------------------------------------------===//
#ifndef NACRE_DIALECTS_GRAPH_POLYNOMIAL_H
#define NACRE_DIALECTS_GRAPH_POLYNOMIAL_H

#include "mlir/IR/AffineExpr.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>

namespace nacre::graph::detail {

/// A sum of terms, none of them 0, sorted by their atoms (the constant last).
/// Arithmetic that leaves 64 bits makes the whole polynomial `invalid`.
class Polynomial {
public:
  struct Term {
    llvm::SmallVector<mlir::AffineExpr, 2> atoms; // sorted, with repetition
    int64_t factor;
  };

  explicit Polynomial(mlir::AffineExpr expr);
  Polynomial(mlir::MLIRContext *context, int64_t constant);

  /// Null if invalid.
  mlir::AffineExpr expr() const;
  bool isInvalid() const { return invalid; }
  llvm::ArrayRef<Term> getTerms() const { return terms; }
  std::optional<int64_t> asConstant() const;

  Polynomial operator+(const Polynomial &other) const;
  Polynomial operator-(const Polynomial &other) const;
  Polynomial operator*(const Polynomial &other) const;
  /// Rounds down; `divisor` > 0.
  Polynomial floorDiv(int64_t divisor) const;
  /// The quotient if the division comes out even for all values of atoms.
  std::optional<Polynomial> divideExactly(const Polynomial &divisor) const;

private:
  explicit Polynomial(mlir::MLIRContext *context) : context(context) {}
  void addTerm(Term term);
  void addScaled(const Polynomial &other, const Term &by);
  void addAtom(mlir::AffineExpr atom, int64_t factor);
  Polynomial quotientAtom(int64_t divisor) const;

  mlir::MLIRContext *context;
  llvm::SmallVector<Term, 4> terms;
  bool invalid = false;
};

} // namespace nacre::graph::detail

#endif // NACRE_DIALECTS_GRAPH_POLYNOMIAL_H
