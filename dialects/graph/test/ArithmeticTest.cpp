//===- ArithmeticTest.cpp - Expressions against plain integers ------------===//
#include "dialects/graph/Graph.h"

#include "llvm/Support/MathExtras.h"
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using namespace nacre::graph;

namespace {

/// Symbols whose values a test chooses: two dims, one element.
class Arithmetic : public ::testing::Test {
protected:
  Arithmetic() {
    mlir.loadDialect<GraphDialect>();
    Type i64 = IntegerType::get(&mlir, 64);
    auto type = RankedTensorType::get(
        {ShapedType::kDynamic, ShapedType::kDynamic}, i64);
    Value value = block.addArgument(type, UnknownLoc::get(&mlir));
    n = context.symbol({Symbol::ArgDim, value, 0, {}});
    h = context.symbol({Symbol::ArgDim, value, 1, {}});
    e = context.symbol({Symbol::Element, value, 0, {}});
  }

  Expr c(int64_t value) { return context.constant(value); }

  /// What `expr` is under values of n, h and e.
  int64_t evaluate(Expr expr, ArrayRef<int64_t> values) {
    if (auto constant = ShapeContext::asConstant(expr))
      return *constant;
    if (const Symbol *symbol = context.asSymbol(expr)) {
      auto operand = [&](unsigned i) {
        return evaluate(symbol->operands[i], values);
      };
      switch (symbol->kind) {
      case Symbol::ArgDim:
        return values[symbol->index];
      case Symbol::Element:
        return values[2];
      case Symbol::Max:
        return std::max(operand(0), operand(1));
      case Symbol::Min:
        return std::min(operand(0), operand(1));
      case Symbol::Select:
        return operand(0) == operand(1) ? operand(2) : operand(3);
      case Symbol::Less:
        return operand(0) < operand(1);
      case Symbol::ResultDim:
        break;
      }
      ADD_FAILURE() << "a symbol that no test made";
      return 0;
    }
    auto binary = cast<AffineBinaryOpExpr>(expr);
    int64_t a = evaluate(binary.getLHS(), values);
    int64_t b = evaluate(binary.getRHS(), values);
    switch (binary.getKind()) {
    case AffineExprKind::Add:
      return a + b;
    case AffineExprKind::Mul:
      return a * b;
    case AffineExprKind::FloorDiv:
      return llvm::divideFloorSigned(a, b);
    case AffineExprKind::Mod:
      return llvm::mod(a, b);
    default:
      ADD_FAILURE() << "an unexpected kind of expression";
      return 0;
    }
  }

