//===- Tensor.cpp - Tensors of the reference implementation ---------------===//
#include "dialects/graph/reference/Tensor.h"

#include "dialects/graph/Graph.h"
#include "dialects/graph/Scalar.h"
#include "dialects/graph/reference/Host.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/xxhash.h"
#include <cstdlib>
#include <cstring>

using namespace mlir;

namespace nacre::graph::reference {

std::optional<int64_t> countElements(llvm::ArrayRef<int64_t> dims) {
  int64_t count = 1;
  for (int64_t dim : dims) {
    if (dim < 0)
      return std::nullopt;
    if (dim == 0)
      return 0;
  }
  for (int64_t dim : dims)
    if (llvm::MulOverflow(count, dim, count))
      return std::nullopt;
  return count;
}

//===-- Making --------------------------------------------------------------//

Tensor Tensor::zeros(Type elementType, llvm::ArrayRef<int64_t> dims) {
  std::optional<int64_t> count = countElements(dims);
  int64_t bytes;
  if (!count || llvm::MulOverflow(*count, int64_t(bytesOf(elementType)), bytes))
    return {};
  // One byte at least, so that an empty tensor has an address.
  auto *memory = static_cast<char *>(std::calloc(bytes ? bytes : 1, 1));
  if (!memory)
    return {};
  Tensor tensor(elementType, dims, *count);
  tensor.owner = std::shared_ptr<char>(memory, std::free);
  tensor.data = memory;
  return tensor;
}

Tensor Tensor::view(Type elementType, llvm::ArrayRef<int64_t> dims,
                    const void *bytes) {
  std::optional<int64_t> count = countElements(dims);
  if (!count)
    return {};
  Tensor tensor(elementType, dims, *count);
  // An empty tensor has an address too.
  static char nothing;
  tensor.data =
      bytes ? static_cast<char *>(const_cast<void *>(bytes)) : &nothing;
  return tensor;
}

Tensor Tensor::scalar(MLIRContext *context, int64_t value) {
  return vector(context, value).reshaped({});
}

Tensor Tensor::vector(MLIRContext *context, llvm::ArrayRef<int64_t> values) {
  Tensor tensor =
      zeros(IntegerType::get(context, 64), static_cast<int64_t>(values.size()));
  if (tensor && !values.empty())
    std::memcpy(tensor.data, values.data(), tensor.bytes());
  return tensor;
}

char *Tensor::rawMutable() {
  if (owner && owner.use_count() == 1)
    return data;
  Tensor copy = zeros(type, shape);
  if (!copy)
    return nullptr;
  std::memcpy(copy.data, data, bytes());
  *this = std::move(copy);
  return data;
}

Tensor Tensor::reshaped(llvm::ArrayRef<int64_t> dims) const {
  Tensor result = *this;
  result.shape.assign(dims.begin(), dims.end());
  assert(countElements(dims) == count && "a reshape keeps all elements");
  return result;
}

Tensor Tensor::bitcast(Type to) const {
  assert(bytesOf(to) == bytesOf(type) && "widths differ");
  Tensor result = *this;
  result.type = to;
  return result;
}

//===-- Attributes ----------------------------------------------------------//

static Tensor fromDense(DenseElementsAttr attr) {
  auto type = cast<ShapedType>(attr.getType());
  Type element = type.getElementType();
  Tensor tensor = Tensor::zeros(element, type.getShape());
  if (!tensor)
    return {};
  char *out = tensor.rawMutable();
  unsigned size = tensor.elementBytes();
  if (element.isInteger(1)) {
    if (attr.isSplat())
      std::memset(out, attr.getSplatValue<bool>(), tensor.bytes());
    else
      for (auto [i, bit] : llvm::enumerate(attr.getValues<bool>()))
        out[i] = bit;
    return tensor;
  }
  llvm::ArrayRef<char> raw = attr.getRawData();
  if (!attr.isSplat()) {
    if (!raw.empty())
      std::memcpy(out, raw.data(),
                  std::min<size_t>(tensor.bytes(), raw.size()));
    return tensor;
  }
  for (int64_t i = 0; i < tensor.size(); ++i)
    std::memcpy(out + i * size, raw.data(), size);
  return tensor;
}

Tensor Tensor::fromAttr(ElementsAttr attr) {
  auto type = cast<ShapedType>(attr.getType());
  if (auto strings = dyn_cast<DenseStringElementsAttr>(attr))
    return fromStrings(strings);
  if (!type.hasStaticShape() || !type.getElementType().isIntOrFloat())
    return {};
  if (auto dense = dyn_cast<DenseElementsAttr>(attr))
    return fromDense(dense);
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(attr)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    Tensor tensor = blob ? view(type.getElementType(), type.getShape(),
                                blob->getData().data())
                         : Tensor();
    if (tensor && static_cast<int64_t>(blob->getData().size()) < tensor.bytes())
      return {};
    return tensor;
  }
  return {};
}

