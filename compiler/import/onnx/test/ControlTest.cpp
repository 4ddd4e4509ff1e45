#include "Harness.h"

using namespace nacre::onnx;
using namespace nacre::onnx::test;
namespace proto = nacre::proto;

namespace {

class ControlTest : public ImportTest {
protected:
  void branch(proto::NodeProto &node, llvm::StringRef name, llvm::StringRef op,
              const Names &inputs) {
    proto::GraphProto &body = setGraph(node, name);
    addNode(body, op, inputs, {name.str() + "_out"});
    body.add_output()->set_name(name.str() + "_out");
  }
  void ifNode(llvm::StringRef yes, llvm::StringRef no) {
    auto &node = only("If", {"c"});
    branch(node, "then_branch", yes, {"x"});
    branch(node, "else_branch", no, {"x"});
  }
};

} // namespace

TEST_F(ControlTest, IfReadsValuesAround) {
  input("c", {}, Bool);
  input("x", {"2"});
  ifNode("Neg", "Abs");
  expect({boolean(true), f32({2}, {-1, 2})}, {2}, {1, -2});
  EXPECT_EQ(count("graph.if"), 1u);
  expect({boolean(false), f32({2}, {-1, 2})}, {2}, {1, 2});
}

// "t" in the branches is not the "t" that is made of what they give.
TEST_F(ControlTest, BranchesNameValuesAsLaterNodesDo) {
  input("c", {}, Bool);
  input("x", {"2"});
  auto &choice = node("If", {"c"}, {"y"});
  for (const char *name : {"then_branch", "else_branch"}) {
    proto::GraphProto &body = setGraph(choice, name);
    addNode(body, name[0] == 't' ? "Neg" : "Abs", {"x"}, {"t"});
    addNode(body, "Identity", {"t"}, {"out"});
    body.add_output()->set_name("out");
  }
  node("Relu", {"y"}, {"t"});
  output("t");
  expect({boolean(true), f32({2}, {-1, 2})}, {2}, {1, 0});
}

TEST_F(ControlTest, KnownConditionLeavesOneBranch) {
  input("x", {"2"});
  ints("one", {}, {1});
  node("Shape", {"x"}, {"s"});
  node("Size", {"s"}, {"rank"});
  node("Equal", {"rank", "one"}, {"c"});
  ifNode("Neg", "Abs");
  ASSERT_TRUE(import()) << messages;
  EXPECT_EQ(count("graph.if"), 0u);
  EXPECT_EQ(count("graph.neg"), 1u);
  EXPECT_EQ(count("graph.abs"), 0u);
}

TEST_F(ControlTest, SqueezeOfAnOpenDim) {
  opset(11);
  input("x", {"2", "N"});
  node("Shape", {"x"}, {"s"});
  ints("last", {}, {1});
  node("Gather", {"s", "last"}, {"n"});
  ints("one", {}, {1});
  node("Equal", {"n", "one"}, {"c"});
  ifNode("Squeeze", "Identity");
  set(*graph.mutable_node(graph.node_size() - 1)
           ->mutable_attribute(0)
           ->mutable_g()
           ->mutable_node(0),
      "axes", std::vector<int64_t>{1});
  ASSERT_TRUE(import()) << messages;
  EXPECT_EQ(messages,
            "node of output 'y' (If, opset 11) squeezes a dim if that "
            "is 1; as the dim is open, it is taken to be 1\n");
  expect({f32({2, 1}, {5, 6})}, {2}, {5, 6});
}

TEST_F(ControlTest, BranchesMustMeet) {
  input("c", {}, Bool);
  input("x", {"2"});
  ifNode("Neg", "Shape");
  expectErrors("node of output 'y' (If, opset 17) has branches that give "
               "'tensor<2xf32>' and 'tensor<1xi64>' as output 0\n");
}

