#include "tools/nacre/io/Wire.h"

#include <cstring>

namespace nacre::io {

namespace {

/// Fields of TensorProto.
enum Field : uint32_t {
  Dims = 1,
  DataType = 2,
  Segment = 3,
  FloatData = 4,
  Int32Data = 5,
  StringData = 6,
  Int64Data = 7,
  Name = 8,
  RawData = 9,
  DoubleData = 10,
  Uint64Data = 11,
  ExternalData = 13,
  DataLocation = 14
};

struct Parsed {
  std::vector<int64_t> dims;
  uint64_t dtype = 0;
  std::string_view name, raw;
  bool hasRaw = false, external = false;
  uint32_t typed = 0; ///< the field that holds elements
  bool manyTyped = false;
  std::string values; ///< its values, 4 or 8 little-endian bytes each
  std::vector<std::string> strings;
};

} // namespace

/// Bytes of a value in typed field `number`; 0 if it is no such field.
static size_t valueBytes(uint32_t number) {
  switch (number) {
  case FloatData:
  case Int32Data:
    return 4;
  case Int64Data:
  case DoubleData:
  case Uint64Data:
    return 8;
  }
  return 0;
}

/// The typed field in which elements of `dtype` are.
static uint32_t typedField(uint32_t dtype) {
  switch (dtype) {
  case NACRE_F32:
  case NACRE_C64:
    return FloatData;
  case NACRE_F64:
  case NACRE_C128:
    return DoubleData;
  case NACRE_I64:
    return Int64Data;
  case NACRE_U32:
  case NACRE_U64:
    return Uint64Data;
  }
  return Int32Data;
}

static void append(std::string &values, uint64_t value, size_t bytes) {
  values.append(reinterpret_cast<const char *>(&value), bytes);
}

/// Adds one field of the message; false if it is malformed.
static bool addTyped(Parsed &parsed, uint32_t number, Wire::Type type,
                     uint64_t value, std::string_view payload) {
  if (parsed.typed != 0 && parsed.typed != number)
    parsed.manyTyped = true;
  parsed.typed = number;
  size_t bytes = valueBytes(number);
  bool fixed = number == FloatData || number == DoubleData;
  if (fixed) {
    bool single = type == (bytes == 4 ? Wire::Fixed32 : Wire::Fixed64);
    if (!single && (type != Wire::Bytes || payload.size() % bytes != 0))
      return false;
    parsed.values.append(payload);
    return true;
  }
  if (type == Wire::Varint) {
    append(parsed.values, value, bytes);
    return true;
  }
  if (type != Wire::Bytes)
    return false;
  Wire packed(payload);
  while (!packed.done()) {
    if (!packed.varint(value))
      return false;
    append(parsed.values, value, bytes);
  }
  return true;
}

static bool addDims(Parsed &parsed, Wire::Type type, uint64_t value,
                    std::string_view payload) {
  if (type == Wire::Varint) {
    parsed.dims.push_back(int64_t(value));
    return parsed.dims.size() <= 64;
  }
  Wire packed(payload);
  while (type == Wire::Bytes && !packed.done()) {
    if (!packed.varint(value) || parsed.dims.size() >= 64)
      return false;
    parsed.dims.push_back(int64_t(value));
  }
  return type == Wire::Bytes;
}

static bool addField(Parsed &parsed, uint32_t number, Wire::Type type,
                     uint64_t value, std::string_view payload) {
  switch (number) {
  case Dims:
    return addDims(parsed, type, value, payload);
  case DataType:
    parsed.dtype = value;
    return type == Wire::Varint;
  case Name:
    parsed.name = payload;
    return type == Wire::Bytes;
  case RawData:
    parsed.raw = payload;
    return parsed.hasRaw = type == Wire::Bytes;
  case ExternalData:
    parsed.external = true;
    return type == Wire::Bytes;
  case DataLocation:
    parsed.external |= value == 1;
    return type == Wire::Varint;
  case Segment:
    return false;
  case StringData:
    parsed.strings.emplace_back(payload);
    return type == Wire::Bytes;
  }
  return valueBytes(number) == 0 ||
         addTyped(parsed, number, type, value, payload);
}

/// Bits of one element of `width` bytes and fewer to whole bytes, lowest first;
/// signed types are extended.
static void unpack(std::string_view packed, uint32_t dtype, uint64_t count,
                   std::vector<uint8_t> &data) {
  unsigned bits = packedBits(dtype), mask = (1u << bits) - 1;
  bool isSigned = dtype == NACRE_I4 || dtype == NACRE_I2;
  data.resize(count);
  for (uint64_t i = 0; i < count; ++i) {
    unsigned value = uint8_t(packed[i * bits / 8]) >> (i * bits % 8) & mask;
    if (isSigned && value >> (bits - 1))
      value |= ~mask;
    data[i] = uint8_t(value);
  }
}

/// Takes the low bytes of each value of a typed field.
static std::string narrow(const std::string &values, size_t from, size_t to) {
  if (from == to)
    return values;
  std::string out;
  out.reserve(values.size() / from * to);
  for (size_t i = 0; i + from <= values.size(); i += from)
    out.append(values, i, to);
  return out;
}

/// The bytes that raw_data has, or would have.
static bool rawBytes(const Parsed &parsed, uint32_t dtype,
                     std::string &storage, std::string_view &raw,
                     std::string &error) {
  if (parsed.hasRaw && !(parsed.raw.empty() && parsed.typed)) {
    if (parsed.typed)
      error = "has its data twice, in raw_data and in a typed field";
    raw = parsed.raw;
    return !parsed.typed;
  }
  if (parsed.typed &&
      (parsed.manyTyped || parsed.typed != typedField(dtype))) {
    error = "has its data in a field that does not belong to " +
            dtypeName(dtype);
    return false;
  }
  size_t from = parsed.typed ? valueBytes(parsed.typed) : 1;
  size_t element = elementBytes(dtype);
  storage = narrow(parsed.values, from, element < from ? element : from);
  raw = storage;
  return true;
}

static bool takeStrings(Parsed &parsed, Tensor &tensor, std::string &error) {
  uint64_t count;
  if (parsed.external || parsed.hasRaw || parsed.typed ||
      !countElements(parsed.dims, count) || count != parsed.strings.size()) {
    error = "has " + std::to_string(parsed.strings.size()) + " strings for " +
            describe(NACRE_STRING, parsed.dims);
    return false;
  }
  tensor.dtype = NACRE_STRING;
  tensor.dims = std::move(parsed.dims);
  tensor.name = parsed.name;
  tensor.strings = std::move(parsed.strings);
  return true;
}

bool readProto(std::string_view bytes, Tensor &tensor, std::string &error) {
  Parsed parsed;
  Wire wire(bytes);
  while (!wire.done()) {
    uint32_t number;
    Wire::Type type;
    uint64_t value = 0;
    std::string_view payload;
    if (!wire.field(number, type, value, payload) ||
        !addField(parsed, number, type, value, payload)) {
      error = "is not a TensorProto of ONNX, or is cut short";
      return false;
    }
  }
  uint32_t dtype = parsed.dtype < 0xff ? uint32_t(parsed.dtype) : 0xff;
  if (dtype == NACRE_STRING)
    return takeStrings(parsed, tensor, error);
  if (elementBytes(dtype) == 0) {
    error = "has elements of " + dtypeName(dtype) + ", which is not supported";
    return false;
  }
  if (parsed.external) {
    error = "keeps its data in another file; expected it inside";
    return false;
  }
  std::string storage;
  std::string_view raw;
  uint64_t count;
  if (!rawBytes(parsed, dtype, storage, raw, error))
    return false;
  bool valid = countElements(parsed.dims, count);
  if (!valid || (count * packedBits(dtype) + 7) / 8 != raw.size()) {
    error = "has " + std::to_string(raw.size()) + " bytes of data; " +
            describe(dtype, parsed.dims) + " needs " +
            (valid ? std::to_string((count * packedBits(dtype) + 7) / 8)
                   : "what no machine has");
    return false;
  }
  tensor.dtype = dtype;
  tensor.dims = std::move(parsed.dims);
  tensor.name = parsed.name;
  if (packedBits(dtype) < 8)
    unpack(raw, dtype, count, tensor.data);
  else
    tensor.data.assign(raw.begin(), raw.end());
  return true;
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

std::string writeProto(const Tensor &tensor) {
  std::string out;
  for (int64_t dim : tensor.dims) {
    writeNumber(out, Dims, uint64_t(dim));
  }
  writeNumber(out, DataType, tensor.dtype);
  if (!tensor.name.empty())
    writeBytes(out, Name, tensor.name);
  for (const std::string &text : tensor.strings)
    writeBytes(out, StringData, text);
  if (tensor.dtype == NACRE_STRING)
    return out;
  std::string_view data(reinterpret_cast<const char *>(tensor.data.data()),
                        tensor.data.size());
  unsigned bits = packedBits(tensor.dtype);
  std::string packed;
  if (bits < 8) {
    packed.assign((tensor.data.size() * bits + 7) / 8, '\0');
    for (size_t i = 0; i < tensor.data.size(); ++i)
      packed[i * bits / 8] |=
          char((tensor.data[i] & ((1u << bits) - 1)) << (i * bits % 8));
    data = packed;
  }
  writeBytes(out, RawData, data);
  return out;
}

} // namespace nacre::io