static bool isSplat(const Tensor &tensor) {
  unsigned size = tensor.elementBytes();
  if (tensor.size() == 0)
    return false;
  return std::memcmp(tensor.raw(), tensor.raw() + size,
                     tensor.bytes() - size) == 0;
}

static ElementsAttr toResource(const Tensor &tensor, RankedTensorType type) {
  llvm::ArrayRef<char> bytes(tensor.raw(), tensor.bytes());
  llvm::XXH128_hash_t hash = llvm::xxh3_128bits(llvm::ArrayRef(
      reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()));
  std::string name = "h" + llvm::utohexstr(hash.high64, true, 16) +
                     llvm::utohexstr(hash.low64, true, 16);
  auto &manager =
      DenseResourceElementsHandle::getManagerInterface(type.getContext());
  auto *dialect = type.getContext()->getOrLoadDialect<BuiltinDialect>();
  if (auto *entry = manager.getBlobManager().lookup(name))
    if (entry->getBlob() && entry->getBlob()->getData() == bytes)
      return DenseResourceElementsAttr::get(
          type, DenseResourceElementsHandle(entry, dialect));
  return DenseResourceElementsAttr::get(
      type, name, HeapAsmResourceBlob::allocateAndCopyWithAlign(bytes, 64));
}

ElementsAttr Tensor::toAttr() const {
  if (isHostType(type))
    return isa<StringType>(type) ? stringsToAttr(*this) : ElementsAttr();
  constexpr int64_t kDenseBytes = 1024;
  auto attrType = RankedTensorType::get(shape, type);
  bool splat = isSplat(*this);
  if (!splat && bytes() > kDenseBytes)
    return toResource(*this, attrType);
  int64_t given = splat ? 1 : count;
  if (type.isInteger(1)) {
    llvm::SmallVector<bool> values(data, data + given);
    return DenseElementsAttr::get(attrType, values);
  }
  return DenseElementsAttr::getFromRawBuffer(
      attrType, llvm::ArrayRef(data, given * elementBytes()));
}

//===-- Elements ------------------------------------------------------------//

uint64_t Tensor::bits(int64_t i) const {
  uint64_t value = 0;
  unsigned size = elementBytes();
  std::memcpy(&value, data + i * size, size);
  unsigned width = bitsOf(type);
  return width == 64 ? value : value & ((uint64_t(1) << width) - 1);
}

void Tensor::setBits(int64_t i, uint64_t value) {
  unsigned width = bitsOf(type);
  if (width < 64)
    value &= (uint64_t(1) << width) - 1;
  unsigned size = elementBytes();
  std::memcpy(data + i * size, &value, size);
}

