#include "compiler/import/onnx/Tensor.h"
#include "compiler/import/onnx/Types.h"
#include "dialects/graph/Graph.h"

#include "mlir/IR/BuiltinDialect.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "nacre/onnx.pb.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace nacre::onnx;

template <typename... Parts>
static llvm::Error fail(Parts &&...parts) {
  std::string text;
  llvm::raw_string_ostream os(text);
  (os << ... << parts);
  return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
}

//===-- Bytes to attributes
//-------------------------------------------------===//

/// `count` elements of `bits` bits each, packed from the low end, one byte
/// each.
static std::string unpack(StringRef packed, unsigned bits, uint64_t count) {
  std::string bytes(count, 0);
  unsigned perByte = 8 / bits;
  for (uint64_t i = 0; i < count; ++i)
    bytes[i] = char(uint8_t(packed[i / perByte]) >> (i % perByte * bits) &
                    ((1 << bits) - 1));
  return bytes;
}

static bool isSplat(StringRef bytes, size_t width) {
  return bytes.size() > width && std::memcmp(bytes.data(), bytes.data() + width,
                                             bytes.size() - width) == 0;
}

/// The resource of these bytes. Equal bytes are one resource, whoever asked
/// first: names are hashes of the content.
static DenseResourceElementsHandle resourceFor(MLIRContext *context,
                                               SharedBytes data) {
  llvm::XXH128_hash_t hash = llvm::xxh3_128bits(
      ArrayRef(data.bytes.bytes_begin(), data.bytes.bytes_end()));
  std::string name = "w" + llvm::utohexstr(hash.high64, true, 16) +
                     llvm::utohexstr(hash.low64, true, 16);
  auto &manager = DenseResourceElementsHandle::getManagerInterface(context);
  auto *dialect = context->getLoadedDialect<BuiltinDialect>();
  auto *known = manager.getBlobManager().lookup(name);
  if (known && known->getBlob() &&
      known->getBlob()->getData().size() == data.bytes.size())
    return DenseResourceElementsHandle(known, dialect);
  // The deleter does nothing but hold the mapping.
  auto keep = [owner = data.owner](void *, size_t, size_t) {};
  AsmResourceBlob blob(ArrayRef(data.bytes.data(), data.bytes.size()),
                       /*dataAlignment=*/1, std::move(keep),
                       /*dataIsMutable=*/false);
  return manager.insert(name, std::move(blob));
}

ElementsAttr nacre::onnx::makeElements(RankedTensorType type,
                                       SharedBytes data) {
  StringRef bytes = data.bytes;
  Type element = type.getElementType();
  if (type.getNumElements() == 0)
    return DenseElementsAttr::get(type, ArrayRef<Attribute>());
  if (element.isInteger(1)) {
    SmallVector<bool> bools;
    for (char byte : bytes)
      bools.push_back(byte != 0);
    if (llvm::all_equal(bools))
      bools.resize(1);
    return DenseElementsAttr::get(type, bools);
  }
  size_t width = std::max(1u, storageBits(element) / 8);
  if (isSplat(bytes, width))
    return DenseElementsAttr::getFromRawBuffer(type,
                                               ArrayRef(bytes.data(), width));
  if (bytes.size() > 1024 && storageBits(element) >= 8)
    return DenseResourceElementsAttr::get(type,
                                          resourceFor(type.getContext(), data));
  return DenseElementsAttr::getFromRawBuffer(
      type, ArrayRef(bytes.data(), bytes.size()));
}

//===-- Typed fields
//--------------------------------------------------------===//

template <typename To, typename Field>
static std::string encode(const Field &field) {
  std::string bytes;
  bytes.reserve(field.size() * sizeof(To));
  for (auto value : field) {
    To narrow = To(value);
    bytes.append(reinterpret_cast<const char *>(&narrow), sizeof(To));
  }
  return bytes;
}

/// The elements in the field that ONNX prescribes for the data type, in the
/// form of raw data.
static std::string typedData(const nacre::proto::TensorProto &tensor) {
  switch (tensor.data_type()) {
  case Float:
  case Complex64:
    return encode<float>(tensor.float_data());
  case Double:
  case Complex128:
    return encode<double>(tensor.double_data());
  case Int64:
    return encode<int64_t>(tensor.int64_data());
  case UInt64:
    return encode<uint64_t>(tensor.uint64_data());
  case UInt32:
    return encode<uint32_t>(tensor.uint64_data());
  case Int32:
    return encode<int32_t>(tensor.int32_data());
  case Int16:
  case UInt16:
  case Float16:
  case BFloat16:
    return encode<uint16_t>(tensor.int32_data());
  default: // One byte each; 4- and 2-bit elements are packed into bytes.
    return encode<uint8_t>(tensor.int32_data());
  }
}

//===-- Tensors
//-------------------------------------------------------------===//

/// The type that `dims` and `dataType` say, checked.
static llvm::Expected<RankedTensorType>
tensorType(MLIRContext *context, int64_t dataType, ArrayRef<int64_t> dims) {
  Type element = elementType(context, dataType);
  if (!element)
    return fail("a tensor of ", dataTypeName(dataType), " is not supported");
  if (dims.size() > 64)
    return fail("rank ", dims.size(), " is more than the limit of 64");
  for (int64_t dim : dims)
    if (dim < 0)
      return fail("dim ", dim, " is negative");
  std::optional<uint64_t> count = countElements(dims);
  if (!count ||
      storageBytes(element, *count).value_or(UINT64_MAX) > kMaxTensorBytes)
    return fail("a tensor of dims [", joined(dims),
                "] is larger than the limit of 2^40 bytes");
  return RankedTensorType::get(dims, element);
}

