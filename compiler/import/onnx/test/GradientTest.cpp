// Gradient: derivatives of one op at a time against differences, and what comes
// together in a graph.
#include "Harness.h"

using namespace nacre::onnx;
using namespace nacre::onnx::test;
namespace proto = nacre::proto;

namespace {

class GradientTest : public ImportTest {
protected:
  GradientTest() { opset(1, "ai.onnx.preview.training"); }
  /// Derivatives of "y" by `xs`, as "dx" for "x".
  proto::NodeProto &gradient(const Names &xs) {
    Names outputs;
    for (const std::string &x : xs)
      outputs.push_back("d" + x);
    proto::NodeProto &added = node("Gradient", xs, outputs);
    added.set_domain("ai.onnx.preview.training");
    auto *names = added.add_attribute();
    names->set_name("xs");
    names->set_type(proto::AttributeProto::STRINGS);
    for (const std::string &x : xs)
      names->add_strings(x);
    set(added, "y", "y");
    for (const std::string &name : outputs)
      output(name);
    return added;
  }
};

/// An op of one operand, with attributes where they are needed.
class SlopeTest : public GradientTest,
                  public ::testing::WithParamInterface<const char *> {};

} // namespace

TEST_P(SlopeTest, IsTheLimitOfDifferences) {
  input("x", {"1", "3"});
  floats("w", {1, 3}, {1, 2, -4});
  auto &op = node(GetParam(), {"x"}, {"h"});
  if (op.op_type() == "Cast")
    set(op, "to", int64_t(Float));
  if (op.op_type() == "Concat")
    op.add_input("x"), set(op, "axis", int64_t(0));
  if (op.op_type() == "Slice")
    for (const char *name : {"from", "to", "at", "by"})
      op.add_input(name);
  ints("from", {1}, {2}), ints("to", {1}, {-9}), ints("at", {1}, {1});
  ints("by", {1}, {-2});
  for (const char *name : {"Pow", "Max", "Min", "Sub", "Div"})
    if (op.op_type() == name)
      op.add_input("two");
  floats("two", {}, {0.7f});
  bool narrow = op.op_type() == "Slice";
  node("Mul", {"h", narrow ? "two" : "w"}, {"m"});
  set(node("ReduceSum", {"m"}, {"y"}), "keepdims", int64_t(0));
  if (op.op_type() == "Transpose")
    graph.mutable_node(1)->set_input(1, "two");
  gradient({"x"});
  output("y");
  std::vector<double> at{0.3, 0.6, 1.2};
  auto results = run({f32({1, 3}, at)});
  ASSERT_EQ(results.size(), 2u);
  const double step = 1.0 / 128;
  for (size_t k = 0; k < at.size(); ++k) {
    auto shifted = [&](double by) {
      std::vector<double> moved = at;
      moved[k] += by;
      return run({f32({1, 3}, moved)})[1].real(0);
    };
    double slope = (shifted(step) - shifted(-step)) / (2 * step);
    EXPECT_NEAR(results[0].real(k), slope, 2e-3 + 1e-3 * std::abs(slope))
        << "element " << k;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Ops, SlopeTest,
    ::testing::Values("Abs", "Cast", "Concat", "Cos", "Div", "Erf", "Exp",
                      "Identity", "Log", "LogSoftmax", "Max", "Min", "Neg",
                      "Pow", "Reciprocal", "Relu", "Sigmoid", "Sin", "Slice",
                      "Softmax", "Sqrt", "Sub", "Tanh", "Transpose"),
    [](const auto &info) { return std::string(info.param); });

TEST_F(GradientTest, UsesAddUp) {
  input("a", {"2"});
  input("b", {});
  node("Mul", {"a", "b"}, {"p"});
  node("Add", {"p", "a"}, {"y"});
  gradient({"a", "b"});
  auto results = run({f32({2}, {3, 5}), f32({}, {10})});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].real(1), 11);
  // What was broadcast is summed.
  EXPECT_EQ(results[1].dims().size(), 0u);
  EXPECT_EQ(results[1].real(0), 8);
}

TEST_F(GradientTest, ProductsOfMatrices) {
  input("a", {"1", "2"});
  input("b", {"2", "2"});
  node("MatMul", {"a", "b"}, {"y"});
  gradient({"a", "b"});
  auto results = run({f32({1, 2}, {3, 5}), f32({2, 2}, {1, 2, 4, 8})});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].real(0), 3);
  EXPECT_EQ(results[0].real(1), 12);
  EXPECT_EQ(results[1].real(1), 3);
  EXPECT_EQ(results[1].real(2), 5);
}

TEST_F(GradientTest, StopsAtWhatIsInBetween) {
  input("a", {});
  node("Mul", {"a", "a"}, {"h"});
  node("Mul", {"h", "a"}, {"y"});
  gradient({"h"});
  auto results = run({f32({}, {3})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].real(0), 3);
}

TEST_F(GradientTest, UnrelatedIsZero) {
  input("a", {"2"});
  input("b", {"2"});
  node("Exp", {"a"}, {"y"});
  gradient({"b"});
  auto results = run({f32({2}, {3, 5}), f32({2}, {1, 2})});
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].real(1), 0);
}

TEST_F(GradientTest, OpsWithoutDerivativeAreNamed) {
  input("a", {"2"});
  node("Floor", {"a"}, {"y"});
  gradient({"a"});
  expectErrors("node of output 'da' (ai.onnx.preview.training.Gradient, opset "
               "1) needs the derivative of 'graph.floor', which is not "
               "known\n");
}
