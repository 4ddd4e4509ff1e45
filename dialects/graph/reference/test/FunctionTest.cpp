//===- FunctionTest.cpp - Functions, constants, limits ------------------===//
#include "dialects/graph/reference/test/Harness.h"

#include "dialects/graph/reference/Fold.h"

#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace nacre::graph;
using namespace nacre::graph::reference;

namespace {
class FunctionTest : public Harness {
protected:
  Type f32Type = builder.getF32Type();
  Type i64Type = builder.getI64Type();

  /// 0, 1, 2, ... as f32.
  Tensor iota(llvm::ArrayRef<int64_t> dims) {
    Tensor tensor = Tensor::zeros(f32Type, dims);
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.setReal(i, static_cast<double>(i));
    return tensor;
  }
};
} // namespace

//===-- Functions, constants ------------------------------------------------//

TEST_F(FunctionTest, RunsControlFlow) {
  auto module = parseSourceString<ModuleOp>(R"mlir(
    func.func @count(%n: tensor<i64>, %x: tensor<2xf32>) -> (tensor<2xf32>, tensor<?x2xf32>, tensor<2xf32>) {
      %yes = graph.constant dense<true> : tensor<i1>
      %two = graph.constant dense<2.0> : tensor<f32>
      %limit = graph.constant dense<100.0> : tensor<f32>
      %i0 = graph.constant dense<0> : tensor<i64>
      %r:2 = "graph.loop"(%n, %yes, %x) ({
      ^bb0(%i: tensor<i64>, %c: tensor<2xf32>):
        %next = graph.mul %c, %two : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
        %first = "graph.gather"(%next, %i0) {axis = 0 : i64} : (tensor<2xf32>, tensor<i64>) -> tensor<f32>
        %go = graph.compare lt %first, %limit : (tensor<f32>, tensor<f32>) -> tensor<i1>
        graph.yield %go, %next, %c : tensor<i1>, tensor<2xf32>, tensor<2xf32>
      }) : (tensor<i64>, tensor<i1>, tensor<2xf32>) -> (tensor<2xf32>, tensor<?x2xf32>)
      %big = graph.compare lt %two, %limit : (tensor<f32>, tensor<f32>) -> tensor<i1>
      %s = "graph.if"(%big) ({
        graph.yield %x : tensor<2xf32>
      }, {
        graph.yield %r#0 : tensor<2xf32>
      }) : (tensor<i1>) -> tensor<2xf32>
      return %r#0, %r#1, %s : tensor<2xf32>, tensor<?x2xf32>, tensor<2xf32>
    })mlir",
                                            &context);
  ASSERT_TRUE(module);
  auto function = *module->getOps<func::FuncOp>().begin();
  auto run = [&](int64_t n) {
    return evaluateFunction(function, {i64({}, {n}), f32(2, {30, 1})}, &error);
  };
  auto results = run(10);
  ASSERT_TRUE(succeeded(results)) << error;
  expectReals((*results)[0], 2, {120, 4});
  expectReals((*results)[1], {2, 2}, {30, 1, 60, 2});
  expectReals((*results)[2], 2, {30, 1});
  results = run(0);
  ASSERT_TRUE(succeeded(results)) << error;
  expectReals((*results)[0], 2, {30, 1});
  expectDims((*results)[1], {0, 2});
  EXPECT_TRUE(failed(evaluateFunction(function, {}, &error)));
  EXPECT_NE(error.find("2 arguments"), std::string::npos);
}

