// Rules that compute what the op says where that is not one graph op, and what
// ONNX's own node tests leave out. Expected values are worked out by hand.
#include "Harness.h"
#include "dialects/graph/reference/Host.h"

using namespace nacre::onnx;
using namespace nacre::onnx::test;
namespace proto = nacre::proto;

TEST_F(ImportTest, ConvSameOfOpenDims) {
  // A stride and an open dim: how much is padded depends on the input.
  input("x", {"1", "1", "N"});
  floats("w", {1, 1, 3}, {1, 1, 1});
  auto &conv = only("Conv", {"x", "w"});
  set(conv, "auto_pad", "SAME_UPPER");
  set(conv, "strides", std::vector<int64_t>{2});
  expect({f32({1, 1, 4}, {1, 2, 3, 4})}, {1, 1, 2}, {6, 7});
  expect({f32({1, 1, 5}, {1, 2, 3, 4, 5})}, {1, 1, 3}, {3, 9, 9});
}

TEST_F(ImportTest, ConvOfDifferingSizes) {
  input("x", {"1", "2", "4", "4"});
  floats("w", {1, 1, 3, 3}, std::vector<float>(9, 1));
  only("Conv", {"x", "w"});
  expectErrors("node of output 'y' (Conv, opset 17): input has 2 channels; "
               "expected 1 from the weight and 1 groups\n");
}

TEST_F(ImportTest, MatMulIntegerStaysInBytes) {
  input("a", {"1", "2"}, UInt8);
  input("b", {"2", "1"}, UInt8);
  input("za", {}, UInt8);
  input("zb", {}, UInt8);
  only("MatMulInteger", {"a", "b", "za", "zb"});
  ASSERT_TRUE(import()) << messages;
  EXPECT_NE(ir().find("(tensor<1x2xui8>, tensor<2x1xui8>) -> tensor<1x1xi32>"),
            std::string::npos)
      << ir();
  auto bytes = [&](std::vector<int64_t> dims, std::vector<int64_t> values) {
    Tensor tensor = Tensor::zeros(
        mlir::IntegerType::get(&context, 8, mlir::IntegerType::Unsigned), dims);
    for (auto [i, value] : llvm::enumerate(values))
      tensor.setInteger(i, value);
    return tensor;
  };
  // (0 - 3) * (255 - 2) + (200 - 3) * (1 - 2)
  expect({bytes({1, 2}, {0, 200}), bytes({2, 1}, {255, 1}), bytes({}, {3}),
          bytes({}, {2})},
         {1, 1}, {-956});
}

TEST_F(ImportTest, SliceKnowsItsAxes) {
  // How many starts there are is open, but axes are not.
  input("x", {"4"});
  input("s", {"K"}, Int64);
  input("e", {"K"}, Int64);
  ints("axes", {1}, {0});
  only("Slice", {"x", "s", "e", "axes"});
  expect({f32({4}, {1, 2, 3, 4}), i64({1}, {1}), i64({1}, {3})}, {2}, {2, 3});
}

