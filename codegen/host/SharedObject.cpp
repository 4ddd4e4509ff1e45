#include "codegen/host/AppendWeights.h"
#include "codegen/host/Elf.h"
#include "codegen/host/Imports.h"
#include "codegen/host/Link.h"
#include "codegen/host/TemporaryFile.h"

#include "lld/Common/Driver.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"

#include <map>
#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace mlir;
using namespace nacre::codegen;

static constexpr llvm::StringLiteral kWeightsSection = ".lrodata.nacre";

static ElfObject weightsObject(const Weights &weights, llvm::StringRef arch,
                               const std::string &symbol) {
  ElfObject object;
  object.arch = arch;
  object.section = kWeightsSection;
  object.symbols = symbol;
  object.isHidden = true;
  object.size = weights.size();
  return object;
}

void nacre::codegen::writeWeightsObject(const Weights &weights,
                                        llvm::StringRef arch,
                                        llvm::raw_ostream &os,
                                        llvm::StringRef weightsName) {
  std::string symbol = weightsName.str();
  writeElf(weightsObject(weights, arch, symbol), os,
           [&](llvm::raw_ostream &os) { weights.write(os); });
}

//===-- lld ---------------------------------------------------------------===//

/// Runs the linker in this process; returns its messages if it fails. It has
/// global state: one link at a time, and none after it crashed.
static std::string runLinker(llvm::ArrayRef<std::string> options) {
  static std::mutex mutex;
  static bool isUsable = true;
  std::vector<const char *> arguments = {"ld.lld"};
  for (const std::string &option : options)
    arguments.push_back(option.c_str());
  std::string messages;
  llvm::raw_string_ostream os(messages);
  std::lock_guard<std::mutex> guard(mutex);
  if (!isUsable)
    return "the linker crashed before; start again";
  lld::Result result =
      lld::lldMain(arguments, os, os, {{lld::Gnu, &lld::elf::link}});
  isUsable = result.canRunAgain;
  if (result.retCode == 0)
    return "";
  return messages.empty() ? "the linker failed without a message" : messages;
}

static const std::vector<std::string> &commonOptions() {
  // Same input, same bytes: no build id, no time, one thread.
  static const std::vector<std::string> options = {"-shared",
                                                   "--threads=1",
                                                   "--build-id=none",
                                                   "-z",
                                                   "noexecstack",
                                                   "-z",
                                                   "relro",
                                                   "-z",
                                                   "now",
                                                   "-Bsymbolic",
                                                   "--hash-style=gnu",
                                                   "--color-diagnostics=never"};
  return options;
}

/// A stand-in for the system's libm, so that a model says that it needs it
/// although no library is there when it is linked.
static llvm::Expected<const TemporaryFile *> mathLibrary(llvm::StringRef arch) {
  static std::mutex mutex;
  static std::map<std::string, TemporaryFile> libraries;
  std::lock_guard<std::mutex> guard(mutex);
  TemporaryFile &library = libraries[arch.str()];
  if (!library.path().empty())
    return &library;
  std::vector<std::string> names;
  for (llvm::StringLiteral name : mathImports())
    names.push_back(name.str());
  ElfObject object;
  object.arch = arch;
  object.section = ".text";
  object.isCode = true;
  object.symbols = names;
  object.size = 16;
  auto source = TemporaryFile::inMemory([&](llvm::raw_ostream &os) {
    writeElf(object, os, [](llvm::raw_ostream &os) { os.write_zeros(16); });
  });
  if (!source)
    return source.takeError();
  auto linked = TemporaryFile::onDisk("/tmp/nacre-libm");
  if (!linked)
    return linked.takeError();
  std::vector<std::string> options = commonOptions();
  options.insert(options.end(),
                 {"-soname=libm.so.6", source->path(), "-o", linked->path()});
  std::string messages = runLinker(options);
  if (!messages.empty())
    return llvm::createStringError(messages);
  auto bytes = llvm::MemoryBuffer::getFile(linked->path());
  if (!bytes)
    return llvm::errorCodeToError(bytes.getError());
  auto kept = TemporaryFile::inMemory(
      [&](llvm::raw_ostream &os) { os << (*bytes)->getBuffer(); });
  if (!kept)
    return kept.takeError();
  library = std::move(*kept);
  return &library;
}

//===-- the artifact ------------------------------------------------------===//

static llvm::Expected<std::string> archOf(const LinkObject &object) {
  auto file = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(
      llvm::StringRef(object.bytes.data(), object.bytes.size()), object.name));
  if (!file)
    return file.takeError();
  std::string arch = llvm::Triple::getArchTypeName((*file)->getArch()).str();
  if (!isElfArch(arch))
    return llvm::createStringError("no shared objects for '" + arch + "'");
  return arch;
}

static llvm::Error link(llvm::ArrayRef<LinkObject> objects,
                        const Weights &weights, const LinkSymbols &symbols,
                        llvm::StringRef path, llvm::StringRef weightsName) {
  auto arch = archOf(objects.front());
  if (!arch)
    return arch.takeError();
  std::vector<TemporaryFile> files;
  std::vector<std::string> options = commonOptions();
  auto add = [&](llvm::Expected<TemporaryFile> file) -> llvm::Error {
    if (!file)
      return file.takeError();
    options.push_back(file->path());
    files.push_back(std::move(*file));
    return llvm::Error::success();
  };
  // The linker gives the weights an address; their bytes are written behind
  // what it links, so that it does not move them.
  std::string symbol = weightsName.str();
  if (weights.size() > 0)
    if (llvm::Error error =
            add(TemporaryFile::inMemory([&](llvm::raw_ostream &os) {
              writeElf(weightsObject(weights, *arch, symbol), os);
            })))
      return error;
  for (const LinkObject &object : objects)
    if (llvm::Error error =
            add(TemporaryFile::inMemory([&](llvm::raw_ostream &os) {
              os.write(object.bytes.data(), object.bytes.size());
            })))
      return error;
  if (needsMath(symbols.imports)) {
    auto library = mathLibrary(*arch);
    if (!library)
      return library.takeError();
    options.push_back((*library)->path());
  }
  auto linked = TemporaryFile::onDisk(path);
  if (!linked)
    return linked.takeError();
  options.insert(options.end(), {"-o", linked->path()});
  std::string messages = runLinker(options);
  if (!messages.empty())
    return llvm::createStringError(messages);
  auto bytes = llvm::MemoryBuffer::getFile(linked->path());
  if (!bytes)
    return llvm::createFileError(path, bytes.getError());
  return writeWithWeights((*bytes)->getBuffer(), weights, path);
}

llvm::LogicalResult
nacre::codegen::linkSharedObject(llvm::ArrayRef<LinkObject> objects,
                                 const Weights &weights, llvm::StringRef path,
                                 Location loc, llvm::StringRef weightsName) {
  FailureOr<LinkSymbols> symbols = readSymbols(objects, weightsName, loc);
  if (failed(symbols))
    return failure();
  if (llvm::Error error = link(objects, weights, *symbols, path, weightsName))
    return emitError(loc) << "cannot link '" << path
                          << "': " << llvm::toString(std::move(error));
  return success();
}
