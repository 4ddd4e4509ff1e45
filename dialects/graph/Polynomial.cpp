#include "dialects/graph/Polynomial.h"

#include "llvm/Support/MathExtras.h"
#include <limits>
#include <numeric>

using namespace mlir;
using namespace nacre::graph::detail;

/// Beyond this a product stays a product: expanding it would only cost.
static constexpr size_t kMaxExpandedTerms = 64;

/// An order of atoms that does not depend on addresses.
static int compareAtoms(AffineExpr a, AffineExpr b) {
  if (a == b)
    return 0;
  if (a.getKind() != b.getKind())
    return a.getKind() < b.getKind() ? -1 : 1;
  if (auto x = dyn_cast<AffineSymbolExpr>(a))
    return x.getPosition() < cast<AffineSymbolExpr>(b).getPosition() ? -1 : 1;
  if (auto x = dyn_cast<AffineDimExpr>(a))
    return x.getPosition() < cast<AffineDimExpr>(b).getPosition() ? -1 : 1;
  if (auto x = dyn_cast<AffineConstantExpr>(a))
    return x.getValue() < cast<AffineConstantExpr>(b).getValue() ? -1 : 1;
  auto x = cast<AffineBinaryOpExpr>(a), y = cast<AffineBinaryOpExpr>(b);
  if (int order = compareAtoms(x.getLHS(), y.getLHS()))
    return order;
  return compareAtoms(x.getRHS(), y.getRHS());
}

/// Lexicographic by exponents: of two terms the one with more of the first
/// atom is before. Exact division relies on this order being multiplicative.
static int compareTerms(ArrayRef<AffineExpr> a, ArrayRef<AffineExpr> b) {
  for (auto [x, y] : llvm::zip(a, b))
    if (int order = compareAtoms(x, y))
      return order;
  return a.size() == b.size() ? 0 : a.size() > b.size() ? -1 : 1;
}

Polynomial::Polynomial(MLIRContext *context, int64_t constant)
    : context(context) {
  addTerm({{}, constant});
}

Polynomial::Polynomial(AffineExpr expr) : context(expr.getContext()) {
  switch (expr.getKind()) {
  case AffineExprKind::Constant:
    addTerm({{}, cast<AffineConstantExpr>(expr).getValue()});
    return;
  case AffineExprKind::Add: {
    auto sum = cast<AffineBinaryOpExpr>(expr);
    *this = Polynomial(sum.getLHS()) + Polynomial(sum.getRHS());
    return;
  }
  case AffineExprKind::Mul: {
    auto product = cast<AffineBinaryOpExpr>(expr);
    Polynomial lhs(product.getLHS()), rhs(product.getRHS());
    if (lhs.terms.size() * rhs.terms.size() > kMaxExpandedTerms)
      break;
    *this = lhs * rhs;
    return;
  }
  case AffineExprKind::Mod: {
    // MLIR forms x mod c where it sees x - c * (x floordiv c).
    auto mod = cast<AffineBinaryOpExpr>(expr);
    auto divisor = dyn_cast<AffineConstantExpr>(mod.getRHS());
    if (!divisor || divisor.getValue() <= 0)
      break;
    Polynomial lhs(mod.getLHS());
    *this = lhs - lhs.floorDiv(divisor.getValue()) *
                      Polynomial(context, divisor.getValue());
    return;
  }
  case AffineExprKind::FloorDiv:
  case AffineExprKind::CeilDiv: {
    // Substitution may have made it divide further.
    auto division = cast<AffineBinaryOpExpr>(expr);
    auto divisor = dyn_cast<AffineConstantExpr>(division.getRHS());
    if (!divisor || divisor.getValue() <= 0)
      break;
    Polynomial lhs(division.getLHS()), one(context, 1);
    *this = expr.getKind() == AffineExprKind::FloorDiv
                ? lhs.floorDiv(divisor.getValue())
                : (lhs - one).floorDiv(divisor.getValue()) + one;
    return;
  }
  case AffineExprKind::DimId:
  case AffineExprKind::SymbolId:
    break;
  }
  addAtom(expr, 1);
}

void Polynomial::addAtom(AffineExpr atom, int64_t factor) {
  addTerm({{atom}, factor});
}

void Polynomial::addTerm(Term term) {
  auto at = llvm::lower_bound(terms, term, [](const Term &a, const Term &b) {
    return compareTerms(a.atoms, b.atoms) < 0;
  });
  if (at == terms.end() || compareTerms(at->atoms, term.atoms) != 0) {
    if (term.factor != 0)
      terms.insert(at, std::move(term));
    return;
  }
  if (llvm::AddOverflow(at->factor, term.factor, at->factor))
    invalid = true;
  if (at->factor == 0)
    terms.erase(at);
}

/// this += other * by
void Polynomial::addScaled(const Polynomial &other, const Term &by) {
  invalid |= other.invalid;
  for (const Term &term : other.terms) {
    Term scaled = by;
    if (llvm::MulOverflow(term.factor, by.factor, scaled.factor))
      invalid = true;
    llvm::append_range(scaled.atoms, term.atoms);
    llvm::sort(scaled.atoms, [](AffineExpr a, AffineExpr b) {
      return compareAtoms(a, b) < 0;
    });
    addTerm(std::move(scaled));
  }
}

