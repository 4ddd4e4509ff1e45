#include "compiler/artifact/Artifact.h"

#include "codegen/target/Target.h"

#include "mlir/IR/Threading.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Path.h"
#include "llvm/TargetParser/Host.h"
#include "llvm/TargetParser/Triple.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::artifact;
using codegen::CodegenOptions;
using codegen::KernelCode;

std::vector<codegen::LinkObject> Objects::views() const {
  std::vector<codegen::LinkObject> views;
  for (const Item &item : items)
    views.push_back({item.name, item.bytes});
  return views;
}

std::string artifact::provenance(const Identity &identity, StringRef target,
                                 StringRef processor,
                                 ArrayRef<std::string> features) {
  llvm::json::Object object{{"compiler", identity.compiler},
                            {"model", identity.name},
                            {"model_hash", identity.modelHash},
                            {"flags", llvm::json::Array(identity.flags)},
                            {"target", target},
                            {"processor", processor},
                            {"features", llvm::json::Array(features)}};
  std::string text;
  llvm::raw_string_ostream os(text);
  os << llvm::json::Value(std::move(object));
  return text;
}

std::string artifact::exportNameFor(StringRef path) {
  if (llvm::sys::path::extension(path) == ".so")
    return "nacre_model";
  std::string name = "nacre_model_";
  for (char c : llvm::sys::path::stem(path))
    name += llvm::isAlnum(c) ? c : '_';
  return name;
}

//===----------------------------------------------------------------------===//
// Code
//===----------------------------------------------------------------------===//

namespace {

/// A target of one module, with its facts.
struct Device {
  const codegen::Target *target;
  kernel::TargetAttr facts;
};

/// The kernels of one module, and the code that their targets made of them.
struct Kernels {
  /// The module's own target first.
  std::vector<Device> devices;
  std::vector<kernel::FuncOp> functions;
  std::vector<codegen::KernelInfo> infos;
  std::vector<KernelCode> codes;

  LogicalResult find(ModuleOp program);
  LogicalResult compile(const CodegenOptions &options);

private:
  /// The number of the device that has these facts; nothing, after an error was
  /// reported, if there is no such target.
  FailureOr<unsigned> deviceOf(kernel::TargetAttr facts, ModuleOp program);
};

} // namespace

FailureOr<unsigned> Kernels::deviceOf(kernel::TargetAttr facts,
                                      ModuleOp program) {
  auto found = llvm::find_if(
      devices, [&](const Device &device) { return device.facts == facts; });
  if (found != devices.end())
    return unsigned(found - devices.begin());
  const codegen::Target *target = codegen::findTarget(facts.getDevice());
  if (!target)
    return program.emitError()
           << "is for the unknown target '" << facts.getDevice() << "'";
  devices.push_back({target, facts});
  return unsigned(devices.size() - 1);
}

LogicalResult Kernels::find(ModuleOp program) {
  auto facts = program->getAttrOfType<kernel::TargetAttr>(kTargetAttrName);
  if (!facts)
    return program.emitError() << "has no " << kTargetAttrName;
  if (failed(deviceOf(facts, program)))
    return failure();
  for (kernel::FuncOp function : program.getOps<kernel::FuncOp>()) {
    functions.push_back(function);
    kernel::TargetAttr own = function.getTargetAttr();
    FailureOr<unsigned> device = deviceOf(own ? own : facts, program);
    if (failed(device))
      return failure();
    codegen::KernelInfo info;
    info.name = function.getSymName().str();
    info.source = function.getSources().value_or("").str();
    info.numArgs = function.getNumArguments();
    info.numTensors = function.getNumTensorArguments();
    info.device = *device;
    infos.push_back(std::move(info));
  }
  return success();
}

LogicalResult Kernels::compile(const CodegenOptions &options) {
  codes.resize(functions.size());
  LogicalResult result = failableParallelForEachN(
      devices.front().facts.getContext(), 0, functions.size(), [&](size_t i) {
        const codegen::Target *target = devices[infos[i].device].target;
        FailureOr<KernelCode> code = target->compile(functions[i], options);
        if (failed(code))
          return failure();
        codes[i] = std::move(*code);
        return success();
      });
  if (failed(result))
    return failure();
  for (size_t i = 0; i < codes.size(); ++i) {
    infos[i].symbol = codes[i].symbol;
    infos[i].scratchBytes = codes[i].scratchBytes;
    infos[i].scratchSymbol = codes[i].scratchSymbol;
    infos[i].checks = codes[i].checks;
    if (codes[i].isEmbedded)
      infos[i].code = codes[i].object;
  }
  return success();
}