  MLIRContext mlir;
  ShapeContext context{&mlir};
  Block block;
  Expr n, h, e;
};

TEST_F(Arithmetic, EqualExpressionsAreOnePointer) {
  // A convolution of stride 2 and a half, rounded up.
  Expr conv = context.add(context.floorDiv(context.sub(n, c(1)), c(2)), c(1));
  EXPECT_EQ(conv, context.ceilDiv(n, 2));
  // Two halvings are one quarter.
  EXPECT_EQ(context.floorDiv(context.floorDiv(n, c(2)), c(2)),
            context.floorDiv(n, c(4)));
  EXPECT_EQ(context.sub(context.add(n, h), n), h);
  EXPECT_EQ(context.mul(context.add(n, c(1)), h),
            context.add(h, context.mul(h, n)));
  EXPECT_EQ(context.floorDiv(context.mul(c(6), context.mul(n, h)),
                             context.mul(c(2), n)),
            context.mul(h, c(3)));
  Expr sum = context.add(n, c(1));
  EXPECT_EQ(context.floorDiv(context.mul(sum, h), sum), h);
  EXPECT_EQ(context.sub(n, context.min(n, c(1))),
            context.max(context.sub(n, c(1)), c(0)));
  EXPECT_EQ(context.mod(context.mul(n, c(4)), c(2)), c(0));
}

TEST_F(Arithmetic, BroadcastKnowsConstants) {
  EXPECT_EQ(context.broadcast(c(1), n), n);
  EXPECT_EQ(context.broadcast(n, c(4)), c(4));
  EXPECT_EQ(context.broadcast(c(0), n), c(0));
  EXPECT_EQ(context.broadcast(c(2), c(3)), Expr());
  EXPECT_EQ(context.broadcast(n, n), n);
  Expr both = context.broadcast(n, h);
  EXPECT_EQ(context.broadcast(both, h), both);
  EXPECT_EQ(context.broadcast(n, both), both);
  EXPECT_EQ(evaluate(both, {1, 5, 0}), 5);
  EXPECT_EQ(evaluate(both, {5, 1, 0}), 5);
}

TEST_F(Arithmetic, SelectSimplifies) {
  EXPECT_EQ(context.select(n, n, h, e), h);
  EXPECT_EQ(context.select(c(1), c(2), h, e), e);
  EXPECT_EQ(context.select(n, c(-1), h, e), e); // a dim is not negative
  EXPECT_EQ(context.select(n, c(1), c(1), n), n);
  Expr isZero = context.select(e, c(0), c(1), c(0));
  EXPECT_EQ(context.select(isZero, c(0), n, h), context.select(e, c(0), h, n));
}

TEST_F(Arithmetic, OverflowIsNotKnown) {
  Expr large = c(std::numeric_limits<int64_t>::max());
  Expr least = c(std::numeric_limits<int64_t>::min());
  EXPECT_EQ(context.add(large, c(1)), Expr());
  EXPECT_EQ(context.mul(large, c(2)), Expr());
  EXPECT_EQ(context.mul(context.mul(n, large), c(2)), Expr());
  EXPECT_EQ(context.sub(c(0), least), Expr());
  EXPECT_EQ(context.max(least, n), Expr());
  EXPECT_EQ(context.product({large, large, c(0)}), c(0));
  EXPECT_EQ(context.add(Expr(), n), Expr());
  EXPECT_EQ(context.floorDiv(n, c(0)), Expr());
}

/// Random expressions mean what the same operations on integers give, and what
/// is said about their signs holds.
TEST_F(Arithmetic, AgreesWithIntegers) {
  std::mt19937 random(1);
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  std::vector<std::vector<int64_t>> cases;
  for (int i = 0; i < 40; ++i)
    cases.push_back({pick(0, 9), pick(0, 9), pick(-9, 9)});

  unsigned numKnownSigns = 0;
  for (int round = 0; round < 400; ++round) {
    std::vector<Expr> pool{n, h, e, c(pick(-5, 5)), c(1)};
    for (int step = 0; step < 8; ++step) {
      auto any = [&] { return pool[pick(0, pool.size() - 1)]; };
      Expr a = any(), b = any(), x = any(), y = any(), result;
      int64_t divisor = pick(1, 4);
      int64_t kind = pick(0, 9);
      switch (kind) {
      case 0:
        result = context.add(a, b);
        break;
      case 1:
        result = context.sub(a, b);
        break;
      case 2:
        result = context.mul(a, b);
        break;
      case 3:
        result = context.floorDiv(a, c(divisor));
        break;
      case 4:
        result = context.ceilDiv(a, divisor);
        break;
      case 5:
        result = context.mod(a, c(divisor));
        break;
      case 6:
        result = context.max(a, b);
        break;
      case 7:
        result = context.min(a, b);
        break;
      case 8:
        result = context.select(a, b, x, y);
        break;
      case 9:
        result = context.less(a, b);
        break;
      }
      ASSERT_TRUE(result);
      bool isNonNegative = context.isNonNegative(result);
      numKnownSigns += isNonNegative;
      for (const auto &values : cases) {
        int64_t p = evaluate(a, values), q = evaluate(b, values);
        int64_t expected = 0;
        switch (kind) {
        case 0:
          expected = p + q;
          break;
        case 1:
          expected = p - q;
          break;
        case 2:
          expected = p * q;
          break;
        case 3:
          expected = llvm::divideFloorSigned(p, divisor);
          break;
        case 4:
          expected = llvm::divideCeilSigned(p, divisor);
          break;
        case 5:
          expected = llvm::mod(p, divisor);
          break;
        case 6:
          expected = std::max(p, q);
          break;
        case 7:
          expected = std::min(p, q);
          break;
        case 8:
          expected = evaluate(p == q ? x : y, values);
          break;
        case 9:
          expected = p < q;
          break;
        }
        ASSERT_EQ(evaluate(result, values), expected) << "operation " << kind;
        if (isNonNegative)
          ASSERT_GE(expected, 0) << "operation " << kind;
      }
      // Products of products grow without end.
      unsigned parts = 0;
      result.walk([&](Expr) { ++parts; });
      if (parts < 40)
        pool.push_back(result);
    }
  }
  EXPECT_GT(numKnownSigns, 100u);
}

} // namespace
