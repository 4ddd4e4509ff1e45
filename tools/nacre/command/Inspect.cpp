#include "compiler/import/onnx/Import.h"
#include "tools/nacre/command/Commands.h"
#include "tools/nacre/command/Common.h"
#include "tools/nacre/execute/Executable.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace nacre;
using namespace nacre::command;
using llvm::outs;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// A model
//===----------------------------------------------------------------------===//

static void printValues(StringRef title,
                        const std::vector<onnx::ModelInfo::Value> &values) {
  outs() << title << ":\n";
  for (const onnx::ModelInfo::Value &value : values) {
    outs() << "  " << value.name << ": " << value.type << " ";
    if (value.ranked)
      outs() << "[" << llvm::join(value.dims, ", ") << "]\n";
    else
      outs() << "of any shape\n";
  }
}

static void printModel(const onnx::ModelInfo &info) {
  outs() << "name: " << info.name << "\n"
         << "producer: " << info.producer << "\n"
         << "IR version: " << info.irVersion << "\nopsets: ";
  llvm::ListSeparator comma;
  for (const auto &[domain, version] : info.opsets)
    outs() << comma << (domain.empty() ? "ai.onnx" : domain) << " " << version;
  outs() << "\n";
  printValues("inputs", info.inputs);
  printValues("outputs", info.outputs);
  outs() << "weights: " << info.weights << " tensors, "
         << bytesText(uint64_t(info.weightBytes)) << "\n"
         << "functions: " << info.functions << "\n"
         << "ops: " << info.nodes << " nodes\n";
  for (const onnx::ModelInfo::Op &op : info.ops)
    outs() << "  " << (op.domain.empty() ? "" : op.domain + ".") << op.type
           << ": " << op.count << (op.supported ? "" : " (not supported)")
           << "\n";
}

static int inspectModel(const std::string &path) {
  onnx::ModelInfo info;
  std::string error;
  if (mlir::failed(onnx::inspectModel(path, info, error))) {
    StringRef text = error;
    if (text.consume_front(path))
      text.consume_front(": ");
    return reportError(path, text);
  }
  printModel(info);
  return 0;
}

//===----------------------------------------------------------------------===//
// An artifact
//===----------------------------------------------------------------------===//

static void printValues(StringRef title,
                        const std::vector<execute::Value> &values) {
  outs() << title << ":\n";
  for (const execute::Value &value : values)
    outs() << "  " << value.name << ": " << value.type() << "\n";
}

static void printKernels(const nacre_model *model, const nacre_descriptor &d) {
  outs() << "kernels: " << d.num_kernels << "\n";
  for (uint32_t i = 0; i < d.num_kernels; ++i) {
    const nacre_kernel *kernel = nacre_model_kernel(model, i);
    outs() << "  " << kernel->name << ": " << kernel->num_args << " arguments, "
           << (kernel->open_scratch
                   ? "scratch as sizes need"
                   : bytesText(kernel->scratch_bytes) + " of scratch");
    if (d.num_devices > 1)
      outs() << "; on " << d.devices[kernel->device];
    if (kernel->source && *kernel->source)
      outs() << "; computes " << kernel->source;
    outs() << "\n";
  }
}

static int inspectArtifact(const std::string &path) {
  std::string error;
  auto model = execute::Compiled::load(path, 1, error);
  if (!model) {
    StringRef text = error;
    if (text.consume_front(path))
      text.consume_front(": ");
    return reportError(path, text);
  }
  const nacre_descriptor *d = nacre_model_descriptor(model->model());
  outs() << "name: " << d->name << "\n"
         << "ABI version: " << d->version << "\n"
         << "processor: " << d->arch;
  for (uint32_t i = 0; i < d->num_features; ++i)
    outs() << " +" << d->features[i];
  outs() << "\ndevices:";
  for (uint32_t i = 0; i < d->num_devices; ++i)
    outs() << " " << d->devices[i];
  outs() << "\nprovenance: " << d->provenance << "\n";
  printValues("inputs", model->signature().inputs);
  printValues("outputs", model->signature().outputs);
  outs() << "weights: " << bytesText(d->weights_bytes)
         << (d->weights_file ? " in " : "")
         << (d->weights_file ? d->weights_file : "") << "\narena: ";
  if (d->arena_bytes)
    outs() << bytesText(d->arena_bytes) << "\n";
  else
    outs() << "none, or as large as the inputs ask for\n";
  printKernels(model->model(), *d);
  return 0;
}

int command::inspect(Arguments arguments) {
  std::string path;
  Options options("inspect",
                  "Shows what a model (.onnx) or a compiled model (.so) holds.",
                  "FILE");
  options.positional(path);
  if (std::optional<int> code = options.parse(arguments))
    return *code;
  if (StringRef(path).ends_with(".so"))
    return inspectArtifact(path);
  return inspectModel(path);
}
