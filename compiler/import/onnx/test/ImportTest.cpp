#include "Harness.h"

using namespace nacre::onnx;
using namespace nacre::onnx::test;
namespace proto = nacre::proto;

#define EXPECT_HAS(text, part)                                                 \
  EXPECT_NE((text).find(part), std::string::npos) << (text)

//===-- What comes out
//------------------------------------------------------===//

TEST_F(ImportTest, NamesAndDimsAreKept) {
  input("x", {"N", "3", "?", "N"});
  only("Relu");
  ASSERT_TRUE(import()) << messages;
  EXPECT_HAS(ir(), "%arg0: tensor<?x3x?x?xf32> {graph.dims = [\"N\", 3, "
                   "\"x.2\", \"N\"], graph.name = \"x\"}");
  EXPECT_HAS(ir(), "-> (tensor<?x3x?x?xf32> {graph.dims = [\"N\", 3, \"x.2\", "
                   "\"N\"], graph.name = \"y\"})");
  EXPECT_HAS(ir(), "graph.relu %arg0");
}

TEST_F(ImportTest, LocationHasNameOpAndOpset) {
  input("x", {"2"});
  only("Relu").set_name("act/1");
  ASSERT_TRUE(import()) << messages;
  std::string text;
  llvm::raw_string_ostream os(text);
  main().getBody().front().front().getLoc().print(os);
  EXPECT_EQ(text, "loc(\"act/1\"(\"Relu-17\"))");
}

TEST_F(ImportTest, DimsCanBeGiven) {
  input("x", {"N", "?"});
  only("Relu");
  options.dims["N"] = 4;
  options.dims["x.1"] = 5;
  ASSERT_TRUE(import()) << messages;
  EXPECT_HAS(ir(), "tensor<4x5xf32>");
}

TEST_F(ImportTest, DimThatIsNotThere) {
  input("x", {"N", "?"});
  only("Relu");
  options.dims["M"] = 4;
  expectErrors("--dim names 'M', which is no open dim of a graph input; there "
               "are: N, x.1\n");
}

TEST_F(ImportTest, UnrankedInputNeedsAShape) {
  graph.add_input()->set_name("x");
  graph.mutable_input(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
      Float);
  only("Relu");
  expectErrors("graph input 'x' has no shape; give one with --shape x=...\n");
  options.shapes["x"] = {2, -1};
  ASSERT_TRUE(import()) << messages;
  EXPECT_HAS(ir(), "%arg0: tensor<2x?xf32> {graph.dims = [2, \"x.1\"]");
}

TEST_F(ImportTest, InitializedInputIsAConstant) {
  model.set_ir_version(3);
  input("w", {"2"});
  input("x", {"2"});
  floats("w", {2}, {1, 2});
  only("Add", {"x", "w"});
  ASSERT_TRUE(import()) << messages;
  EXPECT_EQ(main().getNumArguments(), 1u);
  EXPECT_HAS(ir(), "dense<[1.000000e+00, 2.000000e+00]>");
}

TEST_F(ImportTest, ShapeChainsVanish) {
  input("x", {"N", "3", "4"});
  node("Shape", {"x"}, {"s"});
  ints("first", {}, {0});
  node("Gather", {"s", "first"}, {"n"});
  ints("axes", {1}, {0});
  node("Unsqueeze", {"n", "axes"}, {"n1"});
  ints("rest", {1}, {-1});
  node("Concat", {"n1", "rest"}, {"shape"});
  set(*graph.mutable_node(graph.node_size() - 1), "axis", int64_t(0));
  only("Reshape", {"x", "shape"});
  ASSERT_TRUE(import()) << messages;
  EXPECT_HAS(ir(), "tensor<?x12xf32> {graph.dims = [\"N\", 12]");
}

TEST_F(ImportTest, EqualWeightsAreOneResource) {
  std::vector<float> values(512);
  for (auto [i, value] : llvm::enumerate(values))
    value = float(i);
  input("x", {"512"});
  for (const char *name : {"a", "b"}) {
    auto &tensor = floats(name, {512}, {});
    tensor.set_raw_data(values.data(), values.size() * sizeof(float));
  }
  node("Add", {"x", "a"}, {"t"});
  only("Add", {"t", "b"});
  ASSERT_TRUE(import()) << messages;
  std::vector<mlir::Attribute> found;
  module->walk([&](nacre::graph::ConstantOp constant) {
    found.push_back(constant.getValue());
  });
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0], found[1]);
  auto resource = llvm::dyn_cast<mlir::DenseResourceElementsAttr>(found[0]);
  ASSERT_TRUE(resource);
  // The bytes are those of the model, not a copy of them.
  EXPECT_GE(resource.getData().data(), bytes.back().data());
  EXPECT_LT(resource.getData().data(),
            bytes.back().data() + bytes.back().size());
}

//===-- What is refused
//-----------------------------------------------------===//