static codegen::HostModule hostModule(ModuleOp program, const Kernels &kernels,
                                      const Identity &identity) {
  codegen::HostModule host;
  host.module = program;
  host.kernels = kernels.infos;
  host.name = identity.name;
  host.devices.clear();
  for (const Device &device : kernels.devices) {
    host.devices.push_back(device.facts.getDevice().str());
    llvm::append_range(host.features, device.target->features(device.facts));
  }
  // Entries are host code even where no kernel is.
  auto own = program->getAttrOfType<kernel::TargetAttr>(kHostTargetAttrName);
  if (own && llvm::none_of(kernels.devices, [&](const Device &device) {
        return device.facts == own;
      }))
    llvm::append_range(host.features, codegen::hostTarget().features(own));
  for (const KernelCode &code : kernels.codes)
    if (code.hostFunctions)
      host.functions.push_back(*code.hostFunctions);
  host.exportName = identity.exportName;
  StringRef processor;
  kernel::TargetAttr facts = kernels.devices.front().facts;
  if (auto name = facts.getFacts().getAs<StringAttr>(kProcessorFactName))
    processor = name.getValue();
  host.provenance =
      provenance(identity, facts.getDevice(), processor, host.features);
  return host;
}

static LogicalResult saveObjects(const Objects &objects, StringRef folder,
                                 Location loc) {
  for (const Objects::Item &item : objects.items) {
    SmallString<128> path(folder);
    llvm::sys::path::append(path, item.name);
    std::error_code error;
    llvm::raw_fd_ostream os(path, error);
    if (error)
      return emitError(loc) << path << ": " << error.message();
    os.write(item.bytes.data(), item.bytes.size());
  }
  return success();
}

FailureOr<Objects> artifact::compileProgram(ModuleOp program,
                                            const Identity &identity,
                                            const CodegenOptions &options,
                                            StringRef saveTemps) {
  FailureOr<codegen::Weights> weights = codegen::Weights::get(program);
  if (failed(weights))
    return failure();
  Kernels kernels;
  if (failed(kernels.find(program)) || failed(kernels.compile(options)))
    return failure();
  codegen::HostModule host = hostModule(program, kernels, identity);
  FailureOr<SmallVector<char, 0>> code = codegen::compileHost(host);
  if (failed(code))
    return failure();
  Objects objects;
  objects.weights = std::move(*weights);
  objects.exportName = identity.exportName;
  objects.arch =
      llvm::Triple(llvm::sys::getDefaultTargetTriple()).getArchName().str();
  for (size_t i = 0; i < kernels.codes.size(); ++i)
    if (!kernels.codes[i].isEmbedded)
      objects.items.push_back({"kernel_" + std::to_string(i) + ".o",
                               std::move(kernels.codes[i].object)});
  objects.items.push_back({"host.o", std::move(*code)});
  if (!saveTemps.empty() &&
      failed(saveObjects(objects, saveTemps, program.getLoc())))
    return failure();
  return objects;
}

LogicalResult artifact::printProgram(ModuleOp program, const Identity &identity,
                                     const CodegenOptions &options,
                                     raw_ostream &os) {
  Kernels kernels;
  if (failed(kernels.find(program)) || failed(kernels.compile(options)))
    return failure();
  StringRef comment = options.emit == CodegenOptions::Emit::LLVM ? ";" : "#";
  for (size_t i = 0; i < kernels.codes.size(); ++i) {
    const KernelCode &code = kernels.codes[i];
    os << comment << " kernel " << i << ": " << kernels.infos[i].name << "\n"
       << StringRef(code.object.data(), code.object.size()) << "\n";
  }
  FailureOr<SmallVector<char, 0>> host = codegen::compileHost(
      hostModule(program, kernels, identity), options.emit);
  if (failed(host))
    return failure();
  os << comment << " host\n" << StringRef(host->data(), host->size()) << "\n";
  return success();
}
