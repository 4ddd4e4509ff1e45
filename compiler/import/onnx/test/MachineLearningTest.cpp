// Ops of ai.onnx.ml that ONNX's own tests leave out.
#include "Harness.h"

using namespace nacre::onnx;
using namespace nacre::onnx::test;
namespace proto = nacre::proto;

namespace {

class MachineLearningTest : public ImportTest {
protected:
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
