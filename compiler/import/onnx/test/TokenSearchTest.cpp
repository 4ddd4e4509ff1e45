// BeamSearch and GreedySearch over a decoder that knows pairs of tokens.
#include "Harness.h"

using namespace nacre::onnx;
using namespace nacre::onnx::test;
namespace proto = nacre::proto;

namespace {

class TokenSearchTest : public ImportTest {
protected:
  TokenSearchTest() {
    opset(1, "com.microsoft");
    input("ids", {"B", "1"}, Int32);
    // Logarithms of what follows 0, 1 and 2, which ends.
    floats("table", {3, 3},
           {std::log(.1f), std::log(.6f), std::log(.3f), //
            std::log(.5f), std::log(.12f), std::log(.38f), 0, 0, 0});
    for (auto [name, value] : {std::pair{"two", 2}, {"three", 3}, {"five", 5}})
      ints(name, {1}, {value});
    floats("one", {1}, {1});
  }

  proto::NodeProto &search(llvm::StringRef op, const Names &inputs,
                           const Names &outputs) {
    proto::NodeProto &added = node(op, inputs, outputs);
    added.set_domain("com.microsoft");
    set(added, "eos_token_id", int64_t(2));
    set(added, "pad_token_id", int64_t(9));
    decoder(setGraph(added, "decoder"));
    for (const std::string &name : outputs)
      output(name);
    return added;
  }

private:
  /// Its past holds all tokens, so that a wrong row or length shows.
  static void decoder(proto::GraphProto &graph) {
    graph.set_name("decoder");
    describe(*graph.add_input(), "input_ids", {"N", "S"}, Int32);
    describe(*graph.add_input(), "position_ids", {"N", "S"}, Int32);
    describe(*graph.add_input(), "attention_mask", {"N", "T"}, Int32);
    describe(*graph.add_input(), "past", {"2", "N", "1", "P", "1"}, Float);
    addNode(graph, "Gather", {"table", "input_ids"}, {"logits"});
    addNode(graph, "Unsqueeze", {"input_ids", "axes"}, {"row"});
    addNode(graph, "Cast", {"row"}, {"state"});
    set(*graph.mutable_node(2), "to", int64_t(Float));
    set(addNode(graph, "Concat", {"state", "state"}, {"both"}), "axis",
        int64_t(0));
    set(addNode(graph, "Concat", {"past", "both"}, {"present"}), "axis",
        int64_t(3));
    proto::TensorProto &axes = *graph.add_initializer();
    axes.set_name("axes");
    axes.set_data_type(Int64);
    axes.add_dims(3);
    for (int64_t axis : {0, 2, 4})
      axes.add_int64_data(axis);
    for (const char *name : {"logits", "present"})
      graph.add_output()->set_name(name);
  }
};

std::vector<int64_t> integers(const Tensor &tensor) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < tensor.size(); ++i)
    values.push_back(tensor.integer(i));
  return values;
}

} // namespace

TEST_F(TokenSearchTest, BeamsThatEndMeetThoseUnderWay) {
  search("BeamSearch", {"ids", "three", "", "two", "two", "one"},
         {"sequences", "scores"});
  Tensor ids = Tensor::zeros(mlir::IntegerType::get(&context, 32), {1, 1});
  auto results = run({ids});
  ASSERT_EQ(results.size(), 2u);
  // ln(0.6 * 0.5) / 3 is better than ln(0.6 * 0.38) / 2, which has ended.
  EXPECT_EQ(integers(results[0]), (std::vector<int64_t>{0, 1, 0, 0, 1, 9}));
  EXPECT_NEAR(results[1].real(0), -0.401324, 1e-5);
  EXPECT_NEAR(results[1].real(1), -0.739205, 1e-5);
}

TEST_F(TokenSearchTest, RunsAreNotRepeated) {
  set(search("GreedySearch", {"ids", "five", "five"}, {"sequences"}),
      "no_repeat_ngram_size", int64_t(2));
  Tensor ids = Tensor::zeros(mlir::IntegerType::get(&context, 32), {1, 1});
  auto results = run({ids});
  ASSERT_EQ(results.size(), 1u);
  // The end may not come so early, and 0 1 not twice.
  EXPECT_EQ(integers(results[0]), (std::vector<int64_t>{0, 1, 0, 0, 0}));
}

TEST_F(TokenSearchTest, GreedyTakesTheBest) {
  search("GreedySearch", {"ids", "five"}, {"sequences"});
  Tensor ids = Tensor::zeros(mlir::IntegerType::get(&context, 32), {2, 1});
  ids.setInteger(1, 1);
  auto results = run({ids});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(integers(results[0]),
            (std::vector<int64_t>{0, 1, 0, 1, 0, 1, 0, 1, 0, 1}));
}

TEST_F(TokenSearchTest, PenaltyMakesNew) {
  floats("hundred", {1}, {100});
  search("GreedySearch", {"ids", "three", "", "hundred"}, {"sequences"});
  Tensor ids = Tensor::zeros(mlir::IntegerType::get(&context, 32), {1, 1});
  auto results = run({ids});
  ASSERT_EQ(results.size(), 1u);
  // 0 and 1 are used up; the end is not written.
  EXPECT_EQ(integers(results[0]), (std::vector<int64_t>{0, 1, 9}));
}

TEST_F(TokenSearchTest, PastIsDeclared) {
  auto &found = search("GreedySearch", {"ids", "three"}, {"sequences"});
  for (auto &attribute : *found.mutable_attribute())
    if (attribute.has_g())
      attribute.mutable_g()->mutable_input(3)->clear_type();
  expectErrors("node of output 'sequences' (com.microsoft.GreedySearch, opset "
               "1) has a decoder whose past 'past' is not declared as [2, "
               "batch, heads, past, size]\n");
}
