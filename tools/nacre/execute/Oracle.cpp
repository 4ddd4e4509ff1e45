#include "tools/nacre/execute/Oracle.h"

#include "compiler/import/onnx/Types.h"
#include "dialects/graph/Graph.h"
#include "dialects/graph/reference/Interpreter.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <cstring>

using namespace mlir;
using namespace nacre;
using namespace nacre::execute;
using RefTensor = graph::reference::Tensor;

static uint32_t dtypeOf(Type type) {
  for (uint32_t dtype = 1; dtype < onnx::NumDataTypes; ++dtype)
    if (onnx::elementType(type.getContext(), dtype) == type)
      return dtype;
  return 0;
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
  value.dtype = dtypeOf(tensor.getElementType());
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
      if (io::elementBytes(value.dtype) == 0) {
        error = "'" + value.name + "' is no tensor of numbers";
        return false;
      }
  return true;
}

bool Oracle::run(const std::vector<io::Tensor> &inputs,
                 std::vector<io::Tensor> &outputs, std::string &error) {
  SmallVector<RefTensor> arguments;
  for (const io::Tensor &input : inputs)
    arguments.push_back(RefTensor::view(
        onnx::elementType(function.getContext(), input.dtype), input.dims,
        input.data.data()));
  auto results = graph::reference::evaluateFunction(function, arguments, &error);
  if (failed(results))
    return false;
  outputs.clear();
  for (auto [result, value] : llvm::zip(*results, values.outputs)) {
    io::Tensor tensor;
    tensor.name = value.name;
    tensor.dtype = dtypeOf(result.elementType());
    tensor.dims.assign(result.dims().begin(), result.dims().end());
    tensor.data.resize(size_t(result.bytes()));
    if (!tensor.data.empty())
      std::memcpy(tensor.data.data(), result.raw(), tensor.data.size());
    outputs.push_back(std::move(tensor));
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