static double realFromBits(FloatType type, uint64_t bits) {
  if (type.isF32())
    return llvm::bit_cast<float>(static_cast<uint32_t>(bits));
  if (type.isF64())
    return llvm::bit_cast<double>(bits);
  if (type.isF16())
    return halfToFloat(bits);
  if (type.isBF16())
    return brainToFloat(bits);
  llvm::APFloat value(type.getFloatSemantics(),
                      llvm::APInt(type.getWidth(), bits));
  // The NaN of f8E8M0FNU has no mantissa and would convert to infinity.
  return value.isNaN() ? std::numeric_limits<double>::quiet_NaN()
                       : value.convertToDouble();
}

static uint64_t bitsFromReal(FloatType type, double real) {
  if (type.isF32())
    return llvm::bit_cast<uint32_t>(static_cast<float>(real));
  if (type.isF64())
    return llvm::bit_cast<uint64_t>(real);
  llvm::APFloat value(real);
  bool lossy;
  value.convert(type.getFloatSemantics(), llvm::APFloat::rmNearestTiesToEven,
                &lossy);
  return value.bitcastToAPInt().getZExtValue();
}

double Tensor::real(int64_t i) const {
  if (auto floatType = dyn_cast<FloatType>(type))
    return realFromBits(floatType, bits(i));
  return isUnsignedElement(type) ? static_cast<double>(bits(i))
                                 : static_cast<double>(integer(i));
}

int64_t Tensor::integer(int64_t i) const {
  if (auto floatType = dyn_cast<FloatType>(type))
    return static_cast<int64_t>(realFromBits(floatType, bits(i)));
  uint64_t value = bits(i);
  return isUnsignedElement(type)
             ? static_cast<int64_t>(value)
             : llvm::SignExtend64(value, bitsOf(type));
}

void Tensor::setReal(int64_t i, double value) {
  if (auto floatType = dyn_cast<FloatType>(type))
    return setBits(i, bitsFromReal(floatType, value));
  setBits(i, value < 0 ? static_cast<uint64_t>(static_cast<int64_t>(value))
                       : static_cast<uint64_t>(value));
}

void Tensor::setInteger(int64_t i, int64_t value) {
  if (auto floatType = dyn_cast<FloatType>(type))
    return setBits(i, bitsFromReal(floatType, static_cast<double>(value)));
  setBits(i, static_cast<uint64_t>(value));
}

//===-- Half formats --------------------------------------------------------//

uint16_t floatToHalf(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  uint32_t sign = (bits >> 16) & 0x8000, magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000)
    return sign | 0x7e00 | ((magnitude >> 13) & 0x3ff);
  if (magnitude >= 0x47800000)
    return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Below 2^-14 a float addition does the rounding: the last place of 0.5 is
    // half's subnormal unit, 2^-24.
    float sum = llvm::bit_cast<float>(magnitude) + 0.5f;
    return sign | (llvm::bit_cast<uint32_t>(sum) - 0x3f000000);
  }
  uint32_t rounded = magnitude + 0xfff + ((magnitude >> 13) & 1);
  return sign | ((rounded - 0x38000000) >> 13);
}

float halfToFloat(uint16_t bits) {
  uint32_t sign = uint32_t(bits & 0x8000) << 16, magnitude = bits & 0x7fff;
  float value;
  if (magnitude < 0x400)
    value = static_cast<float>(magnitude) * 0x1p-24f;
  else if (magnitude >= 0x7c00)
    value = llvm::bit_cast<float>(0x7f800000 | (magnitude & 0x3ff) << 13);
  else
    value = llvm::bit_cast<float>((magnitude << 13) + 0x38000000);
  return llvm::bit_cast<float>(llvm::bit_cast<uint32_t>(value) | sign);
}

uint16_t floatToBrain(float value) {
  uint32_t bits = llvm::bit_cast<uint32_t>(value);
  if ((bits & 0x7fffffff) > 0x7f800000)
    return (bits >> 16) | 0x40;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

float brainToFloat(uint16_t bits) {
  return llvm::bit_cast<float>(uint32_t(bits) << 16);
}

} // namespace nacre::graph::reference
