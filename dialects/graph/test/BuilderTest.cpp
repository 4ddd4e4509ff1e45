//===- BuilderTest.cpp - Ops made with inferred types ---------------------===//
#include "dialects/graph/Builder.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include <gtest/gtest.h>

using namespace mlir;
using nacre::graph::ShapeContext;
namespace graph = nacre::graph;

namespace {

class GraphBuilder : public ::testing::Test {
protected:
  GraphBuilder()
      : handler(&mlir, [&](Diagnostic &diagnostic) {
          message = diagnostic.str();
          return success();
        }) {
    mlir.loadDialect<graph::GraphDialect, func::FuncDialect>();
    loc = UnknownLoc::get(&mlir);
    module = ModuleOp::create(loc);
    b = std::make_unique<graph::Builder>(&mlir, shapes);
    b->setInsertionPointToStart(module->getBody());
    Type f32 = b->getF32Type(), i64 = b->getI64Type();
    auto type = b->getFunctionType(
        {RankedTensorType::get({ShapedType::kDynamic, 4}, f32),
         RankedTensorType::get({2}, i64)},
        {});
    func = func::FuncOp::create(*b, loc, "f", type);
    b->setInsertionPointToStart(func.addEntryBlock());
    x = func.getArgument(0);
    s = func.getArgument(1);
  }

  template <typename T>
  T only(Value value) {
    auto constant = graph::Builder::asConstant(value);
    return *constant.tryGetValues<T>()->begin();
  }

  MLIRContext mlir;
  std::string message;
  ScopedDiagnosticHandler handler;
  ShapeContext shapes{&mlir};
  Location loc = UnknownLoc::get(&mlir);
  OwningOpRef<ModuleOp> module;
  func::FuncOp func;
  std::unique_ptr<graph::Builder> b;
  Value x, s;
};

TEST_F(GraphBuilder, InfersTypes) {
  Value sum = b->make<graph::AddOp>(loc, {x, x});
  ASSERT_TRUE(sum);
  EXPECT_EQ(sum.getType(), x.getType());
  Value t = b->make<graph::TransposeOp>(loc, x, b->attr("perm", {1, 0}));
  EXPECT_EQ(cast<RankedTensorType>(t.getType()).getDimSize(0), 4);
  auto both = b->createAll<graph::TopKOp>(
      loc, {x, b->i64(loc, 2)}, {b->attr("axis", 1), b->flag("largest", true)});
  ASSERT_EQ(both.size(), 2u);
  EXPECT_TRUE(
      cast<RankedTensorType>(both[1].getType()).getElementType().isInteger(64));
}

TEST_F(GraphBuilder, ReportsAndErases) {
  Block &block = func.getBody().front();
  EXPECT_FALSE(b->make<graph::TransposeOp>(loc, x, b->attr("perm", {1, 1})));
  EXPECT_EQ(
      message,
      "'graph.transpose' op perm is [1, 1]; expected a permutation of [0, 2)");
  EXPECT_FALSE(b->make<graph::TransposeOp>(loc, x));
  EXPECT_EQ(message, "'graph.transpose' op lacks attribute \"perm\"");
  EXPECT_FALSE(b->make<graph::TransposeOp>(loc, x, b->attr("perm", 3)));
  EXPECT_NE(message.find("perm"), std::string::npos);
  EXPECT_FALSE(b->make<graph::NegOp>(loc, ValueRange{Value()}));
  EXPECT_EQ(message, "'graph.neg' operand 0 is not a ranked tensor");
  // What only the verifier knows: indices are integers.
  EXPECT_FALSE(b->make<graph::GatherOp>(loc, {x, x}, b->attr("axis", 0)));
  EXPECT_NE(message.find("operand #1"), std::string::npos);
  EXPECT_TRUE(block.empty());
}

TEST_F(GraphBuilder, ShapeDataBecomesConstant) {
  // x.shape[1] is 4, though x.shape[0] is not known.
  Value shape = b->make<graph::ShapeOp>(loc, x);
  EXPECT_FALSE(graph::Builder::asConstant(shape));
  Value four = b->make<graph::GatherOp>(loc, {shape, b->i64(loc, 1)},
                                        b->attr("axis", 0));
  EXPECT_EQ(only<APInt>(four).getSExtValue(), 4);
  EXPECT_TRUE(cast<RankedTensorType>(four.getType()).getShape().empty());
  Value isNegative = b->make<graph::CompareOp>(
      loc, {four, b->i64(loc, 0)},
      b->attr("predicate",
              graph::PredicateAttr::get(&mlir, graph::Predicate::lt)));
  EXPECT_EQ(only<bool>(isNegative), false);
}

TEST_F(GraphBuilder, FoldsConstants) {
  unsigned calls = 0;
  graph::Builder::Folder folder = [&](Operation *op,
                                      ArrayRef<ElementsAttr> operands,
                                      SmallVectorImpl<ElementsAttr> &results) {
    ++calls;
    EXPECT_EQ(operands.size(), op->getNumOperands());
    results.push_back(operands.front());
    return success();
  };
  graph::Builder folding(&mlir, shapes, folder);
  folding.setInsertionPointToEnd(&func.getBody().front());
  Value one = folding.scalar(loc, b->getF32Type(), 1.5);
  Value neg = folding.make<graph::AbsOp>(loc, one);
  EXPECT_EQ(calls, 1u);
  EXPECT_EQ(only<APFloat>(neg).convertToFloat(), 1.5f);
  folding.make<graph::AbsOp>(loc, x);
  EXPECT_EQ(calls, 1u); // not a constant
  auto large = RankedTensorType::get({1 << 15}, b->getF32Type());
  Value splat = folding.constant(loc, DenseElementsAttr::get(large, 1.0f));
  EXPECT_FALSE(
      graph::Builder::asConstant(folding.make<graph::AbsOp>(loc, splat)));
  EXPECT_EQ(calls, 1u); // too large
}

TEST_F(GraphBuilder, ScalarsOfEveryType) {
  auto number = [&](Type type, double value) {
    Value scalar = b->scalar(loc, type, value);
    return only<APFloat>(scalar);
  };
  for (Type type :
       {Type(b->getF16Type()), Type(b->getBF16Type()), Type(b->getF32Type()),
        Type(b->getF64Type()), Type(Float8E4M3FNType::get(&mlir)),
        Type(Float8E5M2Type::get(&mlir)), Type(Float8E4M3FNUZType::get(&mlir)),
        Type(Float8E5M2FNUZType::get(&mlir)),
        Type(Float4E2M1FNType::get(&mlir))})
    EXPECT_EQ(number(type, -1.5).convertToDouble(), -1.5);
  EXPECT_EQ(number(b->getF16Type(), 0.1).bitcastToAPInt().getZExtValue(),
            0x2e66u);
  for (unsigned width : {2, 4, 8, 16, 32, 64})
    for (bool isUnsigned : {false, true}) {
      Type type = IntegerType::get(&mlir, width,
                                   isUnsigned ? IntegerType::Unsigned
                                              : IntegerType::Signless);
      EXPECT_EQ(only<APInt>(b->scalar(loc, type, 1)).getZExtValue(), 1u);
      APInt least = only<APInt>(b->scalar(loc, type, -1e30));
      EXPECT_TRUE(isUnsigned ? least.isZero() : least.isMinSignedValue());
    }
  EXPECT_EQ(only<bool>(b->scalar(loc, b->getI1Type(), 2)), true);
  EXPECT_FALSE(b->scalar(loc, b->getIndexType(), 1));
}

} // namespace
