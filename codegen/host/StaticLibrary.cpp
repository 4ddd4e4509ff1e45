#include "codegen/host/Imports.h"
#include "codegen/host/Link.h"
#include "codegen/host/TemporaryFile.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/ObjCopy/CommonConfig.h"
#include "llvm/ObjCopy/ELF/ELFConfig.h"
#include "llvm/ObjCopy/ELF/ELFObjcopy.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace nacre::codegen;

namespace {

/// New names of the symbols that are a model's own. Hidden symbols are still
/// global in the link of a program, where two models may meet.
class SymbolNames {
public:
  SymbolNames(const LinkSymbols &symbols, llvm::StringRef exportName,
              llvm::StringRef weightsName)
      : prefix((exportName + "_").str()) {
    for (llvm::StringRef name : symbols.defined.keys())
      if (name != exportName)
        add(name);
    add(weightsName);
  }

  llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
  rename(const LinkObject &object) const;
  llvm::StringRef of(llvm::StringRef name) const {
    return names.find(name)->second;
  }

private:
  void add(llvm::StringRef name) { names[name] = prefix + name.str(); }

  std::string prefix;
  llvm::StringMap<std::string> names;
};

} // namespace

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
SymbolNames::rename(const LinkObject &object) const {
  auto file =
      llvm::object::ObjectFile::createELFObjectFile(llvm::MemoryBufferRef(
          llvm::StringRef(object.bytes.data(), object.bytes.size()),
          object.name));
  if (!file)
    return file.takeError();
  llvm::objcopy::CommonConfig config;
  for (auto &[from, to] : names)
    config.SymbolsToRename[from] = to;
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream os(bytes);
  if (llvm::Error error = llvm::objcopy::elf::executeObjcopyOnBinary(
          config, llvm::objcopy::ELFConfig(),
          *llvm::cast<llvm::object::ELFObjectFileBase>(file->get()), os))
    return error;
  return llvm::MemoryBuffer::getMemBufferCopy(
      llvm::StringRef(bytes.data(), bytes.size()), object.name);
}

static void addMember(std::vector<llvm::NewArchiveMember> &members,
                      std::unique_ptr<llvm::MemoryBuffer> buffer,
                      llvm::StringRef name) {
  llvm::NewArchiveMember member;
  member.Buf = std::move(buffer);
  member.MemberName = name;
  members.push_back(std::move(member));
}

static llvm::Error writeLibrary(llvm::ArrayRef<LinkObject> objects,
                                const Weights &weights, llvm::StringRef arch,
                                llvm::StringRef path, const SymbolNames &names,
                                llvm::StringRef weightsName) {
  std::vector<llvm::NewArchiveMember> members;
  for (const LinkObject &object : objects) {
    auto renamed = names.rename(object);
    if (!renamed)
      return renamed.takeError();
    addMember(members, std::move(*renamed), object.name);
  }
  auto file = TemporaryFile::onDisk(path, [&](llvm::raw_ostream &os) {
    writeWeightsObject(weights, arch, os, names.of(weightsName));
  });
  if (!file)
    return file.takeError();
  auto buffer = llvm::MemoryBuffer::getFile(file->path(), /*IsText=*/false,
                                            /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createFileError(file->path(), buffer.getError());
  if (weights.size() > 0)
    addMember(members, std::move(*buffer), "weights.o");
  return llvm::writeArchive(path, members,
                            llvm::SymtabWritingMode::NormalSymtab,
                            llvm::object::Archive::K_GNU,
                            /*Deterministic=*/true, /*Thin=*/false);
}

static llvm::Error writeHeader(llvm::StringRef path,
                               llvm::StringRef exportName) {
  std::error_code error;
  llvm::raw_fd_ostream os(path, error);
  if (error)
    return llvm::createFileError(path, error);
  std::string guard = exportName.upper() + "_H";
  os << "/* Made by Nacre. Link the library beside this file and the runtime. "
        "*/\n"
     << "#ifndef " << guard << "\n#define " << guard << "\n\n"
     << "#include \"nacre/runtime.h\"\n\n"
     << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
     << "/* For nacre_model_from_descriptor. */\n"
     << "extern const nacre_descriptor *const " << exportName << ";\n\n"
     << "#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
  os.close();
  error = os.error();
  os.clear_error();
  return error ? llvm::createFileError(path, error) : llvm::Error::success();
}

llvm::LogicalResult nacre::codegen::writeStaticLibrary(
    llvm::ArrayRef<LinkObject> objects, const Weights &weights,
    llvm::StringRef arch, llvm::StringRef path, llvm::StringRef exportName,
    Location loc, llvm::StringRef weightsName) {
  FailureOr<LinkSymbols> symbols = readSymbols(objects, weightsName, loc);
  if (failed(symbols))
    return failure();
  llvm::SmallString<128> header(path);
  llvm::sys::path::replace_extension(header, ".h");
  llvm::Error error =
      writeLibrary(objects, weights, arch, path,
                   SymbolNames(*symbols, exportName, weightsName), weightsName);
  if (!error)
    error = writeHeader(header, exportName);
  if (error)
    return emitError(loc) << "cannot write '" << path
                          << "': " << llvm::toString(std::move(error));
  return success();
}
