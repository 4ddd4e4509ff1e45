// Ops of ai.onnx.ml that ONNX's own tests leave out.
#include "Harness.h"

using namespace nacre::onnx;
using namespace nacre::onnx::test;
namespace proto = nacre::proto;

namespace {

class MachineLearningTest : public ImportTest {
protected:
  /// A tree of two decisions (x[0], x[1]) and three leaves of weight 1, 2, 3.
  proto::NodeProto &smallTree(int64_t mode) {
    model.mutable_opset_import(1)->set_version(5);
    input("x", {"N", "2"});
    auto &trees = learned("TreeEnsemble", {"y"});
    for (auto [name, values] :
         {std::pair{"tree_roots", std::vector<int64_t>{0}},
          {"nodes_featureids", {0, 1}},
          {"nodes_truenodeids", {1, 1}},
          {"nodes_trueleafs", {0, 1}},
          {"nodes_falsenodeids", {0, 2}},
          {"nodes_falseleafs", {1, 1}},
          {"leaf_targetids", {0, 0, 0}}})
      set(trees, name, values);
    tensorOf(trees, "nodes_splits", Float, {2}, {1, 2});
    tensorOf(trees, "leaf_weights", Float, {3}, {1, 2, 3});
    tensorOf(trees, "nodes_modes", UInt8, {2}, {double(mode), double(mode)});
    return trees;
  }
  static void tensorOf(proto::NodeProto &node, llvm::StringRef name,
                       DataType type, std::vector<int64_t> dims,
                       std::vector<double> values) {
    auto *attribute = node.add_attribute();
    attribute->set_name(name.str());
    attribute->set_type(proto::AttributeProto::TENSOR);
    proto::TensorProto &tensor = *attribute->mutable_t();
    tensor.set_data_type(type);
    for (int64_t dim : dims)
      tensor.add_dims(dim);
    for (double value : values)
      if (type == Float)
        tensor.add_float_data(float(value));
      else
        tensor.add_int32_data(int32_t(value));
  }
  MachineLearningTest() { opset(3, "ai.onnx.ml"); }
  proto::NodeProto &learned(llvm::StringRef op, const Names &outputs) {
    proto::NodeProto &added = node(op, {"x"}, outputs);
    added.set_domain("ai.onnx.ml");
    for (const std::string &name : outputs)
      output(name);
    return added;
  }
  static void floatsOf(proto::NodeProto &node, llvm::StringRef name,
                       std::vector<float> values) {
    auto *attribute = node.add_attribute();
    attribute->set_name(name.str());
    attribute->set_type(proto::AttributeProto::FLOATS);
    for (float value : values)
      attribute->add_floats(value);
  }
};

} // namespace

TEST_F(MachineLearningTest, MissingValuesGoWhereTheNodeSays) {
  input("x", {"2", "2"});
  auto &trees = learned("TreeEnsembleRegressor", {"y"});
  for (auto [name, values] :
       {std::pair{"nodes_treeids", std::vector<int64_t>{0, 0, 0, 0, 0}},
        {"nodes_nodeids", {0, 1, 2, 3, 4}},
        {"nodes_featureids", {0, 1, 0, 0, 0}},
        {"nodes_truenodeids", {1, 3, 0, 0, 0}},
        {"nodes_falsenodeids", {2, 4, 0, 0, 0}},
        {"nodes_missing_value_tracks_true", {0, 1, 0, 0, 0}},
        {"target_treeids", {0, 0, 0}},
        {"target_nodeids", {2, 3, 4}},
        {"target_ids", {0, 0, 0}}})
    set(trees, name, values);
  set(trees, "n_targets", int64_t(1));
  floatsOf(trees, "nodes_values", {0.5, 0.5, 0, 0, 0});
  floatsOf(trees, "target_weights", {1, 2, 3});
  auto *modes = trees.add_attribute();
  modes->set_name("nodes_modes");
  modes->set_type(proto::AttributeProto::STRINGS);
  for (const char *mode : {"BRANCH_LEQ", "BRANCH_LT", "LEAF", "LEAF", "LEAF"})
    modes->add_strings(mode);
  expect({f32({2, 2}, {NAN, 0, 0, NAN})}, {2, 1}, {1, 2});
}

TEST_F(MachineLearningTest, AllNodesOfATreeCompareAlike) {
  smallTree(/*mode=*/4); // BRANCH_EQ
  expect({f32({3, 2}, {1, 2, 1, 0, 0, 2})}, {3, 1}, {2, 3, 1});
}

TEST_F(MachineLearningTest, FeaturesAreBounded) {
  auto &trees = smallTree(/*mode=*/0);
  trees.mutable_attribute(1)->set_ints(1, INT64_MAX);
  expectErrors("node of output 'y' (ai.onnx.ml.TreeEnsemble, opset 5) has tree node 1 on "
               "feature 9223372036854775807, expected 0 to 2147483646\n");
}

TEST_F(MachineLearningTest, OneScoreIsOfTwoClasses) {
  input("x", {"1", "1"});
  auto &classifier = learned("LinearClassifier", {"label", "scores"});
  set(classifier, "classlabels_ints", std::vector<int64_t>{7, 9});
  set(classifier, "post_transform", "SOFTMAX");
  floatsOf(classifier, "coefficients", {2});
  floatsOf(classifier, "intercepts", {0.5});
  auto results = run({f32({1, 1}, {0.25})});
  ASSERT_EQ(results.size(), 2u);
  EXPECT_EQ(results[0].integer(0), 9);
  EXPECT_EQ(results[1].real(0), 0);
  EXPECT_EQ(results[1].real(1), 1);
}
