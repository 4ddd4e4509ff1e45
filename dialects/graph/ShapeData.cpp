//===- ShapeData.cpp - Elementwise ops on shape data ----------------------===//
//
// An expression stands for a mathematical integer, an op computes in 64 bits or
// fewer and truncates where it divides. Each rule says when both agree; what is
// left out becomes an `Element` symbol, which is always right.
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/ShapeData.h"

#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::detail;

/// Larger expressions cost more than they tell.
static constexpr unsigned kMaxParts = 64;

namespace {
class ScalarRules {
public:
  explicit ScalarRules(ShapeContext &context)
      : context(context), zero(context.constant(0)), one(context.constant(1)) {}

  /// Null if not known.
  Expr apply(Operation *op, ArrayRef<Expr> args);
  /// `value` if an element of `type` holds it without wrapping.
  Expr fit(Expr value, IntegerType type) const;

private:
  std::optional<int64_t> constantOf(Expr expr) const {
    return ShapeContext::asConstant(expr);
  }
  Expr divide(Expr a, Expr b);
  Expr remainder(Expr a, Expr b, bool fmod);
  Expr compare(CompareOp op, Expr a, Expr b);
  Expr castTo(CastOp op, Expr value);
  Expr logical(Expr ifSet, Expr ifClear, Expr condition) {
    Expr negated = negate(condition);
    if (context.asSymbol(negated))
      return context.select(negated, zero, ifSet, ifClear);
    return context.select(condition, zero, ifClear, ifSet);
  }
  Expr negate(Expr condition) { return context.sub(one, condition); }

  ShapeContext &context;
  Expr zero, one;
};
} // namespace

Expr ScalarRules::divide(Expr a, Expr b) {
  std::optional<int64_t> x = constantOf(a), y = constantOf(b);
  if (y == 0)
    return zero;
  if (x && y)
    return *y == -1 ? context.sub(zero, a) : context.constant(*x / *y);
  // Truncation is rounding down where nothing is negative.
  if (!context.isNonNegative(a))
    return {};
  if (context.isNonNegative(context.sub(b, one)))
    return context.floorDiv(a, b);
  // A dim may be 0, by which division gives 0. Only an even quotient has a
  // meaning then; another would be a division by 0 in the expression.
  if (!context.isNonNegative(b))
    return {};
  Expr quotient = context.floorDiv(a, b);
  auto division = dyn_cast_or_null<AffineBinaryOpExpr>(quotient);
  if (division && division.getKind() == AffineExprKind::FloorDiv &&
      !constantOf(division.getRHS()))
    return {};
  return context.select(b, zero, zero, quotient);
}

Expr ScalarRules::remainder(Expr a, Expr b, bool fmod) {
  std::optional<int64_t> divisor = constantOf(b);
  if (divisor == 0)
    return zero;
  bool roundsDown =
      divisor.value_or(-1) > 0 && (!fmod || context.isNonNegative(a));
  if (roundsDown)
    return context.mod(a, b);
  std::optional<int64_t> x = constantOf(a);
  if (!x || !divisor)
    return {};
  if (*divisor == -1)
    return zero;
  int64_t rest = *x % *divisor; // with the sign of a
  if (!fmod && rest != 0 && (rest < 0) != (*divisor < 0))
    rest += *divisor;
  return context.constant(rest);
}

Expr ScalarRules::compare(CompareOp op, Expr a, Expr b) {
  switch (op.getPredicate()) {
  case Predicate::eq:
    return context.select(a, b, one, zero);
  case Predicate::ne:
    return context.select(a, b, zero, one);
  case Predicate::lt:
    return context.less(a, b);
  case Predicate::gt:
    return context.less(b, a);
  case Predicate::le:
    return negate(context.less(b, a));
  case Predicate::ge:
    return negate(context.less(a, b));
  }
  return {};
}

Expr ScalarRules::castTo(CastOp op, Expr value) {
  if (isBool(op.getTo()))
    return context.select(value, zero, zero, one);
  auto to = dyn_cast<IntegerType>(op.getTo());
  std::optional<int64_t> constant = constantOf(value);
  if (!to || !constant || to.getWidth() >= 64)
    return value;
  APInt bits(64, *constant, /*isSigned=*/true);
  APInt low = bits.trunc(to.getWidth());
  return context.constant(to.isUnsigned()
                              ? static_cast<int64_t>(low.getZExtValue())
                              : low.getSExtValue());
}