static llvm::Expected<ElementsAttr>
readStrings(const nacre::proto::TensorProto &tensor, RankedTensorType type) {
  if (tensor.has_raw_data() || tensor.external_data_size())
    return fail("strings are in raw or external data; expected string_data");
  if (tensor.string_data_size() != type.getNumElements())
    return fail("dims [", joined(type.getShape()), "] of string need ",
                type.getNumElements(), " strings, found ",
                tensor.string_data_size());
  SmallVector<StringRef> strings(tensor.string_data().begin(),
                                 tensor.string_data().end());
  return DenseStringElementsAttr::get(type, strings);
}

llvm::Expected<ElementsAttr>
nacre::onnx::readTensor(const Model &model, const proto::TensorProto &tensor,
                        MLIRContext *context) {
  SmallVector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  auto type = tensorType(context, tensor.data_type(), dims);
  if (!type)
    return type.takeError();
  if (tensor.has_segment())
    return fail("segmented tensor data is not supported");
  if (isa<nacre::graph::StringType>((*type).getElementType()))
    return readStrings(tensor, *type);
  uint64_t count = (*type).getNumElements();
  uint64_t needed = *storageBytes((*type).getElementType(), count);

  auto raw = model.rawData(tensor);
  if (!raw)
    return raw.takeError();
  std::string typed;
  SharedBytes data;
  if (*raw) {
    data = **raw;
    if (data.openEnded)
      data.bytes = data.bytes.take_front(needed);
  } else {
    typed = typedData(tensor);
    data.bytes = typed;
  }
  if (data.bytes.size() != needed)
    return fail("dims [", joined(dims), "] of ",
                dataTypeName(tensor.data_type()), " need ", needed,
                " bytes of data, found ", data.bytes.size());
  std::string bytes;
  unsigned bits = storageBits((*type).getElementType());
  if (bits < 8) {
    bytes = unpack(data.bytes, bits, count);
    data = {bytes, nullptr};
  } else if (!data.owner && data.bytes.size() > 1024 &&
             data.bytes.data() == typed.data()) {
    // A resource outlives this function.
    auto kept = std::make_shared<std::string>(std::move(typed));
    data = {*kept, kept};
  }
  return makeElements(*type, data);
}

/// Row-major positions of the values; `indices` holds them, or one tuple each.
static llvm::Expected<SmallVector<uint64_t>>
sparsePositions(DenseElementsAttr indices, RankedTensorType type,
                int64_t numValues) {
  auto shape = indices.getType().getShape();
  bool tuples = shape.size() == 2;
  if (shape.empty() || shape.size() > 2 || shape[0] != numValues ||
      (tuples && shape[1] != type.getRank()))
    return fail("sparse tensor has indices of shape [", joined(shape), "] for ",
                numValues, " values");
  SmallVector<uint64_t> positions;
  llvm::DenseSet<uint64_t> seen;
  auto it = indices.value_begin<int64_t>();
  for (int64_t i = 0; i < numValues; ++i) {
    int64_t position = 0;
    bool inside = true;
    for (int64_t d = 0; d < (tuples ? type.getRank() : 1); ++d, ++it) {
      int64_t index = *it;
      int64_t bound = tuples ? type.getDimSize(d) : type.getNumElements();
      inside &= index >= 0 && index < bound;
      position = inside ? position * (tuples ? bound : 1) + index : 0;
    }
    if (!inside)
      return fail("sparse tensor has an index out of range at entry ", i);
    if (!seen.insert(position).second)
      return fail("sparse tensor names one element twice at entry ", i);
    positions.push_back(position);
  }
  return positions;
}

llvm::Expected<ElementsAttr>
nacre::onnx::readSparse(const Model &model,
                        const proto::SparseTensorProto &sparse,
                        MLIRContext *context) {
  SmallVector<int64_t> dims(sparse.dims().begin(), sparse.dims().end());
  auto type = tensorType(context, sparse.values().data_type(), dims);
  if (!type)
    return type.takeError();
  auto values = readTensor(model, sparse.values(), context);
  if (!values)
    return values.takeError();
  auto indices = readTensor(model, sparse.indices(), context);
  if (!indices)
    return indices.takeError();
  unsigned bits = storageBits((*type).getElementType());
  uint64_t size =
      *storageBytes((*type).getElementType(), (*type).getNumElements());
  if (bits < 8)
    return fail("a sparse tensor of ",
                dataTypeName(sparse.values().data_type()), " is not supported");
  if (size > kMaxDenseBytes)
    return fail("a sparse tensor of dims [", joined(dims),
                "] is larger than the limit of 2^28 bytes");
  if (!(*indices).getElementType().isInteger(64))
    return fail("sparse tensor has indices of ",
                typeName((*indices).getElementType()), ", expected int64");
  auto raw = model.rawData(sparse.values());
  if (!raw)
    return raw.takeError();
  std::string typed = *raw ? "" : typedData(sparse.values());
  StringRef source = *raw ? (**raw).bytes : StringRef(typed);

  auto known = dyn_cast<DenseElementsAttr>(*indices);
  SmallVector<int64_t> list;
  if (!known) { // a resource: long lists of indices
    auto blob = cast<DenseResourceElementsAttr>(*indices).getData();
    list.resize(blob.size() / 8);
    std::memcpy(list.data(), blob.data(), blob.size());
    known = DenseElementsAttr::get(
        cast<RankedTensorType>((*indices).getShapedType()), ArrayRef(list));
  }
  auto positions = sparsePositions(known, *type, (*values).getNumElements());
  if (!positions)
    return positions.takeError();
  auto dense = std::make_shared<std::string>(size, '\0');
  for (auto [i, position] : llvm::enumerate(*positions))
    std::memcpy(dense->data() + position * (bits / 8),
                source.data() + i * (bits / 8), bits / 8);
  return makeElements(*type, {*dense, dense});
}
