#include "compiler/import/onnx/Import.h"
#include "compiler/import/onnx/Importer.h"
#include "compiler/import/onnx/Rules.h"
#include "compiler/import/onnx/Types.h"

using namespace mlir;
using namespace nacre::onnx;
namespace proto = nacre::proto;

static ModelInfo::Value describe(const proto::ValueInfoProto &value) {
  ModelInfo::Value info{value.name(), typeName(value.type()), {}, true};
  const auto &tensor = value.type().tensor_type();
  info.ranked = !value.type().has_tensor_type() || tensor.has_shape();
  for (const auto &dim : tensor.shape().dim()) {
    bool known = dim.has_dim_value() && dim.dim_value() >= 0;
    info.dims.push_back(known ? std::to_string(dim.dim_value())
                        : dim.dim_param().empty() ? "?"
                                                  : dim.dim_param());
  }
  return info;
}

/// Bytes by the dims alone: nothing is read from other files.
static int64_t bytesOf(const proto::TensorProto &tensor, MLIRContext *context) {
  SmallVector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  Type element = elementType(context, tensor.data_type());
  if (!element || llvm::any_of(dims, [](int64_t dim) { return dim < 0; }))
    return 0;
  return storageBytes(element, countElements(dims).value_or(0)).value_or(0);
}

namespace {
struct Counter {
  explicit Counter(ModelInfo &info) : info(info) {
    // Strings are a type of the dialect.
    context.loadDialect<nacre::graph::GraphDialect>();
  }

  ModelInfo &info;
  MLIRContext context{MLIRContext::Threading::DISABLED};
  std::map<std::pair<std::string, std::string>, int64_t> ops;

  void weight(const proto::TensorProto &tensor) {
    ++info.weights;
    info.weightBytes += bytesOf(tensor, &context);
  }
  template <typename Nodes>
  void nodes(const Nodes &list) {
    for (const proto::NodeProto &node : list) {
      ++info.nodes;
      ++ops[{canonicalDomain(node.domain()).str(), node.op_type()}];
      for (const proto::AttributeProto &attribute : node.attribute()) {
        if (attribute.has_t() && bytesOf(attribute.t(), &context) > 1024)
          weight(attribute.t());
        if (attribute.has_g())
          graph(attribute.g());
        for (const proto::GraphProto &inner : attribute.graphs())
          graph(inner);
      }
    }
  }
  void graph(const proto::GraphProto &graph) {
    for (const proto::TensorProto &tensor : graph.initializer())
      weight(tensor);
    nodes(graph.node());
  }
};
} // namespace

LogicalResult nacre::onnx::inspectModel(StringRef path, ModelInfo &info,
                                        std::string &error) {
  auto model = Model::open(path);
  if (!model) {
    error = toString(model.takeError());
    return failure();
  }
  const proto::ModelProto &proto = (*model)->proto();
  info = ModelInfo();
  info.name = proto.graph().name();
  info.producer = proto.producer_name();
  if (!proto.producer_version().empty())
    info.producer += " " + proto.producer_version();
  info.description = proto.doc_string();
  info.irVersion = proto.ir_version();
  info.functions = proto.functions_size();
  llvm::StringMap<int64_t> opsets;
  for (const auto &opset : proto.opset_import()) {
    opsets[canonicalDomain(opset.domain())] = opset.version();
    info.opsets.emplace_back(opset.domain(), opset.version());
  }
  llvm::StringMap<bool> initialized;
  for (const auto &tensor : proto.graph().initializer())
    initialized[tensor.name()] = true;
  for (const auto &input : proto.graph().input())
    if (!initialized.count(input.name()))
      info.inputs.push_back(describe(input));
  for (const auto &output : proto.graph().output())
    info.outputs.push_back(describe(output));
  Counter counter(info);
  counter.graph(proto.graph());
  llvm::StringMap<bool> own;
  for (const proto::FunctionProto &function : proto.functions()) {
    counter.nodes(function.node());
    own[(canonicalDomain(function.domain()) + "." + function.name()).str()] =
        true;
  }
  for (auto &[key, count] : counter.ops) {
    auto &[domain, type] = key;
    auto opset = opsets.find(domain);
    bool supported = own.count(domain + "." + type) ||
                     (opset != opsets.end() &&
                      RuleTable::get().find(domain, type, opset->second));
    info.ops.push_back({domain, type, count, supported});
  }
  return success();
}
