// Ops of com.microsoft, one test or more per family. Expected values are worked
// out by hand from what the ops' documents say.
#include "Harness.h"

using namespace nacre::onnx;
using namespace nacre::onnx::test;
namespace proto = nacre::proto;

namespace {

class ContribTest : public ImportTest {
protected:
  ContribTest() { opset(1, "com.microsoft"); }
  /// A node of com.microsoft from `inputs` to "y".
  proto::NodeProto &contrib(llvm::StringRef op, const Names &inputs) {
    proto::NodeProto &added = only(op, inputs);
    added.set_domain("com.microsoft");
    return added;
  }
  Tensor i32(std::vector<int64_t> dims, std::vector<int64_t> values) {
    return integers(mlir::IntegerType::get(&context, 32), dims, values);
  }
  Tensor ui8(std::vector<int64_t> dims, std::vector<int64_t> values) {
    return integers(mlir::IntegerType::get(&context, 8,
                                           mlir::IntegerType::Unsigned),
                    dims, values);
  }
  proto::TensorProto &bytes8(llvm::StringRef name, std::vector<int64_t> dims,
                             std::vector<int> values) {
    proto::TensorProto &tensor = *graph.add_initializer();
    tensor.set_name(name.str());
    tensor.set_data_type(UInt8);
    for (int64_t dim : dims)
      tensor.add_dims(dim);
    for (int value : values)
      tensor.add_int32_data(value);
    return tensor;
  }

private:
  Tensor integers(mlir::Type type, std::vector<int64_t> dims,
                  std::vector<int64_t> values) {
    Tensor tensor = Tensor::zeros(type, dims);
    EXPECT_EQ(tensor.size(), int64_t(values.size()));
    for (auto [i, value] : llvm::enumerate(values))
      tensor.setInteger(i, value);
    return tensor;
  }
};

} // namespace

TEST_F(ContribTest, DomainNeedsNoImport) {
  opset(17);
  input("x", {"2"});
  contrib("QuickGelu", {"x"});
  expect({f32({2}, {0, 1})}, {2}, {0, 0.8457957});
}

TEST_F(ContribTest, UnknownOpNamesItsDomain) {
  input("x", {"2"});
  contrib("Sampling", {"x"});
  expectErrors("node of output 'y' (com.microsoft.Sampling, opset 1) has no "
               "import rule and no function body\n");
}

TEST_F(ContribTest, FusedActivationTakesItsParameters) {
  input("a", {"1", "1"});
  input("b", {"1", "2"});
  auto &gemm = contrib("FusedGemm", {"a", "b"});
  set(gemm, "activation", "LeakyRelu");
  set(gemm, "activation_alpha", 0.5);
  set(gemm, "alpha", 2.0);
  expect({f32({1, 1}, {3}), f32({1, 2}, {1, -1})}, {1, 2}, {6, -3});
}

TEST_F(ContribTest, FusedActivationIsKnown) {
  input("a", {"1", "1"});
  set(contrib("FusedGemm", {"a", "a"}), "activation", "Sine");
  expectErrors("node of output 'y' (com.microsoft.FusedGemm, opset 1) has "
               "activation 'Sine', which is not known\n");
}

TEST_F(ContribTest, FusedMatMulTransposesTheBatch) {
  // [M, batch, K] stands for [batch, M, K].
  input("a", {"2", "1", "2"});
  input("b", {"1", "2", "1"});
  set(contrib("FusedMatMul", {"a", "b"}), "transBatchA", int64_t(1));
  expect({f32({2, 1, 2}, {1, 2, 3, 4}), f32({1, 2, 1}, {1, 10})}, {1, 2, 1},
         {21, 43});
}

TEST_F(ContribTest, DynamicPadsCutTheWhole) {
  input("x", {"1", "1", "2"});
  input("p", {"2"}, Int64);
  floats("w", {1, 1, 2}, {1, 10});
  contrib("ConvTransposeWithDynamicPads", {"x", "w", "p"});
  expect({f32({1, 1, 2}, {1, 2}), i64({2}, {1, 0})}, {1, 1, 2}, {12, 20});
}

TEST_F(ContribTest, SkipLayerNormGivesTheSum) {
  input("x", {"1", "1", "2"});
  input("skip", {"1", "2"});
  floats("scale", {2}, {1, 2});
  node("SkipSimplifiedLayerNormalization", {"x", "skip", "scale"},
       {"y", "", "", "sum"})
      .set_domain("com.microsoft");
  output("y"), output("sum");
  auto results = run({f32({1, 1, 2}, {1, 2}), f32({1, 2}, {2, 2})});
  ASSERT_EQ(results.size(), 2u);
  // (3, 4) over the root of 12.5.
  EXPECT_NEAR(results[0].real(0), 0.848528, 1e-5);
  EXPECT_NEAR(results[0].real(1), 2.262742, 1e-5);
  EXPECT_EQ(results[1].real(1), 4);
}

