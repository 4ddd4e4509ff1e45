#include "codegen/host/Signature.h"

#include "dialects/graph/Graph.h"
#include "dialects/program/Program.h"

#include "nacre/abi.h"

#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace nacre;
using namespace nacre::codegen;

static std::optional<uint32_t> integerDtype(IntegerType type) {
  bool isUnsigned = type.isUnsigned();
  switch (type.getWidth()) {
  case 1:
    return NACRE_BOOL;
  case 2:
    return isUnsigned ? NACRE_U2 : NACRE_I2;
  case 4:
    return isUnsigned ? NACRE_U4 : NACRE_I4;
  case 8:
    return isUnsigned ? NACRE_U8 : NACRE_I8;
  case 16:
    return isUnsigned ? NACRE_U16 : NACRE_I16;
  case 32:
    return isUnsigned ? NACRE_U32 : NACRE_I32;
  case 64:
    return isUnsigned ? NACRE_U64 : NACRE_I64;
  default:
    return std::nullopt;
  }
}

std::optional<uint32_t> nacre::codegen::dtypeOf(Type element) {
  using Result = std::optional<uint32_t>;
  return TypeSwitch<Type, Result>(element)
      .Case([](IntegerType type) { return integerDtype(type); })
      .Case([](Float16Type) { return Result(NACRE_F16); })
      .Case([](BFloat16Type) { return Result(NACRE_BF16); })
      .Case([](Float32Type) { return Result(NACRE_F32); })
      .Case([](Float64Type) { return Result(NACRE_F64); })
      .Case([](Float8E4M3FNType) { return Result(NACRE_F8E4M3FN); })
      .Case([](Float8E4M3FNUZType) { return Result(NACRE_F8E4M3FNUZ); })
      .Case([](Float8E5M2Type) { return Result(NACRE_F8E5M2); })
      .Case([](Float8E5M2FNUZType) { return Result(NACRE_F8E5M2FNUZ); })
      .Case([](Float4E2M1FNType) { return Result(NACRE_F4E2M1); })
      .Case([](Float8E8M0FNUType) { return Result(NACRE_F8E8M0); })
      .Case([](ComplexType type) -> Result {
        if (type.getElementType().isF32())
          return NACRE_C64;
        if (type.getElementType().isF64())
          return NACRE_C128;
        return std::nullopt;
      })
      .Case([](graph::StringType) { return Result(NACRE_STRING); })
      .Case([](graph::SequenceType) { return Result(NACRE_SEQUENCE); })
      .Case([](graph::OptionalType) { return Result(NACRE_OPTIONAL); })
      .Case([](graph::MapType) { return Result(NACRE_MAP); })
      .Default([](Type) -> Result { return std::nullopt; });
}

/// What is in a container, as its type says it; tensors in a sequence or
/// optional may have any dims.
static std::vector<SignatureValue> contentOf(Type element) {
  auto describe = [](Type content) {
    SignatureValue value;
    value.dtype = dtypeOf(graph::elementOfContent(content)).value_or(0);
    value.content = contentOf(graph::elementOfContent(content));
    value.isRanked = !isa<TensorType>(content) ||
                     cast<TensorType>(content).hasRank();
    if (auto tensor = dyn_cast<RankedTensorType>(content))
      for (int64_t dim : tensor.getShape())
        value.dims.push_back(ShapedType::isDynamic(dim) ? -1 : dim);
    return value;
  };
  if (auto sequence = dyn_cast<graph::SequenceType>(element))
    return {describe(sequence.getContent())};
  if (auto optional = dyn_cast<graph::OptionalType>(element))
    return {describe(optional.getContent())};
  if (auto map = dyn_cast<graph::MapType>(element))
    return {describe(map.getKey()), describe(map.getValue())};
  return {};
}

namespace {

class SignatureReader {
public:
  explicit SignatureReader(func::FuncOp entry) : entry(entry) {}

  LogicalResult add(DictionaryAttr attributes, ShapedType type, StringRef kind,
                    std::vector<SignatureValue> &values);
  Signature signature;

private:
  /// The ABI's number for dim `i` of `type`.
  int64_t encode(ArrayAttr dims, ShapedType type, int64_t i);
  int64_t symbol(StringRef name);

  func::FuncOp entry;
};

} // namespace

int64_t SignatureReader::symbol(StringRef name) {
  auto &symbols = signature.symbols;
  auto found = llvm::find(symbols, name);
  int64_t index = found - symbols.begin();
  if (found == symbols.end())
    symbols.push_back(name.str());
  return -(index + 2);
}

int64_t SignatureReader::encode(ArrayAttr dims, ShapedType type, int64_t i) {
  if (!type.isDynamicDim(i))
    return type.getDimSize(i);
  if (!dims || static_cast<int64_t>(dims.size()) != type.getRank())
    return -1;
  auto name = dyn_cast<StringAttr>(dims[i]);
  return name && !name.empty() && name != "?" ? symbol(name) : -1;
}

LogicalResult SignatureReader::add(DictionaryAttr attributes, ShapedType type,
                                   StringRef kind,
                                   std::vector<SignatureValue> &values) {
  SignatureValue value;
  value.name = (kind + "_" + Twine(values.size())).str();
  Type element = type.getElementType();
  ArrayAttr dims;
  if (attributes) {
    if (auto name = attributes.getAs<StringAttr>(program::kNameAttr))
      value.name = name.str();
    if (auto dtype = attributes.getAs<TypeAttr>(program::kDtypeAttr))
      element = dtype.getValue();
    dims = attributes.getAs<ArrayAttr>(program::kDimsAttr);
  }
  std::optional<uint32_t> dtype = dtypeOf(element);
  if (!dtype)
    return entry.emitOpError(kind)
           << " '" << value.name << "' has element type " << element
           << ", which an artifact cannot take or return";
  value.dtype = *dtype;
  value.content = contentOf(element);
  for (int64_t i = 0; i < type.getRank(); ++i)
    value.dims.push_back(encode(dims, type, i));
  values.push_back(std::move(value));
  return success();
}

FailureOr<Signature> nacre::codegen::readSignature(func::FuncOp entry) {
  SignatureReader reader(entry);
  for (auto [i, type] : llvm::enumerate(entry.getArgumentTypes()))
    if (failed(reader.add(entry.getArgAttrDict(i), cast<ShapedType>(type),
                          "input", reader.signature.inputs)))
      return failure();
  auto outputs = entry->getAttrOfType<ArrayAttr>(program::kOutputsAttr);
  if (!outputs)
    return entry.emitOpError("has no attribute ") << program::kOutputsAttr;
  for (auto output : outputs.getAsRange<DictionaryAttr>()) {
    auto type = output.getAs<TypeAttr>("type");
    if (!type || failed(reader.add(output, cast<ShapedType>(type.getValue()),
                                   "output", reader.signature.outputs)))
      return failure();
  }
  return reader.signature;
}