/// y = x doubled `n` times, and all sums on the way.
TEST_F(ControlTest, LoopCarriesAndStacks) {
  input("n", {}, Int64);
  input("x", {"2"});
  auto &loop = node("Loop", {"n", "", "x"}, {"y", "all"});
  proto::GraphProto &body = setGraph(loop, "body");
  for (const char *name : {"i", "go", "v"})
    body.add_input()->set_name(name);
  addNode(body, "Identity", {"go"}, {"go_out"});
  addNode(body, "Add", {"v", "v"}, {"v_out"});
  addNode(body, "Neg", {"v_out"}, {"stacked"});
  for (const char *name : {"go_out", "v_out", "stacked"})
    body.add_output()->set_name(name);
  output("y");
  output("all");
  std::vector<Tensor> results = run({i64({}, {3}), f32({2}, {1, 2})});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].real(1), 16);
  EXPECT_EQ(results[1].dim(0), 3);
  EXPECT_EQ(results[1].real(5), -16);
}

TEST_F(ControlTest, CarriedDimsThatChangeAreOpened) {
  input("n", {}, Int64);
  input("x", {"1", "2"});
  auto &loop = only("Loop", {"n", "", "x"});
  proto::GraphProto &body = setGraph(loop, "body");
  for (const char *name : {"i", "go", "v"})
    body.add_input()->set_name(name);
  addNode(body, "Identity", {"go"}, {"go_out"});
  set(addNode(body, "Concat", {"v", "x"}, {"v_out"}), "axis", int64_t(0));
  for (const char *name : {"go_out", "v_out"})
    body.add_output()->set_name(name);
  expect({i64({}, {2}), f32({1, 2}, {1, 2})}, {3, 2}, {1, 2, 1, 2, 1, 2});
  EXPECT_NE(ir().find("-> tensor<?x2xf32>"), std::string::npos) << ir();
  EXPECT_EQ(count("graph.loop"), 1u);
}

TEST_F(ControlTest, LoopBodyOfTheWrongForm) {
  input("n", {}, Int64);
  input("x", {"2"});
  proto::GraphProto &body = setGraph(only("Loop", {"n", "", "x"}), "body");
  body.add_input()->set_name("i");
  expectErrors("node of output 'y' (Loop, opset 17) has a body with 1 inputs, "
               "expected 3\n");
}

/// The running sum from the end, stacked from the end.
TEST_F(ControlTest, ScanBackward) {
  input("s", {});
  input("x", {"3"});
  auto &scan = node("Scan", {"s", "x"}, {"sum", "y"});
  set(scan, "num_scan_inputs", int64_t(1));
  set(scan, "scan_input_directions", std::vector<int64_t>{1});
  set(scan, "scan_output_directions", std::vector<int64_t>{1});
  proto::GraphProto &body = setGraph(scan, "body");
  for (const char *name : {"before", "v"})
    body.add_input()->set_name(name);
  addNode(body, "Add", {"before", "v"}, {"after"});
  addNode(body, "Identity", {"after"}, {"stacked"});
  for (const char *name : {"after", "stacked"})
    body.add_output()->set_name(name);
  output("y");
  expect({f32({}, {0}), f32({3}, {1, 2, 3})}, {3}, {6, 5, 3});
}

TEST_F(ControlTest, SubgraphsAreBounded) {
  input("c", {}, Bool);
  input("x", {"2"});
  proto::GraphProto *at = &graph;
  for (int k = 0; k < 70; ++k) {
    auto &node = addNode(*at, "If", {"c"}, {"y" + std::to_string(k)});
    proto::GraphProto &no = setGraph(node, "else_branch");
    addNode(no, "Identity", {"x"}, {"e" + std::to_string(k)});
    no.add_output()->set_name("e" + std::to_string(k));
    at->add_output()->set_name("y" + std::to_string(k));
    at = &setGraph(node, "then_branch");
  }
  addNode(*at, "Identity", {"x"}, {"end"});
  at->add_output()->set_name("end");
  EXPECT_FALSE(import());
  EXPECT_EQ(messages, "subgraphs or functions nest deeper than 64\n");
}