AffineExpr Polynomial::expr() const {
  if (invalid)
    return {};
  AffineExpr sum = getAffineConstantExpr(0, context);
  for (const Term &term : terms) {
    AffineExpr product = getAffineConstantExpr(term.factor, context);
    if (!term.atoms.empty()) {
      AffineExpr atoms = term.atoms.front();
      for (AffineExpr atom : llvm::drop_begin(term.atoms))
        atoms = atoms * atom;
      product = atoms * product;
    }
    sum = sum + product;
  }
  return sum;
}

std::optional<int64_t> Polynomial::asConstant() const {
  if (invalid || terms.size() > 1)
    return std::nullopt;
  if (terms.empty())
    return 0;
  if (!terms.front().atoms.empty())
    return std::nullopt;
  return terms.front().factor;
}

Polynomial Polynomial::operator+(const Polynomial &other) const {
  Polynomial sum = *this;
  sum.addScaled(other, {{}, 1});
  return sum;
}

Polynomial Polynomial::operator-(const Polynomial &other) const {
  Polynomial difference = *this;
  difference.addScaled(other, {{}, -1});
  return difference;
}

Polynomial Polynomial::operator*(const Polynomial &other) const {
  Polynomial product(context);
  product.invalid = invalid || other.invalid;
  if (terms.size() * other.terms.size() <= kMaxExpandedTerms) {
    for (const Term &term : terms)
      product.addScaled(other, term);
    return product;
  }
  if (product.invalid)
    return product;
  product.addAtom(expr() * other.expr(), 1);
  return product;
}

/// sum(f * t) floordiv d = sum((f floordiv d) * t) + sum((f mod d) * t)
/// floordiv d
Polynomial Polynomial::floorDiv(int64_t divisor) const {
  assert(divisor > 0 && "rounding down needs a positive divisor");
  Polynomial quotient(context), rest(context);
  quotient.invalid = invalid;
  for (const Term &term : terms) {
    int64_t whole = llvm::divideFloorSigned(term.factor, divisor);
    quotient.addTerm({term.atoms, whole});
    rest.addTerm({term.atoms, term.factor - whole * divisor});
  }
  if (rest.asConstant() || invalid)
    return quotient;
  return quotient + rest.quotientAtom(divisor);
}

/// The division of a polynomial whose factors are in [0, divisor).
Polynomial Polynomial::quotientAtom(int64_t divisor) const {
  // A common factor of all but the constant can go: the constant then counts
  // only in whole steps of it.
  int64_t common = divisor;
  for (const Term &term : terms)
    if (!term.atoms.empty())
      common = std::gcd(common, term.factor);
  Polynomial reduced(context);
  for (const Term &term : terms)
    reduced.addTerm({term.atoms, term.factor / common});
  divisor /= common;
  if (divisor == 1)
    return reduced;

  // (e floordiv c + r) floordiv d = (e + r * c) floordiv (c * d)
  const Term &first = reduced.terms.front();
  bool isLone = first.factor == 1 && first.atoms.size() == 1 &&
                (reduced.terms.size() == 1 || reduced.terms[1].atoms.empty());
  AffineBinaryOpExpr inner(nullptr);
  if (isLone)
    inner = dyn_cast<AffineBinaryOpExpr>(first.atoms.front());
  if (inner && inner.getKind() == AffineExprKind::FloorDiv) {
    auto by = dyn_cast<AffineConstantExpr>(inner.getRHS());
    int64_t both;
    if (by && by.getValue() > 0 &&
        !llvm::MulOverflow(by.getValue(), divisor, both)) {
      Polynomial numerator(inner.getLHS());
      if (reduced.terms.size() == 2)
        numerator = numerator + Polynomial(context, reduced.terms[1].factor) *
                                    Polynomial(context, by.getValue());
      return numerator.floorDiv(both);
    }
  }
  AffineExpr atom =
      reduced.expr().floorDiv(getAffineConstantExpr(divisor, context));
  if (atom.getKind() != AffineExprKind::FloorDiv)
    return Polynomial(atom);
  Polynomial result(context);
  result.addAtom(atom, 1);
  return result;
}

/// The atoms of `term` without those of `by`; nothing if some are missing.
static std::optional<SmallVector<AffineExpr, 2>>
removeAtoms(ArrayRef<AffineExpr> atoms, ArrayRef<AffineExpr> by) {
  SmallVector<AffineExpr, 2> left(atoms);
  for (AffineExpr atom : by) {
    auto at = llvm::find(left, atom);
    if (at == left.end())
      return std::nullopt;
    left.erase(at);
  }
  return left;
}

std::optional<Polynomial>
Polynomial::divideExactly(const Polynomial &divisor) const {
  if (divisor.terms.empty() || invalid || divisor.invalid)
    return std::nullopt;
  const Term &lead = divisor.terms.front();
  Polynomial rest = *this, quotient(context);
  for (size_t step = 0; !rest.terms.empty(); ++step) {
    const Term &top = rest.terms.front();
    auto atoms = removeAtoms(top.atoms, lead.atoms);
    if (!atoms || step > kMaxExpandedTerms || lead.factor == -1 ||
        top.factor == std::numeric_limits<int64_t>::min() ||
        top.factor % lead.factor != 0)
      return std::nullopt;
    Term term{*atoms, top.factor / lead.factor};
    quotient.addTerm(term);
    term.factor = -term.factor;
    rest.addScaled(divisor, term);
    if (rest.invalid)
      return std::nullopt;
  }
  return quotient;
}
