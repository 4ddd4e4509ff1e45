#include "codegen/host/Descriptor.h"

#include "codegen/host/Lower.h"
#include "codegen/host/Signature.h"
#include "dialects/program/Program.h"

#include "nacre/abi.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/GlobalVariable.h"
#include <cstddef>
#include <map>

using namespace nacre;
using namespace nacre::codegen;

namespace {

/// A constant struct whose fields stand where the C compiler puts them: offsets
/// come from offsetof, so that code and header cannot drift.
class Record {
public:
  Record(llvm::LLVMContext &context, uint64_t size)
      : context(context), size(size) {
    set(0, integer<uint32_t>(size));
  }

  void set(uint64_t offset, llvm::Constant *value) { fields[offset] = value; }
  template <typename T>
  void set(uint64_t offset, T value) {
    set(offset, integer<T>(value));
  }

  llvm::Constant *get(const llvm::DataLayout &layout) const {
    llvm::SmallVector<llvm::Constant *> members;
    uint64_t end = 0;
    auto pad = [&](uint64_t to) {
      if (to > end)
        members.push_back(llvm::ConstantAggregateZero::get(
            llvm::ArrayType::get(llvm::Type::getInt8Ty(context), to - end)));
    };
    for (auto [offset, value] : fields) {
      pad(offset);
      members.push_back(value);
      end = offset + layout.getTypeStoreSize(value->getType());
    }
    pad(size);
    return llvm::ConstantStruct::getAnon(members, /*Packed=*/true);
  }

private:
  template <typename T>
  llvm::Constant *integer(uint64_t value) {
    return llvm::ConstantInt::get(
        llvm::IntegerType::get(context, 8 * sizeof(T)), value);
  }

  llvm::LLVMContext &context;
  uint64_t size;
  std::map<uint64_t, llvm::Constant *> fields;
};

#define SET(record, type, field, value) record.set(offsetof(type, field), value)
#define SET_INT(record, type, field, value)                                    \
  record.set<decltype(type::field)>(offsetof(type, field), value)

/// Builds the descriptor of one module.
class DescriptorBuilder {
public:
  DescriptorBuilder(const HostModule &host, llvm::Module &module)
      : host(host), module(module), context(module.getContext()),
        pointer(llvm::PointerType::getUnqual(context)) {}

  llvm::LogicalResult emit();

private:
  llvm::Constant *string(llvm::StringRef text);
  llvm::Constant *strings(llvm::ArrayRef<std::string> texts);
  llvm::Constant *global(llvm::Constant *value, llvm::StringRef name);
  llvm::Constant *array(llvm::ArrayRef<llvm::Constant *> elements,
                        llvm::StringRef name);
  llvm::Constant *external(llvm::StringRef name, bool isFunction);
  llvm::Constant *null() { return llvm::ConstantPointerNull::get(pointer); }
  llvm::Constant *finish(const Record &record) {
    return record.get(module.getDataLayout());
  }

  llvm::Constant *check(const Check &check);
  llvm::Constant *kernel(const KernelInfo &kernel);
  llvm::Constant *value(const SignatureValue &value);
  llvm::Constant *values(llvm::ArrayRef<SignatureValue> values);
  llvm::Constant *entry(mlir::func::FuncOp entry, const Signature &signature);

  const HostModule &host;
  llvm::Module &module;
  llvm::LLVMContext &context;
  llvm::PointerType *pointer;
  std::map<std::string, llvm::Constant *> pooled;
};

} // namespace

//===-- parts -------------------------------------------------------------===//

llvm::Constant *DescriptorBuilder::global(llvm::Constant *value,
                                          llvm::StringRef name) {
  auto *result =
      new llvm::GlobalVariable(module, value->getType(), /*isConstant=*/true,
                               llvm::GlobalValue::PrivateLinkage, value, name);
  result->setAlignment(llvm::Align(8));
  return result;
}

llvm::Constant *DescriptorBuilder::string(llvm::StringRef text) {
  llvm::Constant *&result = pooled[text.str()];
  if (!result)
    result = global(llvm::ConstantDataArray::getString(context, text), "text");
  return result;
}