TEST_F(ImportTest, AllMissesAreListed) {
  opset(17);
  opset(1, "com.acme");
  input("x", {"2"});
  auto &mix = node("FlashMix", {"x"}, {"a"});
  mix.set_name("encoder/attn_3");
  mix.set_domain("com.acme");
  for (int k = 0; k < 4; ++k)
    node("Rotor", {"x"}, {"r" + std::to_string(k)}).set_domain("com.acme");
  only("ImageDecoder");
  expectErrors(
      "node 'encoder/attn_3' (com.acme.FlashMix, opset 1) has no import rule "
      "and no function body\n"
      "note: 2 other unsupported op types: com.acme.Rotor (4 nodes), "
      "ImageDecoder-17 (1 node)\n");
}

TEST_F(ImportTest, AllErrorsAreReported) {
  input("x", {"2", "3"});
  node("Frob", {}, {}).set_op_type("Relu");
  graph.mutable_node()->RemoveLast();
  set(node("Softmax", {"x"}, {"a"}), "axis", int64_t(7));
  node("Relu", {"a"}, {"b"}); // silent: its operand is at fault
  set(only("Concat", {"x"}), "axis", int64_t(-9));
  expectErrors(
      "node of output 'a' (Softmax, opset 17) has axis 7 for rank 2; expected "
      "a value in [-2, 2)\n"
      "node of output 'y' (Concat, opset 17) has axis -9 for rank 2; expected "
      "a value in [-2, 2)\n");
}

TEST_F(ImportTest, AttributesAndInputsTheOpDoesNotHave) {
  input("x", {"2"});
  set(node("Relu", {"x"}, {"a"}), "alpha", 1.0);
  node("Relu", {"x", "x"}, {"b"});
  node("Relu", {"x"}, {"c", "d"});
  set(node("LeakyRelu", {"x"}, {"e"}), "alpha", int64_t(1));
  only("Add", {"x", ""});
  expectErrors(
      "node of output 'a' (Relu, opset 17) has attribute 'alpha', which the op "
      "does not have\n"
      "node of output 'b' (Relu, opset 17) has 2 inputs, expected at most 1\n"
      "node of output 'c' (Relu, opset 17) has 2 outputs, expected at most 1\n"
      "node of output 'e' (LeakyRelu, opset 17) has attribute 'alpha' of type "
      "int, expected float\n"
      "node of output 'y' (Add, opset 17) has no input 1, which is required\n");
}

TEST_F(ImportTest, GraphErrorsNameTheNode) {
  input("x", {"2", "3"});
  input("z", {"2", "4"});
  only("Add", {"x", "z"}).set_name("sum");
  expectErrors("node 'sum' (Add, opset 17): operand of shape [2, 4] does not "
               "broadcast to [2, 3]\n");
}

TEST_F(ImportTest, ValuesMustBeDefinedOnce) {
  input("x", {"2"});
  node("Relu", {"ghost"}, {"a"});
  node("Relu", {"x"}, {"later"});
  node("Relu", {"x"}, {"later"});
  output("nowhere");
  expectErrors(
      "node of output 'a' (Relu, opset 17) reads 'ghost', which nothing before "
      "it defines\n"
      "node of output 'later' (Relu, opset 17) defines 'later', which is "
      "defined already\n"
      "graph output 'nowhere' is produced by no node\n");
}

TEST_F(ImportTest, NodesAreSorted) {
  input("x", {"2"});
  only("Neg", {"later"});
  node("Relu", {"x"}, {"later"});
  expect({f32({2}, {-1, 3})}, {2}, {0, -3});
}

TEST_F(ImportTest, CyclesAreErrors) {
  only("Neg", {"a"});
  node("Relu", {"y"}, {"a"});
  expectErrors("node of output 'a' (Relu, opset 17) reads 'y', which nothing "
               "before it defines\n");
}

TEST_F(ImportTest, DeclaredDimsThatAreLeftBehindWarn) {
  input("x", {"2", "3"});
  describe(*graph.add_output(), "y", {"2", "7"}, Float);
  node("Relu", {"x"}, {"y"});
  ASSERT_TRUE(import());
  EXPECT_EQ(messages, "graph output 'y' is declared with dims [2, 7], found "
                      "'tensor<2x3xf32>', which holds\n");
}

TEST_F(ImportTest, DeclaredDimsOfNothingWarn) {
  input("x", {"2", "3"});
  describe(*graph.add_output(), "y", {"2"}, Int64);
  auto &shape = node("Shape", {"x"}, {"y"});
  set(shape, "start", int64_t(1));
  set(shape, "end", int64_t(0));
  ASSERT_TRUE(import());
  EXPECT_EQ(messages, "graph output 'y' is declared with dims [2], found "
                      "'tensor<0xi64>', which holds\n");
}

