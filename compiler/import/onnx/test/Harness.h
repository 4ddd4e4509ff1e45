//===- Harness.h - Build, import and run small models -----------*- C++ -*-===//
#ifndef NACRE_COMPILER_IMPORT_ONNX_TEST_HARNESS_H
#define NACRE_COMPILER_IMPORT_ONNX_TEST_HARNESS_H

#include "compiler/import/onnx/Import.h"
#include "compiler/import/onnx/Types.h"
#include "dialects/graph/Graph.h"
#include "dialects/graph/reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "nacre/onnx.pb.h"
#include "gtest/gtest.h"
#include <list>

namespace nacre::onnx::test {

using graph::reference::Tensor;
using Names = std::vector<std::string>;

inline void set(proto::NodeProto &node, llvm::StringRef name, int64_t value) {
  auto *attribute = node.add_attribute();
  attribute->set_name(name.str());
  attribute->set_type(proto::AttributeProto::INT);
  attribute->set_i(value);
}
inline void set(proto::NodeProto &node, llvm::StringRef name, double value) {
  auto *attribute = node.add_attribute();
  attribute->set_name(name.str());
  attribute->set_type(proto::AttributeProto::FLOAT);
  attribute->set_f(float(value));
}
inline void set(proto::NodeProto &node, llvm::StringRef name,
                const char *value) {
  auto *attribute = node.add_attribute();
  attribute->set_name(name.str());
  attribute->set_type(proto::AttributeProto::STRING);
  attribute->set_s(value);
}
inline void set(proto::NodeProto &node, llvm::StringRef name,
                std::vector<int64_t> values) {
  auto *attribute = node.add_attribute();
  attribute->set_name(name.str());
  attribute->set_type(proto::AttributeProto::INTS);
  for (int64_t value : values)
    attribute->add_ints(value);
}
inline proto::GraphProto &setGraph(proto::NodeProto &node,
                                   llvm::StringRef name) {
  auto *attribute = node.add_attribute();
  attribute->set_name(name.str());
  attribute->set_type(proto::AttributeProto::GRAPH);
  return *attribute->mutable_g();
}

/// Dims are numbers, names, or "?".
inline void describe(proto::ValueInfoProto &value, llvm::StringRef name,
                     const Names &dims, DataType type) {
  value.set_name(name.str());
  auto *tensor = value.mutable_type()->mutable_tensor_type();
  tensor->set_elem_type(type);
  auto *shape = tensor->mutable_shape();
  for (const std::string &dim : dims) {
    int64_t number;
    if (llvm::StringRef(dim).getAsInteger(10, number))
      shape->add_dim()->set_dim_param(dim);
    else
      shape->mutable_dim()->Add()->set_dim_value(number);
  }
}

inline proto::NodeProto &addNode(proto::GraphProto &graph, llvm::StringRef op,
                                 const Names &inputs, const Names &outputs) {
  proto::NodeProto &node = *graph.add_node();
  node.set_op_type(op.str());
  for (const std::string &input : inputs)
    node.add_input(input);
  for (const std::string &output : outputs)
    node.add_output(output);
  return node;
}

class ImportTest : public ::testing::Test {
protected:
  ImportTest() : graph(*model.mutable_graph()) { opset(17); }

  void opset(int64_t version, llvm::StringRef domain = "") {
    if (domain.empty())
      model.clear_opset_import();
    auto *entry = model.add_opset_import();
    entry->set_domain(domain.str());
    entry->set_version(version);
    model.set_ir_version(8);
    graph.set_name("test");
  }
  void input(llvm::StringRef name, const Names &dims, DataType type = Float) {
    describe(*graph.add_input(), name, dims, type);
  }
  void output(llvm::StringRef name) {
    graph.add_output()->set_name(name.str());
  }
  proto::NodeProto &node(llvm::StringRef op, const Names &inputs,
                         const Names &outputs) {
    return addNode(graph, op, inputs, outputs);
  }
  proto::TensorProto &floats(llvm::StringRef name, std::vector<int64_t> dims,
                             std::vector<float> values) {
    proto::TensorProto &tensor = *graph.add_initializer();
    tensor.set_name(name.str());
    tensor.set_data_type(Float);
    for (int64_t dim : dims)
      tensor.add_dims(dim);
    for (float value : values)
      tensor.add_float_data(value);
    return tensor;
  }
  proto::TensorProto &ints(llvm::StringRef name, std::vector<int64_t> dims,
                           std::vector<int64_t> values) {
    proto::TensorProto &tensor = *graph.add_initializer();
    tensor.set_name(name.str());
    tensor.set_data_type(Int64);
    for (int64_t dim : dims)
      tensor.add_dims(dim);
    for (int64_t value : values)
      tensor.add_int64_data(value);
    return tensor;
  }
  /// A node from operands "x" (and more) to the output "y".
  proto::NodeProto &only(llvm::StringRef op, const Names &inputs = {"x"}) {
    output("y");
    return node(op, inputs, {"y"});
  }

