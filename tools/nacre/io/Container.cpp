// SequenceProto, OptionalProto and MapProto of onnx-data.proto.
#include "tools/nacre/io/Wire.h"

#include <cstring>

namespace nacre::io {

namespace {

/// Fields of SequenceProto and OptionalProto, and two less: values of
/// ElementType.
enum Field : uint32_t {
  Name = 1,
  ElementType = 2,
  TensorValue = 3,
  SequenceValue = 5,
  MapValue = 6,
  OptionalValue = 7
};
/// Fields of MapProto.
enum MapField : uint32_t { KeyType = 2, Keys = 3, StringKeys = 4, Values = 5 };

constexpr unsigned kMaxDepth = 8;

} // namespace

static uint32_t dtypeOfField(uint32_t field) {
  switch (field) {
  case SequenceValue:
    return NACRE_SEQUENCE;
  case MapValue:
    return NACRE_MAP;
  case OptionalValue:
    return NACRE_OPTIONAL;
  }
  return 0;
}

static uint32_t fieldOf(uint32_t dtype) {
  for (uint32_t field : {SequenceValue, MapValue, OptionalValue})
    if (dtypeOfField(field) == dtype)
      return field;
  return TensorValue;
}

static bool read(std::string_view bytes, uint32_t dtype, unsigned depth,
                 Tensor &tensor, std::string &error);

/// One vector of tensors that hold one element each, of a map.
static bool joinScalars(const std::vector<Tensor> &scalars, Tensor &vector,
                        std::string &error) {
  vector.dims = {int64_t(scalars.size())};
  vector.dtype = scalars.empty() ? uint32_t(NACRE_F32) : scalars[0].dtype;
  for (const Tensor &scalar : scalars) {
    uint64_t count = 0;
    if (scalar.dtype != vector.dtype || !countElements(scalar.dims, count) ||
        count != 1 || isContainer(scalar.dtype)) {
      error = "is a map whose values are not one element each";
      return false;
    }
    vector.data.insert(vector.data.end(), scalar.data.begin(),
                       scalar.data.end());
    vector.strings.insert(vector.strings.end(), scalar.strings.begin(),
                          scalar.strings.end());
  }
  return true;
}

static void addKey(Tensor &keys, uint64_t value) {
  keys.dtype = NACRE_I64;
  auto *bytes = reinterpret_cast<const uint8_t *>(&value);
  keys.data.insert(keys.data.end(), bytes, bytes + sizeof(value));
}

static bool readMap(std::string_view bytes, unsigned depth, Tensor &tensor,
                    std::string &error) {
  Wire wire(bytes);
  Tensor keys, values, sequence;
  keys.dtype = NACRE_I64;
  while (!wire.done()) {
    uint32_t number;
    Wire::Type type;
    uint64_t value = 0;
    std::string_view payload;
    bool valid = wire.field(number, type, value, payload);
    if (valid && number == KeyType && value == NACRE_STRING)
      keys.dtype = NACRE_STRING;
    if (valid && number == StringKeys)
      keys.strings.emplace_back(payload);
    if (valid && number == Keys && type == Wire::Varint)
      addKey(keys, value);
    if (valid && number == Keys && type == Wire::Bytes)
      for (Wire packed(payload); valid && !packed.done();)
        if ((valid = packed.varint(value)))
          addKey(keys, value);
    if (valid && number == Values &&
        !read(payload, NACRE_SEQUENCE, depth + 1, sequence, error))
      return false;
    if (!valid) {
      error = "is not a MapProto of ONNX, or is cut short";
      return false;
    }
  }
  if (!keys.strings.empty())
    keys.dtype = NACRE_STRING;
  size_t count =
      keys.dtype == NACRE_STRING ? keys.strings.size() : keys.data.size() / 8;
  keys.dims = {int64_t(count)};
  if (sequence.items.size() != count) {
    error = "is a map of " + std::to_string(count) + " keys and " +
            std::to_string(sequence.items.size()) + " values";
    return false;
  }
  if (!joinScalars(sequence.items, values, error))
    return false;
  tensor.items = {std::move(keys), std::move(values)};
  return true;
}

/// A SequenceProto or OptionalProto: they differ in how many values there are.
static bool readList(std::string_view bytes, unsigned depth, Tensor &tensor,
                     std::string &error) {
  Wire wire(bytes);
  while (!wire.done()) {
    uint32_t number;
    Wire::Type type;
    uint64_t value = 0;
    std::string_view payload;
    if (!wire.field(number, type, value, payload)) {
      error =
          "is not a SequenceProto or OptionalProto of ONNX, or is cut short";
      return false;
    }
    if (number == Name)
      tensor.name = payload;
    if (type != Wire::Bytes || number < TensorValue)
      continue;
    if (number != TensorValue && !dtypeOfField(number)) {
      error = "holds sparse tensors, which is not supported";
      return false;
    }
    if (!read(payload, dtypeOfField(number), depth + 1,
              tensor.items.emplace_back(), error))
      return false;
  }
  if (tensor.dtype != NACRE_OPTIONAL || tensor.items.size() <= 1)
    return true;
  error = "is an optional of more than one value";
  return false;
}

static bool read(std::string_view bytes, uint32_t dtype, unsigned depth,
                 Tensor &tensor, std::string &error) {
  if (!isContainer(dtype))
    return readProto(bytes, tensor, error);
  tensor.dtype = dtype;
  if (depth > kMaxDepth) {
    error = "nests too deep";
    return false;
  }
  return dtype == NACRE_MAP ? readMap(bytes, depth, tensor, error)
                            : readList(bytes, depth, tensor, error);
}

bool readValue(std::string_view bytes, uint32_t expected, Tensor &tensor,
               std::string &error) {
  return read(bytes, expected, 0, tensor, error);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

static std::string writeMap(const Tensor &tensor) {
  std::string out, sequence;
  if (tensor.items.size() != 2)
    return out;
  const Tensor &keys = tensor.items[0], &values = tensor.items[1];
  writeNumber(out, KeyType, keys.dtype);
  for (const std::string &key : keys.strings)
    writeBytes(out, StringKeys, key);
  for (size_t i = 0; i + 8 <= keys.data.size(); i += 8) {
    uint64_t key;
    std::memcpy(&key, &keys.data[i], sizeof(key));
    writeNumber(out, Keys, key);
  }
  writeNumber(sequence, ElementType, TensorValue - 2);
  size_t width = elementBytes(values.dtype);
  size_t count = width ? values.data.size() / width : values.strings.size();
  for (size_t i = 0; i < count; ++i) {
    Tensor scalar;
    scalar.dtype = values.dtype;
    if (width)
      scalar.data.assign(values.data.begin() + i * width,
                         values.data.begin() + (i + 1) * width);
    else
      scalar.strings = {values.strings[i]};
    writeBytes(sequence, TensorValue, writeProto(scalar));
  }
  writeBytes(out, Values, sequence);
  return out;
}

std::string writeValue(const Tensor &tensor) {
  if (!isContainer(tensor.dtype))
    return writeProto(tensor);
  if (tensor.dtype == NACRE_MAP)
    return writeMap(tensor);
  std::string out;
  if (!tensor.name.empty())
    writeBytes(out, Name, tensor.name);
  if (!tensor.items.empty())
    writeNumber(out, ElementType, fieldOf(tensor.items[0].dtype) - 2);
  for (const Tensor &item : tensor.items)
    writeBytes(out, fieldOf(item.dtype), writeValue(item));
  return out;
}

} // namespace nacre::io
