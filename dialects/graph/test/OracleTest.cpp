//===- OracleTest.cpp - What is known against what comes out --------------===//
//
// Random programs of the kind that compute shapes. Whatever ShapeContext says
// about a value must be what the reference implementation computes.
//
//===----------------------------------------------------------------------===//
#include "dialects/graph/Builder.h"
#include "dialects/graph/reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/MathExtras.h"
#include <gtest/gtest.h>
#include <random>

using namespace mlir;
using nacre::graph::Expr;
using nacre::graph::ShapeContext;
using nacre::graph::Symbol;
using nacre::graph::ValueShape;
using nacre::graph::reference::Tensor;
namespace graph = nacre::graph;

namespace {

/// Writes a random function of x: [?, ?, 3] of f32 and e: [3] of i64, whose
/// elements may be anything.
class Writer {
public:
  Writer(graph::Builder &b, unsigned seed) : b(b), random(seed) {}

  func::FuncOp write() {
    int64_t dynamic = ShapedType::kDynamic;
    auto type = b.getFunctionType(
        {RankedTensorType::get({dynamic, dynamic, 3}, b.getF32Type()),
         RankedTensorType::get({3}, b.getI64Type())},
        {});
    auto func = func::FuncOp::create(b, loc, "f", type);
    b.setInsertionPointToStart(func.addEntryBlock());
    tensors.push_back(func.getArgument(0));
    lists.push_back(func.getArgument(1));
    keep(lists, b.make<graph::ShapeOp>(loc, tensors[0]));
    for (int step = 0; step < 20; ++step) {
      if (pick(0, 2) == 0)
        addTensor();
      else
        addList();
    }
    func::ReturnOp::create(b, loc);
    return func;
  }

private:
  int64_t pick(int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  }
  Value any(ArrayRef<Value> pool) { return pool[pick(0, pool.size() - 1)]; }
  int64_t rank(Value value) {
    return cast<RankedTensorType>(value.getType()).getRank();
  }
  /// Ops that do not fit are refused, which is not what is tested here.
  void keep(SmallVectorImpl<Value> &pool, Value value) {
    if (value)
      pool.push_back(value);
  }
  /// A list of one element: sometimes a constant.
  Value single() {
    if (pick(0, 1))
      return b.i64s(loc, pick(-4, 5));
    Value from = any(lists);
    if (rank(from) != 1)
      return b.i64s(loc, pick(0, 3));
    Value index = b.i64s(loc, pick(0, 1));
    Value one = b.make<graph::GatherOp>(loc, {from, index}, b.attr("axis", 0));
    return one ? one : b.i64s(loc, 1);
  }
  NamedAttribute predicate() {
    auto value = static_cast<graph::Predicate>(pick(0, 5));
    return b.attr("predicate",
                  graph::PredicateAttr::get(b.getContext(), value));
  }

  void addList() {
    Value x = any(lists), y = pick(0, 1) ? any(lists) : single();
    switch (pick(0, 16)) {
    case 0:
      return keep(lists, b.make<graph::AddOp>(loc, {x, y}));
    case 1:
      return keep(lists, b.make<graph::SubOp>(loc, {x, y}));
    case 2:
      return keep(lists, b.make<graph::MulOp>(loc, {x, y}));
    case 3:
      return keep(lists, b.make<graph::DivOp>(loc, {x, y}));
    case 4:
      return keep(
          lists, b.make<graph::ModOp>(loc, {x, y}, b.flag("fmod", pick(0, 1))));
    case 5:
      return keep(lists, b.make<graph::MaxOp>(loc, {x, y}));
    case 6:
      return keep(lists, b.make<graph::MinOp>(loc, {x, y}));
    case 7:
      return addChoice(x, y);
    case 8:
      return addCast(x);
    case 9:
      return keep(lists,
                  b.make<graph::ConcatOp>(loc, {x, y}, b.attr("axis", 0)));
    case 10: {
      auto axes = b.attr("axes", ArrayRef<int64_t>{0});
      auto steps = b.attr("steps", ArrayRef<int64_t>{pick(0, 1) ? 1 : -1});
      return keep(lists, b.make<graph::SliceOp>(loc, {x, single(), single()},
                                                {axes, steps}));
    }
    case 11:
      return keep(lists,
                  b.make<graph::TileOp>(loc, {x, b.i64s(loc, pick(1, 2))}));
    case 12:
      return keep(lists, b.make<graph::AbsOp>(loc, x));
    case 13:
      return addReduction(x);
    case 14:
      return keep(lists, b.make<graph::ShapeOp>(loc, any(tensors)));
    case 15:
      return keep(lists, b.make<graph::NegOp>(loc, x));
    case 16: {
      Value to = b.i64s(loc, {2, 1});
      Value wide = b.make<graph::BroadcastOp>(loc, {x, to});
      if (!wide)
        return;
      Value turned =
          b.make<graph::TransposeOp>(loc, wide, b.attr("perm", {1, 0}));
      return keep(lists,
                  b.make<graph::CollapseOp>(
                      loc, turned, b.attr("starts", ArrayRef<int64_t>{0})));
    }
    }
  }