TEST_F(ImportTest, InfinityHasNoExponent) {
  opset(24);
  input("x", {"3"});
  node("Cast", {"x"}, {"e"});
  set(*graph.mutable_node(0), "to", int64_t(Float8E8M0));
  set(only("Cast", {"e"}), "to", int64_t(Float));
  auto results = run({f32({3}, {-INFINITY, 3, 1e30})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_TRUE(std::isnan(results[0].real(0)));
  EXPECT_EQ(results[0].real(1), 4);
  EXPECT_EQ(results[0].real(2), 0x1p100);
}

TEST_F(ImportTest, TextsArePaddedWithNothing) {
  opset(24);
  input("x", {"1"});
  node("Cast", {"x"}, {"text"});
  set(*graph.mutable_node(0), "to", int64_t(String));
  ints("pads", {2}, {1, 0});
  node("Pad", {"text", "pads"}, {"padded"});
  node("StringConcat", {"padded", "padded"}, {"y"});
  output("y");
  auto results = run({f32({1}, {2})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(nacre::graph::reference::stringAt(results[0], 0), "");
  EXPECT_EQ(nacre::graph::reference::stringAt(results[0], 1), "2.02.0");
}

TEST_F(ImportTest, StatisticsAreOfTheStashType) {
  input("x", {"1", "2"}, Double);
  input("s", {"2"}, Double);
  node("LayerNormalization", {"x", "s"}, {"y", "m"});
  output("y"), output("m");
  ASSERT_TRUE(import()) << messages;
  EXPECT_NE(ir().find("-> (tensor<1x2xf64> {graph.dims = [1, 2], graph.name = "
                      "\"y\"}, tensor<1x1xf32>"),
            std::string::npos)
      << ir();
}

TEST_F(ImportTest, EinsumDiagonal) {
  input("x", {"2", "2"});
  set(only("Einsum"), "equation", "ii->i");
  expect({f32({2, 2}, {1, 2, 3, 4})}, {2}, {1, 4});
}

TEST_F(ImportTest, EinsumOfThree) {
  input("x", {"2", "2"});
  set(only("Einsum", {"x", "x", "x"}), "equation", "ij, jk, kl -> il");
  expect({f32({2, 2}, {1, 1, 0, 1})}, {2, 2}, {1, 3, 0, 1});
  EXPECT_EQ(count("graph.matmul"), 2u);
}

TEST_F(ImportTest, ResizeKeepsWholeFactorsSymbolic) {
  // Both ways give dims of 2 N, so the sum needs no check at run time.
  input("x", {"1", "1", "N", "4"});
  floats("scales", {4}, {1, 1, 2, 0.5});
  node("Resize", {"x", "", "scales"}, {"r"});
  only("Add", {"r", "r"});
  ASSERT_TRUE(import()) << messages;
  EXPECT_NE(ir().find("tensor<1x1x?x2xf32>"), std::string::npos) << ir();
  expect({f32({1, 1, 1, 4}, {1, 2, 3, 4})}, {1, 1, 2, 2}, {2, 6, 2, 6});
}

TEST_F(ImportTest, LongLstmIsALoop) {
  input("x", {"T", "1", "1"});
  floats("w", {1, 4, 1}, {1, 1, 1, 1});
  floats("r", {1, 4, 1}, {0, 0, 0, 0});
  node("LSTM", {"x", "w", "r"}, {"", "y"});
  set(*graph.mutable_node(0), "hidden_size", int64_t(1));
  output("y");
  auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  double c = 0, h = 0;
  for (double v : {0.5, -1.0, 2.0, 1.0, 0.25, 0.75}) {
    c = sigmoid(v) * c + sigmoid(v) * std::tanh(v);
    h = sigmoid(v) * std::tanh(c);
  }
  expect({f32({6, 1, 1}, {0.5, -1, 2, 1, 0.25, 0.75})}, {1, 1, 1}, {h});
  EXPECT_EQ(count("graph.loop"), 1u);
}

TEST_F(ImportTest, SequencesOfDifferentLengths) {
  input("x", {"2", "2", "1"});
  input("n", {"2"}, Int32);
  floats("w", {1, 1, 1}, {1});
  floats("r", {1, 1, 1}, {0});
  auto &rnn = node("RNN", {"x", "w", "r", "", "n"}, {"y", "last"});
  set(rnn, "hidden_size", int64_t(1));
  output("y");
  Tensor lengths = Tensor::zeros(mlir::IntegerType::get(&context, 32), {2});
  lengths.setInteger(0, 2);
  lengths.setInteger(1, 1);
  double t = std::tanh(1.0);
  expect({f32({2, 2, 1}, {1, 1, 1, 1}), lengths}, {2, 1, 2, 1}, {t, t, t, 0});
}

TEST_F(ImportTest, ReduceOverAxesGivenAtRunTime) {
  opset(18);
  input("x", {"2", "3"});
  input("axes", {"1"}, Int64);
  set(only("ReduceMean", {"x", "axes"}), "keepdims", int64_t(0));
  expect({f32({2, 3}, {1, 2, 3, 4, 5, 6}), i64({1}, {-1})}, {2}, {2, 5});
  expect({f32({2, 3}, {1, 2, 3, 4, 5, 6}), i64({1}, {0})}, {3},
         {2.5, 3.5, 4.5});
}

TEST_F(ImportTest, SliceStepsGivenAtRunTime) {
  input("x", {"4"});
  for (const char *name : {"from", "to", "axes", "steps"})
    input(name, {"1"}, Int64);
  only("Slice", {"x", "from", "to", "axes", "steps"});
  Tensor x = f32({4}, {1, 2, 3, 4});
  expect({x, i64({1}, {-1}), i64({1}, {-100}), i64({1}, {0}), i64({1}, {-2})},
         {2}, {4, 2});
  expect({x, i64({1}, {1}), i64({1}, {100}), i64({1}, {-1}), i64({1}, {2})},
         {2}, {2, 4});
}

TEST_F(ImportTest, BlocksOfScales) {
  opset(21);
  input("x", {"1", "5"});
  floats("scale", {1, 3}, {1, 2, 4});
  auto &quantize = node("QuantizeLinear", {"x", "scale"}, {"q"});
  set(quantize, "axis", int64_t(1));
  set(quantize, "block_size", int64_t(2));
  set(quantize, "output_dtype", int64_t(Int8));
  set(only("Cast", {"q"}), "to", int64_t(Int64));
  expect({f32({1, 5}, {8, -8, 8, -8, 8})}, {1, 5}, {8, -8, 4, -4, 2});
}

TEST_F(ImportTest, GroupedHeadsShareTheirKeys) {
  opset(23);
  input("q", {"1", "2", "1", "1"});
  input("k", {"1", "1", "2", "1"});
  input("v", {"1", "1", "2", "1"});
  only("Attention", {"q", "k", "v"});
  // Head 0 looks at the first key alone, head 1 at both alike.
  expect({f32({1, 2, 1, 1}, {100, 0}), f32({1, 1, 2, 1}, {1, 0}),
          f32({1, 1, 2, 1}, {2, 4})},
         {1, 2, 1, 1}, {2, 3});
}

TEST_F(ImportTest, QueriesThatSeeNothingGiveZeros) {
  opset(23);
  for (const char *name : {"q", "k", "v"})
    input(name, {"1", "1", "2", "1"});
  input("mask", {"2", "2"}, Bool);
  only("Attention", {"q", "k", "v", "mask"});
  Tensor mask = Tensor::zeros(mlir::IntegerType::get(&context, 1), {2, 2});
  mask.setInteger(0, 1);
  Tensor x = f32({1, 1, 2, 1}, {1, 2});
  expect({x, x, x, mask}, {1, 1, 2, 1}, {1, 0});
}

TEST_F(ImportTest, HalvesAreComputedInFloats) {
  input("x", {"1", "4"}, Float16);
  floats("scale", {4}, {1, 1, 1, 1});
  set(node("Cast", {"scale"}, {"s"}), "to", int64_t(Float16));
  only("LayerNormalization", {"x", "s"});
  ASSERT_TRUE(import()) << messages;
  EXPECT_NE(ir().find("graph.reduce sum %"), std::string::npos);
  EXPECT_EQ(ir().find("graph.sub %arg0"), std::string::npos) << ir();
  EXPECT_NE(ir().find("graph.cast %arg0 {to = f32}"), std::string::npos)
      << ir();
}

TEST_F(ImportTest, LossOfIgnoredTargets) {
  opset(13);
  input("x", {"2", "2"});
  input("t", {"2"}, Int64);
  auto &loss = only("NegativeLogLikelihoodLoss", {"x", "t"});
  set(loss, "ignore_index", int64_t(-1));
  expect({f32({2, 2}, {-1, -2, -3, -4}), i64({2}, {1, -1})}, {}, {2});
}

TEST_F(ImportTest, ConstantIndicesAreChecked) {
  input("x", {"2", "3"});
  ints("i", {1}, {100});
  only("Gather", {"x", "i"});
  expectErrors("node of output 'y' (Gather, opset 17) has index 100 for a dim "
               "of 2\n");
}

TEST_F(ImportTest, SplitIntoWhatIsThere) {
  input("x", {"6"});
  node("Split", {"x"}, {});
  ints("parts", {2}, {2, 4});
  node("Split", {"x", "parts"}, {"a", "b", "c"});
  output("a");
  expectErrors("node (Split, opset 17) has 0 outputs for 0 parts\n"
               "node of output 'a' (Split, opset 17) has 3 outputs for 2 "
               "parts\n");
}

TEST_F(ImportTest, ShapesOfSaneRank) {
  input("x", {"1"});
  input("s", {"1000000000"}, Int64);
  only("Expand", {"x", "s"});
  expectErrors("node of output 'y' (Expand, opset 17) has a shape of type "
               "'tensor<1000000000xi64>', expected a known rank of at most "
               "64\n");
}

TEST_F(ImportTest, TfIdfVectorizerWithAnIndexTooLarge) {
  input("x", {"4"}, Int64);
  auto &node = only("TfIdfVectorizer");
  set(node, "mode", "TF");
  for (const char *name : {"min_gram_length", "max_gram_length"})
    set(node, name, int64_t(1));
  set(node, "max_skip_count", int64_t(0));
  set(node, "ngram_counts", std::vector<int64_t>{0});
  set(node, "ngram_indexes", std::vector<int64_t>{0, INT64_MAX});
  set(node, "pool_int64s", std::vector<int64_t>{7, 8});
  expectErrors("node of output 'y' (TfIdfVectorizer, opset 17) has an index "
               "that is too large\n");
}