Expr ScalarRules::apply(Operation *op, ArrayRef<Expr> args) {
  Expr a = args[0], b = args.size() > 1 ? args[1] : Expr();
  return llvm::TypeSwitch<Operation *, Expr>(op)
      .Case<AddOp>([&](auto) { return context.add(a, b); })
      .Case<SubOp>([&](auto) { return context.sub(a, b); })
      .Case<MulOp>([&](auto) { return context.mul(a, b); })
      .Case<DivOp>([&](auto) { return divide(a, b); })
      .Case<ModOp>([&](ModOp mod) { return remainder(a, b, mod.getFmod()); })
      .Case<MaxOp>([&](auto) { return context.max(a, b); })
      .Case<MinOp>([&](auto) { return context.min(a, b); })
      .Case<NegOp>([&](auto) { return context.sub(zero, a); })
      .Case<AbsOp>([&](auto) { return context.max(a, context.sub(zero, a)); })
      .Case<ReluOp>([&](auto) { return context.max(a, zero); })
      .Case<CompareOp>([&](CompareOp op) { return compare(op, a, b); })
      .Case<SelectOp>([&](auto) { return logical(b, args[2], a); })
      .Case<AndOp>([&](auto) { return logical(b, zero, a); })
      .Case<OrOp>([&](auto) { return logical(one, b, a); })
      .Case<XorOp>([&](auto) { return logical(negate(b), b, a); })
      .Case<NotOp>([&](auto) { return negate(a); })
      .Case<CastOp>([&](CastOp cast) { return castTo(cast, a); })
      .Default([](Operation *) { return Expr(); });
}

Expr ScalarRules::fit(Expr value, IntegerType type) const {
  if (!value)
    return {};
  unsigned parts = 0;
  value.walk([&](Expr) { ++parts; });
  if (parts > kMaxParts)
    return {};
  unsigned width = type.getWidth();
  if (width == 1) // the rules for logic give 0 and 1
    return value;
  bool isUnsigned = type.isUnsigned();
  if (std::optional<int64_t> constant = constantOf(value)) {
    bool fits = isUnsigned ? *constant >= 0 && (width >= 64 ||
                                                llvm::isUIntN(width, *constant))
                           : width >= 64 || llvm::isIntN(width, *constant);
    return fits ? value : Expr();
  }
  if (isUnsigned && !context.isNonNegative(value))
    return {};
  if (width >= 64)
    return value;
  // Dims fit i32. Elements may be anything, but for a lone one of its own type.
  bool isDim = width >= 32;
  context.walkSymbols(value, [&](const Symbol &symbol) {
    if (symbol.kind != Symbol::Element)
      return;
    auto from = dyn_cast<IntegerType>(elementType(symbol.value));
    isDim &= from && context.asSymbol(value) == &symbol &&
             from.getWidth() + (from.isUnsigned() && !isUnsigned) <= width;
  });
  return isDim ? value : Expr();
}

/// Comparing and dividing read elements as signed integers of 64 bits, which is
/// what expressions are but for the upper half of ui64.
static bool isKnownSigned(ShapeContext &context, Type type, Expr element) {
  return !type.isUnsignedInteger(64) || context.isNonNegative(element);
}

Elements nacre::graph::detail::elementwiseElements(Operation *op,
                                                   ShapeContext &context,
                                                   const ValueShape &result) {
  auto type = dyn_cast<IntegerType>(result.elementType);
  if (!type)
    return std::nullopt;
  SmallVector<Data> operands;
  for (Value operand : op->getOperands()) {
    std::optional<Data> data = readData(context, operand);
    if (!data)
      return std::nullopt;
    operands.push_back(std::move(*data));
  }
  ScalarRules rules(context);
  return makeElements(result.dims, [&](ArrayRef<int64_t> position) {
    SmallVector<Expr> args;
    for (auto [operand, data] : llvm::zip(op->getOperands(), operands)) {
      SmallVector<int64_t> source(position.take_back(data.sizes.size()));
      for (auto [index, size] : llvm::zip(source, data.sizes))
        index = size == 1 ? 0 : index;
      args.push_back(data.at(source));
      if (!isKnownSigned(context, elementType(operand), args.back()))
        return Expr();
    }
    return rules.fit(rules.apply(op, args), type);
  });
}