TEST_F(ContribTest, EmbeddingCountsWords) {
  input("ids", {"1", "2"}, Int32);
  input("mask", {"1", "2"}, Int32);
  floats("words", {2, 2}, {0, 0, 1, 3});
  floats("places", {3, 2}, {0, 0, 1, 0, 9, 9});
  floats("scale", {2}, {1, 1});
  floats("shift", {2}, {0, 0});
  node("EmbedLayerNormalization",
       {"ids", "", "words", "places", "", "scale", "shift", "mask"},
       {"", "count", "sum"})
      .set_domain("com.microsoft");
  output("count"), output("sum");
  auto results = run({i32({1, 2}, {1, 1}), i32({1, 2}, {1, 0})});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].integer(0), 1);
  EXPECT_EQ(results[1].real(2), 2);
}

TEST_F(ContribTest, GroupNormOfLastChannels) {
  input("x", {"1", "1", "1", "4"});
  floats("scale", {4}, {1, 1, 1, 1});
  floats("shift", {4}, {0, 0, 0, 5});
  auto &norm = contrib("GroupNorm", {"x", "scale", "shift"});
  set(norm, "groups", int64_t(2));
  set(norm, "activation", int64_t(0));
  set(norm, "epsilon", 0.0);
  expect({f32({1, 1, 1, 4}, {1, 3, 10, 30})}, {1, 1, 1, 4}, {-1, 1, -1, 6});
}

//===-- Attention
//-----------------------------------------------------------===//

namespace {
/// Weights that give all queries 0, keys 0 and values as the input is: each
/// token sees the mean of those that it may see.
class MeanTest : public ContribTest {
protected:
  MeanTest() {
    input("x", {"1", "S", "1"});
    floats("w", {1, 3}, {0, 0, 1});
  }
};
} // namespace

TEST_F(MeanTest, AttentionLooksBack) {
  auto &attention = contrib("Attention", {"x", "w"});
  set(attention, "num_heads", int64_t(1));
  set(attention, "unidirectional", int64_t(1));
  expect({f32({1, 3, 1}, {1, 2, 6})}, {1, 3, 1}, {1, 1.5, 3});
}

TEST_F(MeanTest, AttentionEndsWhereTheMaskSays) {
  input("ends", {"1"}, Int32);
  set(contrib("Attention", {"x", "w", "", "ends"}), "num_heads", int64_t(1));
  expect({f32({1, 3, 1}, {1, 2, 6}), i32({1}, {2})}, {1, 3, 1},
         {1.5, 1.5, 1.5});
}

TEST_F(MeanTest, AttentionHidesMaskedKeys) {
  input("mask", {"1", "S"}, Int32);
  set(contrib("Attention", {"x", "w", "", "mask"}), "num_heads", int64_t(1));
  expect({f32({1, 3, 1}, {1, 2, 6}), i32({1, 3}, {1, 0, 1})}, {1, 3, 1},
         {3.5, 3.5, 3.5});
}

TEST_F(MeanTest, AttentionNeedsThirds) {
  floats("bad", {1, 4}, {0, 0, 0, 1});
  set(contrib("Attention", {"x", "bad"}), "num_heads", int64_t(1));
  expectErrors("node of output 'y' (com.microsoft.Attention, opset 1) has "
               "weights of width 4, which are not those of queries, keys and "
               "values\n");
}

TEST_F(ContribTest, MultiHeadAttentionAppendsToThePast) {
  input("q", {"1", "1", "1"});
  input("pk", {"1", "1", "P", "1"});
  input("pv", {"1", "1", "P", "1"});
  auto &attention = node("MultiHeadAttention",
                         {"q", "q", "q", "", "", "", "pk", "pv"}, {"y", "k"});
  attention.set_domain("com.microsoft");
  set(attention, "num_heads", int64_t(1));
  output("y"), output("k");
  auto results = run({f32({1, 1, 1}, {0}), f32({1, 1, 2, 1}, {7, 8}),
                      f32({1, 1, 2, 1}, {3, 6})});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_NEAR(results[0].real(0), 3, 1e-5); // of 3, 6 and 0
  EXPECT_EQ(results[1].size(), 3);
  EXPECT_EQ(results[1].real(1), 8);
}

