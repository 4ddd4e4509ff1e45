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

//===-- Experiments of the first opsets
//-------------------------------------===//

TEST_F(ImportTest, Resize10TakesTheNextWhereItShrinks) {
  opset(10);
  input("x", {"1", "1", "2", "4"});
  floats("scales", {4}, {1, 1, 2, 0.6f});
  only("Resize", {"x", "scales"});
  expect({f32({1, 1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8})}, {1, 1, 4, 2},
         {1, 3, 1, 3, 5, 7, 5, 7});
}

TEST_F(ImportTest, ThresholdedReluWasThereBefore) {
  opset(7);
  input("x", {"2"});
  set(only("ThresholdedRelu"), "alpha", 0.5);
  expect({f32({2}, {0.25, 2})}, {2}, {0, 2});
}

TEST_F(ImportTest, AffineScalesAndShifts) {
  input("x", {"2"});
  auto &affine = only("Affine");
  set(affine, "alpha", 2.0);
  set(affine, "beta", 1.0);
  expect({f32({2}, {1, -3})}, {2}, {3, -5});
}

TEST_F(ImportTest, ScaledTanhHasDefaults) {
  input("x", {"1"});
  set(only("ScaledTanh"), "beta", 2.0);
  expect({f32({1}, {0.5})}, {1}, {0.380797});
}

TEST_F(ImportTest, ParametricSoftplusOfZero) {
  input("x", {"1"});
  set(only("ParametricSoftplus"), "alpha", 3.0);
  expect({f32({1}, {0})}, {1}, {2.0794415});
}

TEST_F(ImportTest, ImageScalerHasABiasPerChannel) {
  input("x", {"1", "2", "1", "1"});
  auto &scaler = only("ImageScaler");
  set(scaler, "scale", 2.0);
  auto *bias = scaler.add_attribute();
  bias->set_name("bias");
  bias->set_type(proto::AttributeProto::FLOATS);
  bias->add_floats(10), bias->add_floats(20);
  expect({f32({1, 2, 1, 1}, {1, 2})}, {1, 2, 1, 1}, {12, 24});
}

TEST_F(ImportTest, CropTakesBordersOrASize) {
  input("x", {"1", "1", "2", "3"});
  auto &crop = only("Crop");
  set(crop, "border", std::vector<int64_t>{1, 0, 1, 1});
  expect({f32({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6})}, {1, 1, 1, 1}, {2});
  set(crop, "scale", std::vector<int64_t>{2, 1});
  expect({f32({1, 1, 2, 3}, {1, 2, 3, 4, 5, 6})}, {1, 1, 2, 1}, {2, 5});
}

TEST_F(ImportTest, ScaleIsOneByDefault) {
  input("x", {"1"});
  only("Scale");
  expect({f32({1}, {5})}, {1}, {5});
}