TEST_F(FunctionTest, KeepsConstants) {
  Type types[] = {builder.getI1Type(),
                  si(4),
                  ui(4),
                  si(2),
                  ui(8),
                  si(16),
                  ui(64),
                  builder.getF16Type(),
                  builder.getBF16Type(),
                  f32Type,
                  builder.getF64Type(),
                  Float8E4M3FNType::get(&context),
                  Float4E2M1FNType::get(&context)};
  for (Type type : types)
    for (int64_t size : {0, 1, 3, 9, 5000}) {
      Tensor tensor = Tensor::zeros(type, {size});
      for (int64_t i = 0; i < size; ++i)
        tensor.setBits(i, uint64_t(i) * 2654435761u >> 3);
      ElementsAttr attr = tensor.toAttr();
      EXPECT_EQ(isa<DenseResourceElementsAttr>(attr), tensor.bytes() > 1024);
      Tensor back = Tensor::fromAttr(attr);
      ASSERT_TRUE(back);
      ASSERT_EQ(back.size(), size);
      for (int64_t i = 0; i < size; ++i)
        ASSERT_EQ(back.bits(i), tensor.bits(i));
      EXPECT_EQ(tensor.toAttr(), attr);
    }
  Tensor splat = Tensor::zeros(ui(8), {100000});
  EXPECT_TRUE(isa<DenseElementsAttr>(splat.toAttr()));
  EXPECT_EQ(Tensor::fromAttr(splat.toAttr()).size(), 100000);
}

TEST_F(FunctionTest, FoldsWithinALimit) {
  Block block;
  OpBuilder at(&context);
  at.setInsertionPointToStart(&block);
  auto type = RankedTensorType::get({16, 1024}, f32Type);
  Value x = block.addArgument(type, at.getUnknownLoc());
  Operation *op = NegOp::create(at, at.getUnknownLoc(), type, x);
  llvm::SmallVector<ElementsAttr> results;
  ElementsAttr ones = DenseElementsAttr::get(type, 1.0f);
  ASSERT_TRUE(succeeded(foldWithReference(op, ones, results)));
  EXPECT_EQ(results[0], ElementsAttr(DenseElementsAttr::get(type, -1.0f)));
  EXPECT_TRUE(failed(foldWithReference(op, ones, results, 65535)));
  EXPECT_TRUE(results.empty());
  EXPECT_TRUE(failed(foldWithReference(op, ElementsAttr(), results)));
  // A sum over a splat that is small in the module and large in memory.
  auto large = RankedTensorType::get({int64_t(1) << 33}, f32Type);
  auto scalar = RankedTensorType::get({}, f32Type);
  op = ReduceOp::create(at, at.getUnknownLoc(), scalar,
                        ReduceKindAttr::get(&context, ReduceKind::sum),
                        block.addArgument(large, at.getUnknownLoc()),
                        at.getDenseI64ArrayAttr(0), at.getBoolAttr(false));
  ones = DenseElementsAttr::get(large, 1.0f);
  EXPECT_TRUE(failed(foldWithReference(op, ones, results)));
}

TEST_F(FunctionTest, SaysWhatStopsIt) {
  Options options;
  options.maxBytes = 100;
  Block block;
  OpBuilder at(&context);
  at.setInsertionPointToStart(&block);
  Location loc = NameLoc::get(at.getStringAttr("my_node"));
  Value x = block.addArgument(RankedTensorType::get({4}, f32Type), loc);
  Value n = block.addArgument(RankedTensorType::get({1}, i64Type), loc);
  Operation *op = TileOp::create(
      at, loc, RankedTensorType::get({ShapedType::kDynamic}, f32Type), x, n);
  llvm::SmallVector<Tensor> results;
  EXPECT_TRUE(succeeded(
      evaluate(op, {iota({4}), shape({6})}, results, &error, options)));
  EXPECT_TRUE(
      failed(evaluate(op, {iota({4}), shape({7})}, results, &error, options)));
  EXPECT_NE(error.find("my_node"), std::string::npos);
  EXPECT_NE(error.find("limit of 100 bytes"), std::string::npos);
  EXPECT_TRUE(failed(
      evaluate(op, {iota({4}), shape({INT64_MAX})}, results, &error, options)));
  EXPECT_TRUE(failed(evaluate(op, {iota({4})}, results, &error)));
  int64_t huge = int64_t(1) << 45;
  Tensor pooled = eval<PoolOp>(iota({1, 1, 4}), f32Type, 3,
                               {choice<PoolKindAttr>("kind", PoolKind::sum),
                                list("window", huge), list("strides", {1}),
                                list("dilations", {1}), list("pads", {huge, 0}),
                                flag("ceil_mode", false)});
  EXPECT_FALSE(pooled);
  EXPECT_NE(error.find("steps"), std::string::npos);
}
