// Forms of ops that newer opsets have left: one canonical form comes out.
#include "Harness.h"

using namespace nacre::onnx;
using namespace nacre::onnx::test;
namespace proto = nacre::proto;

TEST_F(ImportTest, Add6AlignsAtAnAxis) {
  opset(6);
  input("x", {"2", "3"});
  input("z", {"2"});
  auto &add = only("Add", {"x", "z"});
  set(add, "broadcast", int64_t(1));
  set(add, "axis", int64_t(0));
  expect({f32({2, 3}, {0, 0, 0, 0, 0, 0}), f32({2}, {1, 2})}, {2, 3},
         {1, 1, 1, 2, 2, 2});
}

TEST_F(ImportTest, Cast1NamesTheType) {
  opset(1);
  input("x", {"2"});
  set(only("Cast"), "to", "INT64");
  expect({f32({2}, {1.7, -1.7})}, {2}, {1, -1});
}

TEST_F(ImportTest, Clip6HasBoundsAsAttributes) {
  opset(6);
  input("x", {"3"});
  auto &clip = only("Clip");
  set(clip, "min", -1.0);
  set(clip, "max", 1.0);
  expect({f32({3}, {-5, 0.5, 5})}, {3}, {-1, 0.5, 1});
}

TEST_F(ImportTest, Dropout7IsNothing) {
  opset(7);
  input("x", {"2"});
  set(only("Dropout"), "ratio", 0.5);
  expect({f32({2}, {1, 2})}, {2}, {1, 2});
  EXPECT_EQ(count("graph.random"), 0u);
}

TEST_F(ImportTest, Pad2) {
  opset(2);
  input("x", {"2"});
  auto &pad = only("Pad");
  set(pad, "pads", std::vector<int64_t>{1, 2});
  set(pad, "value", 9.0);
  expect({f32({2}, {1, 2})}, {5}, {9, 1, 2, 9, 9});
}

TEST_F(ImportTest, ReduceSum11HasAxesAsAttribute) {
  opset(11);
  input("x", {"2", "3"});
  auto &sum = only("ReduceSum");
  set(sum, "axes", std::vector<int64_t>{-1});
  set(sum, "keepdims", int64_t(0));
  expect({f32({2, 3}, {1, 2, 3, 4, 5, 6})}, {2}, {6, 15});
}

TEST_F(ImportTest, Slice1) {
  opset(1);
  input("x", {"2", "3"});
  auto &slice = only("Slice");
  set(slice, "starts", std::vector<int64_t>{-2});
  set(slice, "ends", std::vector<int64_t>{1000});
  set(slice, "axes", std::vector<int64_t>{1});
  expect({f32({2, 3}, {1, 2, 3, 4, 5, 6})}, {2, 2}, {2, 3, 5, 6});
}

TEST_F(ImportTest, Softmax11FlattensBehindItsAxis) {
  opset(11);
  input("x", {"1", "2", "2"});
  only("Softmax");
  double e = std::exp(1.0), sum = 2 + 2 * e;
  expect({f32({1, 2, 2}, {0, 1, 1, 0})}, {1, 2, 2},
         {1 / sum, e / sum, e / sum, 1 / sum});
}

TEST_F(ImportTest, SqueezeAndUnsqueeze11) {
  opset(11);
  input("x", {"1", "2"});
  set(node("Squeeze", {"x"}, {"t"}), "axes", std::vector<int64_t>{0});
  set(only("Unsqueeze", {"t"}), "axes", std::vector<int64_t>{-1, 0});
  expect({f32({1, 2}, {1, 2})}, {1, 2, 1}, {1, 2});
}

TEST_F(ImportTest, TopK1HasKAsAttribute) {
  opset(1);
  input("x", {"3"});
  set(node("TopK", {"x"}, {"y", "i"}), "k", int64_t(2));
  output("i");
  expect({f32({3}, {5, 7, 6})}, {2}, {1, 2});
}

TEST_F(ImportTest, Upsample7) {
  opset(7);
  input("x", {"1", "1", "1", "N"});
  auto &upsample = only("Upsample");
  auto *scales = upsample.add_attribute();
  scales->set_name("scales");
  scales->set_type(proto::AttributeProto::FLOATS);
  for (float scale : {1, 1, 1, 2})
    scales->add_floats(scale);
  expect({f32({1, 1, 1, 2}, {1, 2})}, {1, 1, 1, 4}, {1, 1, 2, 2});
}

TEST_F(ImportTest, BatchNormalization1FoldsItsStatistics) {
  opset(6);
  input("x", {"1", "2", "1"});
  floats("scale", {2}, {2, 3});
  floats("bias", {2}, {1, 0});
  floats("mean", {2}, {1, 1});
  floats("variance", {2}, {4, 9});
  auto &norm =
      only("BatchNormalization", {"x", "scale", "bias", "mean", "variance"});
  set(norm, "epsilon", 0.0);
  set(norm, "is_test", int64_t(1));
  expect({f32({1, 2, 1}, {5, 4})}, {1, 2, 1}, {5, 3});
  EXPECT_EQ(count("graph.rsqrt"), 0u);
}
