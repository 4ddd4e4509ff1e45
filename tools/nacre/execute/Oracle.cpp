#include "tools/nacre/execute/Oracle.h"

#include "compiler/import/onnx/Types.h"
#include "dialects/graph/Graph.h"
#include "dialects/graph/reference/Host.h"
#include "dialects/graph/reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <cstring>

using namespace mlir;
using namespace nacre;
using namespace nacre::execute;
using RefTensor = graph::reference::Tensor;

static uint32_t dtypeOf(Type type) {
  if (isa<graph::SequenceType>(type))
    return NACRE_SEQUENCE;
  if (isa<graph::OptionalType>(type))
    return NACRE_OPTIONAL;
  if (isa<graph::MapType>(type))
    return NACRE_MAP;
  for (uint32_t dtype = 1; dtype < onnx::NumDataTypes; ++dtype)
    if (onnx::elementType(type.getContext(), dtype) == type)
      return dtype;
  return 0;
}

//===-- Values ------------------------------------------------------------===//

/// What a container holds, by the place in it.
static Type contentAt(Type container, size_t i) {
  if (auto sequence = dyn_cast<graph::SequenceType>(container))
    return sequence.getContent();
  if (auto optional = dyn_cast<graph::OptionalType>(container))
    return optional.getContent();
  auto map = cast<graph::MapType>(container);
  return i == 0 ? map.getKey() : map.getValue();
}

static execute::Value contentValue(Type content) {
  execute::Value value;
  Type element = graph::elementOfContent(content);
  value.dtype = dtypeOf(element);
  auto tensor = dyn_cast<TensorType>(content);
  if (tensor && !tensor.hasRank())
    value.dims = {-1};
  else if (tensor)
    value.dims.assign(tensor.getShape().begin(), tensor.getShape().end());
  for (int64_t &dim : value.dims)
    dim = ShapedType::isDynamic(dim) ? -1 : dim;
  value.symbols.resize(value.dims.size());
  if (io::isContainer(value.dtype))
    for (size_t i = 0; i < (value.dtype == NACRE_MAP ? 2 : 1); ++i)
      value.content.push_back(contentValue(contentAt(element, i)));
  return value;
}

RefTensor execute::toReference(const io::Tensor &input, Type type) {
  if (dtypeOf(type) != input.dtype)
    return {};
  if (io::isContainer(input.dtype)) {
    SmallVector<Attribute> items;
    for (auto [i, item] : llvm::enumerate(input.items)) {
      RefTensor tensor =
          toReference(item, graph::elementOfContent(contentAt(type, i)));
      if (!tensor)
        return {};
      items.push_back(graph::reference::toItem(tensor));
    }
    return graph::reference::makeContainer(type, items);
  }
  if (input.dtype != NACRE_STRING)
    return RefTensor::view(type, input.dims, input.data.data());
  RefTensor tensor = RefTensor::zeros(type, input.dims);
  for (int64_t i = 0; tensor && i < tensor.size(); ++i)
    graph::reference::setString(tensor, i, input.strings[i]);
  return tensor;
}

io::Tensor execute::fromReference(const RefTensor &result) {
  io::Tensor tensor;
  tensor.dtype = dtypeOf(result.elementType());
  tensor.dims.assign(result.dims().begin(), result.dims().end());
  if (io::isContainer(tensor.dtype)) {
    for (auto [i, item] : llvm::enumerate(graph::reference::itemsAt(result)))
      tensor.items.push_back(fromReference(graph::reference::fromItem(
          item, contentAt(result.elementType(), i))));
    return tensor;
  }
  if (tensor.dtype == NACRE_STRING) {
    for (int64_t i = 0; i < result.size(); ++i)
      tensor.strings.push_back(graph::reference::stringAt(result, i).str());
    return tensor;
  }
  tensor.data.resize(size_t(result.bytes()));
  if (!tensor.data.empty())
    std::memcpy(tensor.data.data(), result.raw(), tensor.data.size());
  return tensor;
}

namespace {

class Oracle : public Executable {
public:
  explicit Oracle(func::FuncOp function) : function(function) {}

  bool describe(std::string &error);
  bool run(const std::vector<io::Tensor> &inputs,
           std::vector<io::Tensor> &outputs, std::string &error) override;

private:
  execute::Value valueOf(Type type, DictionaryAttr attributes);
  func::FuncOp function;
};

} // namespace

execute::Value Oracle::valueOf(Type type, DictionaryAttr attributes) {
  execute::Value value;
  auto tensor = dyn_cast<RankedTensorType>(type);
  if (!tensor)
    return value;
  value = contentValue(graph::contentOf(tensor));
  value.dims.clear();
  value.symbols.clear();
  ArrayAttr names;
  if (attributes) {
    if (auto name = attributes.getAs<StringAttr>(graph::kNameAttrName))
      value.name = name.str();
    names = attributes.getAs<ArrayAttr>(graph::kDimsAttrName);
  }
  for (int64_t i = 0; i < tensor.getRank(); ++i) {
    bool open = tensor.isDynamicDim(i);
    StringAttr symbol;
    if (open && names && i < int64_t(names.size()))
      symbol = dyn_cast<StringAttr>(names[i]);
    value.dims.push_back(open ? -1 : tensor.getDimSize(i));
    value.symbols.push_back(symbol ? symbol.str() : "");
  }
  return value;
}

bool Oracle::describe(std::string &error) {
  FunctionType type = function.getFunctionType();
  for (unsigned i = 0; i < type.getNumInputs(); ++i)
    values.inputs.push_back(
        valueOf(type.getInput(i), function.getArgAttrDict(i)));
  for (unsigned i = 0; i < type.getNumResults(); ++i)
    values.outputs.push_back(
        valueOf(type.getResult(i), function.getResultAttrDict(i)));
  for (auto *list : {&values.inputs, &values.outputs})
    for (const execute::Value &value : *list)
      if (value.dtype == 0) {
        error = "'" + value.name + "' has a type that is none of ONNX's";
        return false;
      }
  return true;
}

bool Oracle::run(const std::vector<io::Tensor> &inputs,
                 std::vector<io::Tensor> &outputs, std::string &error) {
  SmallVector<RefTensor> arguments;
  for (auto [i, input] : llvm::enumerate(inputs)) {
    arguments.push_back(toReference(
        input, getElementTypeOrSelf(function.getArgumentTypes()[i])));
    if (!arguments.back()) {
      error = "input '" + values.inputs[i].name + "' holds " +
              io::describe(input.dtype, input.dims) +
              " of other elements than the model takes";
      return false;
    }
  }
  auto results =
      graph::reference::evaluateFunction(function, arguments, &error);
  if (failed(results))
    return false;
  outputs.clear();
  for (auto [result, value] : llvm::zip(*results, values.outputs)) {
    outputs.push_back(fromReference(result));
    outputs.back().name = value.name;
  }
  return true;
}

std::unique_ptr<Executable> execute::makeOracle(ModuleOp module,
                                                std::string &error) {
  auto function = module.lookupSymbol<func::FuncOp>("main");
  if (!function) {
    error = "the model has no function 'main'";
    return nullptr;
  }
  auto oracle = std::make_unique<Oracle>(function);
  if (!oracle->describe(error))
    return nullptr;
  return oracle;
}