  void addChoice(Value x, Value y) {
    Value which = b.make<graph::CompareOp>(loc, {x, y}, predicate());
    Value other = b.make<graph::CompareOp>(loc, {x, single()}, predicate());
    if (!which || !other)
      return;
    Value both = pick(0, 2) == 0   ? b.make<graph::AndOp>(loc, {which, other})
                 : pick(0, 1) == 0 ? b.make<graph::OrOp>(loc, {which, other})
                                   : b.make<graph::XorOp>(loc, {which, other});
    if (both && pick(0, 1))
      both = b.make<graph::NotOp>(loc, both);
    if (both)
      keep(lists, b.make<graph::SelectOp>(loc, {both, x, y}));
  }

  void addCast(Value x) {
    Type types[] = {b.getI1Type(), b.getI32Type(), b.getI8Type(),
                    b.getIntegerType(8, false), b.getIntegerType(64, false)};
    Value there = b.make<graph::CastOp>(
        loc, x, b.attr("to", TypeAttr::get(types[pick(0, 4)])));
    if (there && pick(0, 1) && !graph::Builder::asConstant(there))
      if (Value more = b.make<graph::AddOp>(loc, {there, there}))
        there = more;
    if (there)
      keep(lists, b.make<graph::CastOp>(
                      loc, there, b.attr("to", TypeAttr::get(b.getI64Type()))));
  }

  void addReduction(Value x) {
    auto kind = static_cast<graph::ReduceKind>(pick(0, 3));
    keep(
        lists,
        b.make<graph::ReduceOp>(
            loc, x,
            {b.attr("kind", graph::ReduceKindAttr::get(b.getContext(), kind)),
             b.attr("axes", ArrayRef<int64_t>{0}), b.flag("keep_dims", true)}));
  }

  void addTensor() {
    Value x = any(tensors);
    int64_t last = rank(x) - 1;
    switch (pick(0, 9)) {
    case 0:
    case 1: {
      int64_t step = pick(1, 2) * (pick(0, 1) ? 1 : -1);
      return keep(tensors,
                  b.make<graph::SliceOp>(
                      loc, {x, single(), single()},
                      {b.attr("axes", ArrayRef<int64_t>{pick(0, last)}),
                       b.attr("steps", ArrayRef<int64_t>{step})}));
    }
    case 2:
    case 3:
      return addReshape(x);
    case 4:
      return addPool(x);
    case 5: {
      SmallVector<int64_t> perm =
          llvm::to_vector(llvm::seq<int64_t>(0, last + 1));
      std::shuffle(perm.begin(), perm.end(), random);
      return keep(tensors, b.make<graph::TransposeOp>(
                               loc, x, b.attr("perm", ArrayRef(perm))));
    }
    case 6:
      return keep(tensors,
                  b.make<graph::ConcatOp>(loc, {x, any(tensors)},
                                          b.attr("axis", pick(0, last))));
    case 7:
      return keep(tensors, b.make<graph::AddOp>(loc, {x, any(tensors)}));
    case 8: {
      Value list = any(lists);
      return keep(tensors, b.make<graph::BroadcastOp>(loc, {x, list}));
    }
    case 9:
      return addRange();
    }
  }

