#include "codegen/host/Imports.h"

#include "mlir/IR/Diagnostics.h"
#include "llvm/Object/ObjectFile.h"

using namespace mlir;
using namespace nacre::codegen;

#define BOTH(name) #name, #name "f"
static constexpr llvm::StringLiteral kMath[] = {
    BOTH(acos),      BOTH(acosh), BOTH(asin),   BOTH(asinh),     BOTH(atan),
    BOTH(atan2),     BOTH(atanh), BOTH(cbrt),   BOTH(ceil),      BOTH(copysign),
    BOTH(cos),       BOTH(cosh),  BOTH(erf),    BOTH(erfc),      BOTH(exp),
    BOTH(exp2),      BOTH(expm1), BOTH(fabs),   BOTH(floor),     BOTH(fma),
    BOTH(fmax),      BOTH(fmin),  BOTH(fmod),   BOTH(frexp),     BOTH(ldexp),
    BOTH(lgamma),    BOTH(log),   BOTH(log10),  BOTH(log1p),     BOTH(log2),
    BOTH(nearbyint), BOTH(pow),   BOTH(rint),   BOTH(roundeven), BOTH(round),
    BOTH(sin),       BOTH(sinh),  BOTH(sincos), BOTH(sqrt),      BOTH(tan),
    BOTH(tanh),      BOTH(trunc), BOTH(tgamma), BOTH(remainder), BOTH(logb),
};
#undef BOTH

static constexpr llvm::StringLiteral kLibc[] = {"memcpy", "memmove", "memset",
                                                "memcmp", "bcmp"};

llvm::ArrayRef<llvm::StringLiteral> nacre::codegen::mathImports() {
  return kMath;
}

bool nacre::codegen::needsMath(llvm::ArrayRef<std::string> imports) {
  return llvm::any_of(imports, [](const std::string &import) {
    return llvm::is_contained(kMath, import);
  });
}

bool nacre::codegen::isAllowedImport(llvm::StringRef symbol) {
  return llvm::is_contained(kMath, symbol) || llvm::is_contained(kLibc, symbol);
}

namespace {

class SymbolReader {
public:
  SymbolReader(llvm::StringRef weightsName, Location loc)
      : weightsName(weightsName), loc(loc) {}

  LogicalResult read(const LinkObject &object);
  FailureOr<LinkSymbols> finish();

private:
  LogicalResult add(const LinkObject &object,
                    const llvm::object::SymbolRef &symbol);

  llvm::StringRef weightsName;
  Location loc;
  LinkSymbols symbols;
  /// An undefined symbol, and the object that wants it.
  std::map<std::string, std::string> undefined;
};

} // namespace

LogicalResult SymbolReader::add(const LinkObject &object,
                                const llvm::object::SymbolRef &symbol) {
  llvm::Expected<uint32_t> flags = symbol.getFlags();
  llvm::Expected<llvm::StringRef> name = symbol.getName();
  if (!flags || !name) {
    llvm::consumeError(flags.takeError());
    llvm::consumeError(name.takeError());
    return emitError(loc) << object.name << ": its symbol table is damaged";
  }
  if (*flags & llvm::object::SymbolRef::SF_Undefined)
    undefined.try_emplace(name->str(), object.name);
  else if ((*flags & llvm::object::SymbolRef::SF_Global) &&
           !(*flags & llvm::object::SymbolRef::SF_Weak) &&
           !symbols.defined.insert(*name).second)
    return emitError(loc) << object.name << ": symbol '" << *name
                          << "' is defined twice";
  return success();
}

LogicalResult SymbolReader::read(const LinkObject &object) {
  llvm::MemoryBufferRef buffer(
      llvm::StringRef(object.bytes.data(), object.bytes.size()), object.name);
  auto file = llvm::object::ObjectFile::createObjectFile(buffer);
  if (!file)
    return emitError(loc) << object.name << ": "
                          << llvm::toString(file.takeError());
  for (const llvm::object::SymbolRef &symbol : (*file)->symbols())
    if (failed(add(object, symbol)))
      return failure();
  return success();
}

FailureOr<LinkSymbols> SymbolReader::finish() {
  bool isClean = true;
  for (auto &[name, user] : undefined) {
    if (name.empty() || name == weightsName || symbols.defined.contains(name))
      continue;
    if (!isAllowedImport(name) && name != "_GLOBAL_OFFSET_TABLE_") {
      emitError(loc) << user << " needs '" << name
                     << "', which a model may not import";
      isClean = false;
    } else if (name != "_GLOBAL_OFFSET_TABLE_") {
      symbols.imports.push_back(name);
    }
  }
  if (!isClean)
    return failure();
  return std::move(symbols);
}

FailureOr<LinkSymbols>
nacre::codegen::readSymbols(llvm::ArrayRef<LinkObject> objects,
                            llvm::StringRef weightsName, Location loc) {
  SymbolReader reader(weightsName, loc);
  for (const LinkObject &object : objects)
    if (failed(reader.read(object)))
      return failure();
  return reader.finish();
}