llvm::Constant *
DescriptorBuilder::array(llvm::ArrayRef<llvm::Constant *> elements,
                         llvm::StringRef name) {
  if (elements.empty())
    return null();
  // Records of one kind may differ in type where padding differs; as a packed
  // struct they follow each other without gaps all the same.
  return global(llvm::ConstantStruct::getAnon(elements, /*Packed=*/true), name);
}

llvm::Constant *DescriptorBuilder::strings(llvm::ArrayRef<std::string> texts) {
  llvm::SmallVector<llvm::Constant *> pointers;
  for (const std::string &text : texts)
    pointers.push_back(string(text));
  return array(pointers, "texts");
}

llvm::Constant *DescriptorBuilder::external(llvm::StringRef name,
                                            bool isFunction) {
  llvm::GlobalValue *result;
  if (isFunction)
    result = llvm::cast<llvm::Function>(
        module
            .getOrInsertFunction(
                name, llvm::FunctionType::get(llvm::Type::getVoidTy(context),
                                              /*isVarArg=*/false))
            .getCallee());
  else
    result = llvm::cast<llvm::GlobalVariable>(
        module.getOrInsertGlobal(name, llvm::Type::getInt8Ty(context)));
  if (!result->hasLocalLinkage())
    result->setVisibility(llvm::GlobalValue::HiddenVisibility);
  return result;
}

llvm::Constant *DescriptorBuilder::check(const Check &check) {
  Record record(context, sizeof(nacre_check));
  SET(record, nacre_check, node, string(check.node));
  SET(record, nacre_check, text, string(check.text));
  return finish(record);
}

llvm::Constant *DescriptorBuilder::kernel(const KernelInfo &kernel) {
  llvm::SmallVector<llvm::Constant *> checks;
  for (const Check &c : kernel.checks)
    checks.push_back(check(c));
  Record record(context, sizeof(nacre_kernel));
  SET_INT(record, nacre_kernel, device, kernel.device);
  SET(record, nacre_kernel, name, string(kernel.name));
  SET(record, nacre_kernel, source, string(kernel.source));
  SET(record, nacre_kernel, run,
      kernel.code.empty() ? external(kernel.symbol, /*isFunction=*/true)
                          : null());
  SET(record, nacre_kernel, code,
      kernel.code.empty()
          ? null()
          : global(llvm::ConstantDataArray::get(context, kernel.code), "code"));
  SET_INT(record, nacre_kernel, code_bytes, kernel.code.size());
  SET_INT(record, nacre_kernel, scratch_bytes, kernel.scratchBytes);
  SET(record, nacre_kernel, open_scratch,
      kernel.scratchSymbol.empty()
          ? null()
          : external(kernel.scratchSymbol, /*isFunction=*/true));
  SET(record, nacre_kernel, checks, array(checks, "checks"));
  SET_INT(record, nacre_kernel, num_checks, kernel.checks.size());
  SET_INT(record, nacre_kernel, num_args, kernel.numArgs);
  SET_INT(record, nacre_kernel, num_tensors, kernel.numTensors);
  return finish(record);
}

llvm::Constant *DescriptorBuilder::value(const SignatureValue &value) {
  Record record(context, sizeof(nacre_value));
  SET_INT(record, nacre_value, dtype, value.dtype);
  SET(record, nacre_value, name, string(value.name));
  llvm::Constant *dims = null();
  if (!value.dims.empty())
    dims = global(
        llvm::ConstantDataArray::get(
            context, llvm::ArrayRef<uint64_t>(
                         reinterpret_cast<const uint64_t *>(value.dims.data()),
                         value.dims.size())),
        "dims");
  SET(record, nacre_value, dims, dims);
  SET_INT(record, nacre_value, rank,
          value.isRanked ? value.dims.size() : NACRE_ANY_RANK);
  SET_INT(record, nacre_value, tied_input, -1);
  SET(record, nacre_value, content, values(value.content));
  return finish(record);
}

llvm::Constant *
DescriptorBuilder::values(llvm::ArrayRef<SignatureValue> values) {
  llvm::SmallVector<llvm::Constant *> records;
  for (const SignatureValue &v : values)
    records.push_back(value(v));
  return array(records, "values");
}