namespace {
/// One query head of size 1 over a cache.
class GroupQueryTest : public ContribTest {
protected:
  GroupQueryTest() {
    input("q", {"2", "1", "1"});
    input("v", {"2", "1", "1"});
    input("pk", {"2", "1", "P", "1"});
    input("pv", {"2", "1", "P", "1"});
    input("last", {"2"}, Int32);
    input("total", {}, Int32);
    op = &node("GroupQueryAttention",
               {"q", "q", "v", "pk", "pv", "last", "total"}, {"y", "k", "vs"});
    op->set_domain("com.microsoft");
    set(*op, "num_heads", int64_t(1));
    set(*op, "kv_num_heads", int64_t(1));
    output("y"), output("vs");
  }
  /// Two samples of which the second has one token less. All scores are 0.
  std::vector<Tensor> decode(int64_t room) {
    Tensor keys = f32({2, 1, room, 1}, std::vector<double>(2 * room, 0));
    std::vector<double> values(2 * room, 0);
    values[0] = 3, values[1] = 6, values[room] = 2, values[room + 1] = 99;
    return run({f32({2, 1, 1}, {0, 0}), f32({2, 1, 1}, {9, 4}), keys,
                f32({2, 1, room, 1}, values), i32({2}, {2, 1}), i32({}, {3})});
  }
  proto::NodeProto *op;
};
} // namespace

TEST_F(GroupQueryTest, EachSampleHasItsLength) {
  auto results = decode(/*room=*/2);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_NEAR(results[0].real(0), 6, 1e-5); // of 3, 6 and 9
  EXPECT_NEAR(results[0].real(1), 3, 1e-5); // of 2 and 4
  EXPECT_EQ(results[1].size(), 6);          // the cache has grown
  EXPECT_EQ(results[1].real(2), 9);
  EXPECT_EQ(results[1].real(4), 4);
  EXPECT_EQ(results[1].real(5), 0);
}

TEST_F(GroupQueryTest, CacheWithRoomStays) {
  auto results = decode(/*room=*/4);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_NEAR(results[0].real(0), 6, 1e-5);
  EXPECT_NEAR(results[0].real(1), 3, 1e-5);
  EXPECT_EQ(results[1].size(), 8);
}

TEST_F(GroupQueryTest, WindowForgets) {
  set(*op, "local_window_size", int64_t(2));
  auto results = decode(/*room=*/2);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_NEAR(results[0].real(0), 7.5, 1e-5); // of 6 and 9
}

TEST_F(GroupQueryTest, SmoothSoftmaxHasOneMore) {
  set(*op, "smooth_softmax", int64_t(1));
  auto results = decode(/*room=*/2);
  ASSERT_EQ(results.size(), 2u);
  EXPECT_NEAR(results[0].real(0), 4.5, 1e-5); // 18 of 4
}

TEST_F(ContribTest, RotaryStartsAtThePosition) {
  input("x", {"1", "1", "2"});
  input("at", {"1"}, Int64);
  floats("cos", {3, 1}, {1, 0, -1});
  floats("sin", {3, 1}, {0, 1, 0});
  contrib("RotaryEmbedding", {"x", "at", "cos", "sin"});
  expect({f32({1, 1, 2}, {1, 2}), i64({1}, {1})}, {1, 1, 2}, {-2, 1});
}

//===-- Weights
//-------------------------------------------------------------===//

TEST_F(ContribTest, NibblesHaveTheLowOneFirst) {
  input("x", {"1", "2"});
  // 16 numbers a block, of which the width takes two: 9 and 7.
  bytes8("w", {1, 1, 8}, {0x79, 0, 0, 0, 0, 0, 0, 0});
  floats("scales", {1, 1}, {0.5});
  auto &product = contrib("MatMulNBits", {"x", "w", "scales"});
  set(product, "K", int64_t(2));
  set(product, "N", int64_t(1));
  set(product, "block_size", int64_t(16));
  // 8 is zero: 10 * 0.5 - 1 * 0.5
  expect({f32({1, 2}, {10, 1})}, {1, 1}, {4.5});
}

TEST_F(ContribTest, BlocksAreOfPowersOfTwo) {
  input("x", {"1", "2"});
  bytes8("w", {1, 1, 8}, std::vector<int>(8, 0));
  floats("scales", {1, 1}, {0.5});
  auto &product = contrib("MatMulNBits", {"x", "w", "scales"});
  set(product, "K", int64_t(2));
  set(product, "N", int64_t(1));
  set(product, "block_size", int64_t(17));
  expectErrors("node of output 'y' (com.microsoft.MatMulNBits, opset 1) has "
               "block_size 17, expected a power of two of at least 16\n");
}