  /// To two sizes: constants, -1, 0, or whatever a program computed.
  void addReshape(Value x) {
    Value sizes = b.make<graph::ConcatOp>(
        loc, {single(), pick(0, 1) ? single() : b.i64s(loc, -1)},
        b.attr("axis", 0));
    if (sizes)
      keep(tensors, b.make<graph::ReshapeOp>(loc, {x, sizes},
                                             b.flag("allow_zero", pick(0, 1))));
  }

  void addPool(Value x) {
    if (rank(x) != 3)
      return;
    int64_t window = pick(1, 3), before = pick(0, window - 1),
            after = pick(0, window - 1);
    keep(tensors,
         b.make<graph::PoolOp>(
             loc, x,
             {b.attr("kind", graph::PoolKindAttr::get(b.getContext(),
                                                      graph::PoolKind::max)),
              b.attr("window", ArrayRef<int64_t>{window}),
              b.attr("strides", ArrayRef<int64_t>{pick(1, 3)}),
              b.attr("dilations", ArrayRef<int64_t>{pick(1, 2)}),
              b.attr("pads", ArrayRef<int64_t>{before, after}),
              b.flag("ceil_mode", pick(0, 1))}));
  }

  void addRange() {
    SmallVector<Value> scalars;
    for (int i = 0; i < 3; ++i) {
      Value one = single();
      if (rank(one) == 1)
        one = b.make<graph::SqueezeOp>(loc, one,
                                       b.attr("axes", ArrayRef<int64_t>{0}));
      scalars.push_back(one);
    }
    if (llvm::is_contained(scalars, Value()))
      return;
    if (Value range = b.make<graph::RangeOp>(loc, scalars))
      keep(tensors,
           b.make<graph::CastOp>(loc, range,
                                 b.attr("to", TypeAttr::get(b.getF32Type()))));
  }

  graph::Builder &b;
  std::mt19937 random;
  Location loc = b.getUnknownLoc();
  SmallVector<Value> tensors, lists;
};

/// Runs a program op by op and compares.
class Checker {
public:
  Checker(ShapeContext &shapes) : shapes(shapes) {}

  unsigned numDims = 0, numElements = 0, numRuns = 0;

  void run(func::FuncOp func, ArrayRef<Tensor> inputs) {
    values.clear();
    evaluated.clear();
    for (auto [argument, input] : llvm::zip(func.getArguments(), inputs))
      values[argument] = input;
    for (Operation &op : func.getBody().front().without_terminator()) {
      SmallVector<Tensor> operands, results;
      for (Value operand : op.getOperands())
        operands.push_back(values.lookup(operand));
      std::string error;
      // Data may not fit an op, which stops the program here.
      if (failed(graph::reference::evaluate(&op, operands, results, &error)))
        return;
      // Where a dim is 0, -1 and copied sizes are not what they seem (see the
      // op's description).
      if (isa<graph::ReshapeOp>(op) &&
          (results.front().size() == 0 || llvm::any_of(values, [](auto &entry) {
             return entry.second.size() == 0;
           })))
        return;
      for (auto [value, result] : llvm::zip(op.getResults(), results))
        values[value] = result;
      for (auto [value, result] : llvm::zip(op.getResults(), results))
        if (!compare(value, result))
          return;
    }
    ++numRuns;
  }

private:
  /// Fails where numbers are too large to be compared, or wrong.
  bool compare(Value value, const Tensor &actual) {
    const ValueShape &known = shapes.shape(value);
    EXPECT_EQ(known.elementType, actual.elementType());
    EXPECT_EQ(int64_t(known.dims.size()), actual.rank());
    for (auto [i, dim] : llvm::enumerate(known.dims)) {
      ++numDims;
      if (!check(value, dim, actual.dim(i), "dim", i))
        return false;
    }
    if (!known.elements)
      return true;
    EXPECT_EQ(int64_t(known.elements->size()), actual.size());
    for (auto [i, element] : llvm::enumerate(*known.elements)) {
      ++numElements;
      if (int64_t integer = actual.integer(i);
          integer > kLarge || integer < -kLarge)
        return false;
      if (!check(value, element, actual.integer(i), "element", i))
        return false;
    }
    return true;
  }

