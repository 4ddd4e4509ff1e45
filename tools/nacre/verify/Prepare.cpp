#include "tools/nacre/verify/Prepare.h"

#include "compiler/import/onnx/Import.h"

using namespace nacre;

CompileOptions verify::compileOptions(const Case &test,
                                      CompileOptions options) {
  onnx::ModelInfo info;
  std::string error;
  if (test.sets.empty() || test.sets[0].inputs.empty() ||
      failed(onnx::inspectModel(test.model, info, error)))
    return options;
  std::vector<std::string> names = test.feeds;
  if (names.empty())
    for (const onnx::ModelInfo::Value &input : info.inputs)
      names.push_back(input.name);
  for (const onnx::ModelInfo::Value &input : info.inputs) {
    size_t at = llvm::find(names, input.name) - names.begin();
    io::Tensor tensor;
    if (input.ranked || at >= test.sets[0].inputs.size() ||
        options.shapes.count(input.name) ||
        !io::readTensorFile(test.sets[0].inputs[at], 0, tensor, error))
      continue;
    options.shapes[input.name].assign(tensor.dims.size(), -1);
  }
  return options;
}