TEST_F(ContribTest, GatheredRowsAreUnpacked) {
  input("at", {"1"}, Int64);
  bytes8("rows", {2, 8}, {0,    0, 0, 0, 0, 0, 0, 0, //
                          0x5a, 0, 0, 0, 0, 0, 0, 0});
  floats("scales", {2, 1}, {1, 2});
  auto &gather = contrib("GatherBlockQuantized", {"rows", "at", "scales"});
  set(gather, "block_size", int64_t(16));
  std::vector<double> expected(16, -16);
  expected[0] = 4, expected[1] = -6;
  expect({i64({1}, {1})}, {1, 16}, expected);
}

TEST_F(ContribTest, ExpertsCountAsChosen) {
  input("x", {"1", "1"});
  input("router", {"1", "2"});
  floats("first", {2, 1, 1}, {1, 2});
  floats("second", {2, 1, 1}, {1, 10});
  auto &mixture = contrib("MoE", {"x", "router", "first", "", "second"});
  set(mixture, "k", int64_t(1));
  // The second expert, with 3 / 4 of all: 0.75 * 10 * 2 * 3.
  expect({f32({1, 1}, {3}), f32({1, 2}, {0, 1.0986123})}, {1, 1}, {45});
}

TEST_F(ContribTest, QuantizedSumIsRounded) {
  input("a", {"2"}, UInt8);
  floats("one", {}, {1});
  floats("half", {}, {0.5});
  bytes8("ten", {}, {10});
  contrib("QLinearAdd", {"a", "half", "ten", "a", "one", "", "one", "ten"});
  // 0.5 (a - 10) + a + 10; the second is beyond 255.
  expect({ui8({2}, {13, 200})}, {2}, {24, 255});
}

TEST_F(ContribTest, QuantizedMeanIsExact) {
  input("x", {"1", "1", "1", "4"}, UInt8);
  floats("scale", {}, {0.02f});
  bytes8("zero", {}, {100});
  auto &pool = contrib("QLinearAveragePool",
                       {"x", "scale", "zero", "scale", "zero"});
  set(pool, "kernel_shape", std::vector<int64_t>{1, 4});
  // 110.5 lies between two numbers; the even one is taken.
  expect({ui8({1, 1, 1, 4}, {59, 118, 72, 193})}, {1, 1, 1, 1}, {110});
}

TEST_F(ContribTest, CropsAreResized) {
  input("x", {"1", "1", "2", "2"});
  floats("regions", {2, 4}, {0, 0, 1, 1, 0.5, 0.5, 2, 0.5});
  input("batch", {"2"}, Int32);
  ints("size", {2}, {2, 1});
  set(contrib("CropAndResize", {"x", "regions", "batch", "size"}),
      "extrapolation_value", -1.0);
  // The middle of each row, then a middle and what lies below the image.
  expect({f32({1, 1, 2, 2}, {1, 2, 3, 4}), i32({2}, {0, 0})}, {2, 1, 2, 1},
         {1.5, 3.5, 2.5, -1});
}

TEST_F(ContribTest, MurmurOfAWord) {
  input("x", {"1"}, Int32);
  auto &hash = contrib("MurmurHash3", {"x"});
  set(hash, "seed", int64_t(0));
  set(hash, "positive", int64_t(0));
  // The published hash of the four bytes 0x21 0x43 0x65 0x87.
  expect({i32({1}, {int32_t(0x87654321)})}, {1}, {int32_t(0xF55B516B)});
}

TEST_F(ContribTest, InverseChangesRows) {
  input("x", {"2", "2"});
  contrib("Inverse", {"x"});
  expect({f32({2, 2}, {0, 1, 2, 0})}, {2, 2}, {0, 0.5, 1, 0});
}

TEST_F(ContribTest, RepeatedRunIsLost) {
  input("ids", {"1", "4"}, Int64);
  input("scores", {"1", "3"});
  set(contrib("NGramRepeatBlock", {"ids", "scores"}), "ngram_size", int64_t(2));
  // 1 was followed by 2 before.
  auto results = run({i64({1, 4}, {1, 2, 0, 1}), f32({1, 3}, {5, 6, 7})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].real(1), 6);
  EXPECT_EQ(results[0].real(2), -std::numeric_limits<double>::infinity());
}