llvm::Constant *DescriptorBuilder::entry(mlir::func::FuncOp entry,
                                         const Signature &signature) {
  llvm::Function *run = module.getFunction(entrySymbol(entry.getName()));
  Record record(context, sizeof(nacre_entry));
  SET_INT(record, nacre_entry, num_inputs, signature.inputs.size());
  SET(record, nacre_entry, name, string(entry.getName()));
  SET(record, nacre_entry, inputs, values(signature.inputs));
  SET(record, nacre_entry, outputs, values(signature.outputs));
  SET_INT(record, nacre_entry, num_outputs, signature.outputs.size());
  SET_INT(record, nacre_entry, num_symbols, signature.symbols.size());
  SET(record, nacre_entry, symbols, strings(signature.symbols));
  SET(record, nacre_entry, run, static_cast<llvm::Constant *>(run));
  return finish(record);
}

/// Bytes of the largest arena, 0 if one depends on the inputs.
static uint64_t arenaBytes(mlir::ModuleOp module) {
  uint64_t bytes = 0;
  bool isStatic = true;
  module.walk([&](program::ArenaOp arena) {
    llvm::APInt size;
    if (mlir::matchPattern(arena.getBytes(), mlir::m_ConstantInt(&size)))
      bytes = std::max(bytes, size.getZExtValue());
    else
      isStatic = false;
  });
  return isStatic ? bytes : 0;
}

//===-- the whole ---------------------------------------------------------===//

llvm::LogicalResult DescriptorBuilder::emit() {
  llvm::SmallVector<llvm::Constant *> kernels, entries;
  for (const KernelInfo &info : host.kernels)
    kernels.push_back(kernel(info));
  mlir::ModuleOp program = host.module;
  for (auto function : program.getOps<mlir::func::FuncOp>()) {
    mlir::FailureOr<Signature> signature = readSignature(function);
    if (mlir::failed(signature))
      return mlir::failure();
    entries.push_back(entry(function, *signature));
  }
  uint64_t weightsBytes = 0;
  if (auto bytes =
          program->getAttrOfType<mlir::IntegerAttr>(program::kWeightsBytesAttr))
    weightsBytes = bytes.getInt();
  llvm::Triple triple(module.getTargetTriple());

  Record record(context, sizeof(nacre_descriptor));
  SET_INT(record, nacre_descriptor, version, NACRE_ABI_VERSION);
  SET_INT(record, nacre_descriptor, magic, NACRE_MAGIC);
  SET(record, nacre_descriptor, name, string(host.name));
  SET(record, nacre_descriptor, provenance, string(host.provenance));
  SET(record, nacre_descriptor, arch,
      string(llvm::Triple::getArchTypeName(triple.getArch())));
  SET(record, nacre_descriptor, features, strings(host.features));
  SET(record, nacre_descriptor, devices, strings(host.devices));
  SET(record, nacre_descriptor, kernels, array(kernels, "kernels"));
  SET(record, nacre_descriptor, entries, array(entries, "entries"));
  SET(record, nacre_descriptor, weights,
      weightsBytes ? external(host.weightsName, /*isFunction=*/false) : null());
  SET_INT(record, nacre_descriptor, weights_bytes, weightsBytes);
  SET_INT(record, nacre_descriptor, num_features, host.features.size());
  SET_INT(record, nacre_descriptor, num_devices, host.devices.size());
  SET_INT(record, nacre_descriptor, num_kernels, host.kernels.size());
  SET_INT(record, nacre_descriptor, num_entries, entries.size());
  SET(record, nacre_descriptor, weights_file, null());
  SET_INT(record, nacre_descriptor, arena_bytes, arenaBytes(host.module));

  llvm::Constant *descriptor = global(finish(record), "descriptor");
  auto *exported = new llvm::GlobalVariable(
      module, pointer, /*isConstant=*/true, llvm::GlobalValue::ExternalLinkage,
      descriptor, host.exportName);
  exported->setAlignment(llvm::Align(8));
  return mlir::success();
}

llvm::LogicalResult nacre::codegen::emitDescriptor(const HostModule &host,
                                                   llvm::Module &module) {
  return DescriptorBuilder(host, module).emit();
}