  bool check(Value value, Expr expr, int64_t actual, StringRef what, size_t i) {
    int64_t said = evaluate(expr);
    bool isSign = shapes.isNonNegative(expr);
    if (said == actual && (!isSign || actual >= 0))
      return true;
    std::string text;
    llvm::raw_string_ostream os(text);
    os << value << "\n" << what << " " << i << " is " << expr << " = " << said;
    value.getParentRegion()->getParentOp()->print(os);
    ADD_FAILURE() << text << "\nfound " << actual;
    return false;
  }

  int64_t evaluate(Expr expr) {
    if (auto known = evaluated.find(expr); known != evaluated.end())
      return known->second;
    int64_t value = evaluateOnce(expr);
    evaluated[expr] = value;
    return value;
  }
  int64_t evaluateOnce(Expr expr) {
    if (auto constant = ShapeContext::asConstant(expr))
      return *constant;
    if (const Symbol *symbol = shapes.asSymbol(expr))
      return evaluate(*symbol);
    auto binary = cast<AffineBinaryOpExpr>(expr);
    int64_t a = evaluate(binary.getLHS()), b = evaluate(binary.getRHS());
    switch (binary.getKind()) {
    case AffineExprKind::Add:
      return a + b;
    case AffineExprKind::Mul:
      return a * b;
    case AffineExprKind::FloorDiv:
      return b == 0 ? 0 : llvm::divideFloorSigned(a, b);
    case AffineExprKind::Mod:
      return b == 0 ? 0 : a - b * llvm::divideFloorSigned(a, b);
    default:
      ADD_FAILURE() << "an unexpected kind of expression";
      return 0;
    }
  }
  int64_t evaluate(const Symbol &symbol) {
    auto operand = [&](unsigned i) { return evaluate(symbol.operands[i]); };
    switch (symbol.kind) {
    case Symbol::ArgDim:
    case Symbol::ResultDim:
      return values.lookup(symbol.value).dim(symbol.index);
    case Symbol::Element:
      return values.lookup(symbol.value).integer(symbol.index);
    case Symbol::Max:
      return std::max(operand(0), operand(1));
    case Symbol::Min:
      return std::min(operand(0), operand(1));
    case Symbol::Select:
      return operand(0) == operand(1) ? operand(2) : operand(3);
    case Symbol::Less:
      return operand(0) < operand(1);
    }
    return 0;
  }

  static constexpr int64_t kLarge = 1 << 20;

  ShapeContext &shapes;
  llvm::DenseMap<Value, Tensor> values;
  llvm::DenseMap<Expr, int64_t> evaluated;
};

TEST(Oracle, AgreesWithReference) {
  MLIRContext mlir;
  mlir.loadDialect<graph::GraphDialect, func::FuncDialect>();
  ScopedDiagnosticHandler quiet(&mlir, [](Diagnostic &) { return success(); });
  std::mt19937 random(7);
  auto pick = [&](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>(low, high)(random);
  };
  unsigned numDims = 0, numElements = 0, numRuns = 0;
  const char *wish = std::getenv("NACRE_TEST_PROGRAMS");
  unsigned numPrograms = wish ? std::atoi(wish) : 1000;
  for (unsigned seed = 0; seed < numPrograms && !::testing::Test::HasFailure();
       ++seed) {
    OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&mlir));
    ShapeContext shapes(&mlir);
    graph::Builder b(&mlir, shapes);
    b.setInsertionPointToStart(module->getBody());
    func::FuncOp func = Writer(b, seed).write();
    ASSERT_TRUE(succeeded(verify(*module)));
    Checker checker(shapes);
    for (int run = 0; run < 6; ++run) {
      Tensor x = Tensor::zeros(b.getF32Type(), {pick(0, 5), pick(1, 6), 3});
      Tensor e = Tensor::vector(&mlir, {pick(-2, 4), pick(-3, 9), pick(0, 2)});
      checker.run(func, {x, e});
    }
    numDims += checker.numDims;
    numElements += checker.numElements;
    numRuns += checker.numRuns;
  }
  // The test is worth something only if programs run to their end.
  EXPECT_GT(numRuns, numPrograms / 2);
  EXPECT_GT(numDims, numPrograms * 30);
  EXPECT_GT(numElements, numPrograms * 30);
}

} // namespace