TEST_F(ImportTest, ShapesAreOfInputs) {
  input("x", {"2"});
  only("Relu");
  options.shapes["z"] = {2};
  expectErrors("--shape names 'z', which is no graph input; there are: x\n");
}

TEST_F(ImportTest, DeclaredOutputMustBePossible) {
  input("x", {"2", "3"});
  describe(*graph.add_output(), "y", {"7", "7"}, Float);
  node("Relu", {"x"}, {"y"});
  expectErrors("graph output 'y' is declared with dims [7, 7], found "
               "'tensor<2x3xf32>'\n");
}

TEST_F(ImportTest, VersionsOutOfReach) {
  only("Relu");
  input("x", {"2"});
  opset(10000);
  expectErrors("opset 10000 of domain 'ai.onnx' is not supported; expected 1 "
               "to 28\n");
  opset(17);
  model.set_ir_version(9999);
  expectErrors("IR version 9999 is not supported; expected 1 to 14\n");
  model.set_ir_version(8);
  model.clear_opset_import();
  expectErrors("the model imports no opset\n");
  model.clear_graph();
  expectErrors("the model has no graph\n");
}

TEST_F(ImportTest, SizesAreCheckedBeforeMemoryIsTaken) {
  input("x", {"2"});
  floats("w", {int64_t(1) << 32, int64_t(1) << 32}, {});
  only("Add", {"x", "w"});
  expectErrors("initializer 'w': a tensor of dims [4294967296, 4294967296] is "
               "larger than the limit of 2^40 bytes\n");
  graph.mutable_initializer(0)->clear_dims();
  graph.mutable_initializer(0)->add_dims(3);
  expectErrors(
      "initializer 'w': dims [3] of float need 12 bytes of data, found 0\n");
  graph.mutable_initializer(0)->set_dims(0, -3);
  expectErrors("initializer 'w': dim -3 is negative\n");
}

TEST_F(ImportTest, TypesThatAreNotSupported) {
  std::string expected = ", which is not supported; expected a tensor, or a "
                         "sequence, optional or map of tensors\n";
  input("x", {"2"}, Undefined);
  only("Identity");
  expectErrors("graph input 'x' has type tensor(undefined)" + expected);
  auto *type = graph.mutable_input(0)->mutable_type();
  type->mutable_sequence_type()
      ->mutable_elem_type()
      ->mutable_tensor_type()
      ->set_elem_type(99);
  expectErrors("graph input 'x' has type seq(tensor(data type 99))" + expected);
}

TEST_F(ImportTest, AwkwardNamesAreShownSafely) {
  input("x", {"2"});
  only("Relu", {std::string("a\n\"b\0c", 6)});
  expectErrors("node of output 'y' (Relu, opset 17) reads 'a\\0A\\22b\\00c', "
               "which nothing before it defines\n");
}

TEST_F(ImportTest, NarrowTypesAreUnpacked) {
  for (auto [name, type] : {std::pair("a", Int4), std::pair("b", UInt4)}) {
    auto &tensor = *graph.add_initializer();
    tensor.set_name(name);
    tensor.set_data_type(type);
    tensor.add_dims(3);
    tensor.set_raw_data(std::string("\x8f\x07", 2));
  }
  opset(25);
  for (const char *name : {"a", "b"}) {
    set(node("Cast", {name}, {std::string("y") + name}), "to", int64_t(Int64));
    output(std::string("y") + name);
  }
  std::vector<Tensor> results = run({});
  ASSERT_EQ(results.size(), 2u);
  int64_t expected[2][3] = {{-1, -8, 7}, {15, 8, 7}};
  for (int k = 0; k < 2; ++k)
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(results[k].integer(i), expected[k][i]);
}

TEST_F(ImportTest, SparseInitializersAreWrittenOut) {
  auto &sparse = *graph.add_sparse_initializer();
  sparse.mutable_values()->set_name("w");
  sparse.mutable_values()->set_data_type(Float);
  sparse.mutable_values()->add_dims(2);
  sparse.mutable_values()->add_float_data(5);
  sparse.mutable_values()->add_float_data(6);
  sparse.mutable_indices()->set_data_type(Int64);
  for (int64_t dim : {2, 2})
    sparse.mutable_indices()->add_dims(dim);
  for (int64_t index : {0, 1, 1, 0})
    sparse.mutable_indices()->add_int64_data(index);
  for (int64_t dim : {2, 2})
    sparse.add_dims(dim);
  input("x", {"2", "2"});
  only("Add", {"x", "w"});
  expect({f32({2, 2}, {1, 1, 1, 1})}, {2, 2}, {1, 6, 7, 1});
  sparse.mutable_indices()->set_int64_data(3, 1);
  sparse.mutable_indices()->set_int64_data(1, 1);
  sparse.mutable_indices()->set_int64_data(0, 1);
  expectErrors("initializer 'w': sparse tensor names one element twice at "
               "entry 1\n");
}
