#include "Harness.h"

using namespace nacre::onnx;
using namespace nacre::onnx::test;
namespace proto = nacre::proto;

namespace {

class FunctionTest : public ImportTest {
protected:
  FunctionTest() {
    opset(17);
    opset(1, "local");
  }
  proto::FunctionProto &function(llvm::StringRef name, const Names &inputs,
                                 const Names &outputs) {
    proto::FunctionProto &function = *model.add_functions();
    function.set_name(name.str());
    function.set_domain("local");
    for (const std::string &input : inputs)
      function.add_input(input);
    for (const std::string &output : outputs)
      function.add_output(output);
    *function.add_opset_import() = model.opset_import(0);
    *function.add_opset_import() = model.opset_import(1);
    return function;
  }
  proto::NodeProto &body(proto::FunctionProto &function, llvm::StringRef op,
                         const Names &inputs, const Names &outputs) {
    proto::GraphProto holder;
    *function.add_node() = addNode(holder, op, inputs, outputs);
    return *function.mutable_node(function.node_size() - 1);
  }
};

} // namespace

TEST_F(FunctionTest, ExpandsWhereCalled) {
  auto &scaled = function("Scaled", {"a"}, {"c"});
  scaled.add_attribute("slope");
  auto *reference = body(scaled, "LeakyRelu", {"a"}, {"c"}).add_attribute();
  reference->set_name("alpha");
  reference->set_type(proto::AttributeProto::FLOAT);
  reference->set_ref_attr_name("slope");
  auto &twice = function("Twice", {"a"}, {"c"});
  auto &call = body(twice, "Scaled", {"a"}, {"t"});
  call.set_domain("local");
  set(call, "slope", 0.5);
  body(twice, "Add", {"t", "t"}, {"c"});

  input("x", {"2"});
  only("Twice").set_domain("local");
  expect({f32({2}, {-2, 3})}, {2}, {-2, 6});
}

TEST_F(FunctionTest, AbsentAttributesAndOperands) {
  auto &clip = function("MyClip", {"a", "low"}, {"c"});
  clip.add_attribute("slope");
  auto *reference = body(clip, "LeakyRelu", {"a"}, {"t"}).add_attribute();
  reference->set_name("alpha");
  reference->set_type(proto::AttributeProto::FLOAT);
  reference->set_ref_attr_name("slope");
  body(clip, "Clip", {"t", "low"}, {"c"});
  input("x", {"2"});
  only("MyClip").set_domain("local");
  // alpha is 0.01 and there is no lower bound.
  expect({f32({2}, {-200, 3})}, {2}, {-2, 3});
}

TEST_F(FunctionTest, DefaultsOfAttributes) {
  auto &scaled = function("Scaled", {"a"}, {"c"});
  auto *otherwise = scaled.add_attribute_proto();
  otherwise->set_name("slope");
  otherwise->set_type(proto::AttributeProto::FLOAT);
  otherwise->set_f(0.25);
  auto *reference = body(scaled, "LeakyRelu", {"a"}, {"c"}).add_attribute();
  reference->set_name("alpha");
  reference->set_type(proto::AttributeProto::FLOAT);
  reference->set_ref_attr_name("slope");
  input("x", {"1"});
  only("Scaled").set_domain("local");
  expect({f32({1}, {-4})}, {1}, {-1});
}

TEST_F(FunctionTest, MissesInsideAreListed) {
  auto &outer = function("Outer", {"a"}, {"c"});
  body(outer, "Frobnicate", {"a"}, {"c"}).set_name("inner");
  input("x", {"1"});
  only("Outer").set_domain("local");
  expectErrors("node 'inner' (Frobnicate, opset 17) has no import rule and no "
               "function body\n");
}

TEST_F(FunctionTest, RecursionIsFound) {
  auto &one = function("One", {"a"}, {"c"});
  body(one, "Two", {"a"}, {"c"}).set_domain("local");
  auto &two = function("Two", {"a"}, {"c"});
  body(two, "One", {"a"}, {"c"}).set_domain("local");
  input("x", {"1"});
  only("One").set_domain("local");
  expectErrors("function 'One' calls itself\n");
}

TEST_F(FunctionTest, ExpansionIsBounded) {
  // Each function calls the one before twice: 2^30 nodes.
  for (int k = 0; k < 30; ++k) {
    auto &more = function("F" + std::to_string(k), {"a"}, {"c"});
    std::string before = k == 0 ? "Relu" : "F" + std::to_string(k - 1);
    for (auto [from, to] : {std::pair("a", "t"), std::pair("t", "c")})
      body(more, before, {from}, {to}).set_domain(k == 0 ? "" : "local");
  }
  input("x", {"1"});
  only("F29").set_domain("local");
  expectErrors("the model's functions expand to more than 1000000 nodes\n");
}

TEST_F(FunctionTest, NestingIsBounded) {
  for (int k = 0; k < 3000; ++k) {
    auto &more = function("F" + std::to_string(k), {"a"}, {"c"});
    body(more, k == 0 ? "Relu" : "F" + std::to_string(k - 1), {"a"}, {"c"})
        .set_domain(k == 0 ? "" : "local");
  }
  input("x", {"1"});
  only("F2999").set_domain("local");
  expectErrors("functions call each other deeper than 64\n");
}