  /// Imports the model; errors and notes, one a line, are in `messages`.
  bool import() {
    bytes.push_back(model.SerializeAsString());
    return importBytes(bytes.back());
  }
  bool importBytes(llvm::StringRef text) {
    messages.clear();
    mlir::ScopedDiagnosticHandler handler(
        &context, [&](mlir::Diagnostic &diagnostic) {
          messages += diagnostic.str() + "\n";
          for (mlir::Diagnostic &note : diagnostic.getNotes())
            messages += "note: " + note.str() + "\n";
          return mlir::success();
        });
    module = importModel(text, "test.onnx", "", options, context);
    return module && mlir::succeeded(mlir::verify(*module));
  }
  /// The function `main` as text.
  std::string ir() {
    std::string text;
    llvm::raw_string_ostream os(text);
    mlir::OpPrintingFlags flags;
    flags.elideLargeElementsAttrs(8).elideLargeResourceString(8);
    if (module)
      main().print(os, flags);
    return text;
  }
  mlir::func::FuncOp main() {
    return module->lookupSymbol<mlir::func::FuncOp>("main");
  }
  unsigned count(llvm::StringRef op) {
    unsigned found = 0;
    module->walk([&](mlir::Operation *inner) {
      found += inner->getName().getStringRef() == op;
    });
    return found;
  }

  Tensor f32(std::vector<int64_t> dims, std::vector<double> values) {
    Tensor tensor = Tensor::zeros(mlir::Float32Type::get(&context), dims);
    EXPECT_EQ(tensor.size(), int64_t(values.size()));
    for (auto [i, value] : llvm::enumerate(values))
      tensor.setReal(i, value);
    return tensor;
  }
  Tensor i64(std::vector<int64_t> dims, std::vector<int64_t> values) {
    Tensor tensor = Tensor::zeros(mlir::IntegerType::get(&context, 64), dims);
    EXPECT_EQ(tensor.size(), int64_t(values.size()));
    for (auto [i, value] : llvm::enumerate(values))
      tensor.setInteger(i, value);
    return tensor;
  }
  Tensor boolean(bool value) {
    Tensor tensor = Tensor::zeros(mlir::IntegerType::get(&context, 1), {});
    tensor.setInteger(0, value);
    return tensor;
  }

  /// Imports and runs the model with the oracle.
  std::vector<Tensor> run(std::vector<Tensor> inputs) {
    if (!import()) {
      ADD_FAILURE() << messages;
      return {};
    }
    std::string error;
    auto results = graph::reference::evaluateFunction(main(), inputs, &error);
    if (mlir::failed(results)) {
      ADD_FAILURE() << error;
      return {};
    }
    return {results->begin(), results->end()};
  }
  /// The same, for one output, with what it has to be.
  void expect(std::vector<Tensor> inputs, std::vector<int64_t> dims,
              std::vector<double> values) {
    std::vector<Tensor> results = run(inputs);
    ASSERT_EQ(results.size(), 1u);
    EXPECT_EQ(std::vector<int64_t>(results[0].dims().begin(),
                                   results[0].dims().end()),
              dims);
    ASSERT_EQ(results[0].size(), int64_t(values.size()));
    for (auto [i, value] : llvm::enumerate(values)) {
      double found = llvm::isa<mlir::FloatType>(results[0].elementType())
                         ? results[0].real(i)
                         : double(results[0].integer(i));
      EXPECT_NEAR(found, value, 1e-5) << "element " << i;
    }
  }
  /// Imports a model that has to fail with these messages, no more and no less.
  void expectErrors(const std::string &expected) {
    EXPECT_FALSE(import());
    EXPECT_EQ(messages, expected);
  }

  mlir::MLIRContext context;
  proto::ModelProto model;
  proto::GraphProto &graph;
  ImportOptions options;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::string messages;
  std::list<std::string> bytes; ///< constants refer to them
};

} // namespace nacre::onnx::test

#endif // NACRE_COMPILER_IMPORT_ONNX_TEST_HARNESS_H
