#include "codegen/host/Imports.h"
#include "codegen/host/Link.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ExecutionEngine/JITLink/JITLinkMemoryManager.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/ExecutionUtils.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h"
#include "llvm/Support/Memory.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"

using namespace mlir;
using namespace nacre::codegen;
namespace orc = llvm::orc;

namespace {

class OrcModel final : public JitModel {
public:
  ~OrcModel() override {
    jit.reset();
    if (weights.base())
      llvm::sys::Memory::releaseMappedMemory(weights);
  }

  llvm::Error link(llvm::ArrayRef<LinkObject> objects, const Weights &weights,
                   llvm::StringRef exportName, llvm::StringRef weightsName);

private:
  llvm::Error createSession();
  llvm::Error addWeights(const Weights &source, llvm::StringRef name);

  std::unique_ptr<orc::LLJIT> jit;
  llvm::sys::MemoryBlock weights;
};

} // namespace

llvm::Error OrcModel::createSession() {
  llvm::InitializeNativeTarget();
  orc::LLJITBuilder builder;
  // Nothing here throws, has constructors or thread-local data: no platform.
  builder.setJITTargetMachineBuilder(orc::JITTargetMachineBuilder(
      llvm::Triple(llvm::sys::getProcessTriple())));
  builder.setPlatformSetUp(orc::setUpInactivePlatform);
  builder.setLinkProcessSymbolsByDefault(false);
  builder.setObjectLinkingLayerCreator(
      [](orc::ExecutionSession &session)
          -> llvm::Expected<std::unique_ptr<orc::ObjectLayer>> {
        return std::make_unique<orc::ObjectLinkingLayer>(session);
      });
  auto created = builder.create();
  if (!created)
    return created.takeError();
  jit = std::move(*created);
  auto process = orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(
      jit->getDataLayout().getGlobalPrefix(),
      [](const orc::SymbolStringPtr &name) { return isAllowedImport(*name); });
  if (!process)
    return process.takeError();
  jit->getMainJITDylib().addGenerator(std::move(*process));
  return llvm::Error::success();
}

llvm::Error OrcModel::addWeights(const Weights &source, llvm::StringRef name) {
  if (source.size() == 0)
    return llvm::Error::success();
  std::error_code error;
  weights = llvm::sys::Memory::allocateMappedMemory(
      source.size(), nullptr,
      llvm::sys::Memory::MF_READ | llvm::sys::Memory::MF_WRITE, error);
  if (error)
    return llvm::errorCodeToError(error);
  source.gather(static_cast<char *>(weights.base()));
  orc::SymbolMap symbols;
  symbols[jit->mangleAndIntern(name)] = {
      orc::ExecutorAddr::fromPtr(weights.base()),
      llvm::JITSymbolFlags::Exported};
  return jit->getMainJITDylib().define(orc::absoluteSymbols(symbols));
}

llvm::Error OrcModel::link(llvm::ArrayRef<LinkObject> objects,
                           const Weights &weights, llvm::StringRef exportName,
                           llvm::StringRef weightsName) {
  if (llvm::Error error = createSession())
    return error;
  if (llvm::Error error = addWeights(weights, weightsName))
    return error;
  for (const LinkObject &object : objects) {
    llvm::StringRef bytes(object.bytes.data(), object.bytes.size());
    if (llvm::Error error = jit->addObjectFile(
            llvm::MemoryBuffer::getMemBufferCopy(bytes, object.name)))
      return error;
  }
  auto symbol = jit->lookup(exportName);
  if (!symbol)
    return symbol.takeError();
  model = *symbol->toPtr<const nacre_descriptor *const *>();
  return llvm::Error::success();
}

std::unique_ptr<JitModel> nacre::codegen::linkInMemory(
    llvm::ArrayRef<LinkObject> objects, const Weights &weights, Location loc,
    llvm::StringRef exportName, llvm::StringRef weightsName) {
  if (failed(readSymbols(objects, weightsName, loc)))
    return nullptr;
  auto model = std::make_unique<OrcModel>();
  if (llvm::Error error =
          model->link(objects, weights, exportName, weightsName)) {
    emitError(loc) << "cannot link in memory: "
                   << llvm::toString(std::move(error));
    return nullptr;
  }
  return model;
}
