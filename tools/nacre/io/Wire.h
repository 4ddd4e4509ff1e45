//===- Wire.h - protobuf's wire format --------------------------*- C++ -*-===//
#ifndef NACRE_TOOLS_NACRE_IO_WIRE_H
#define NACRE_TOOLS_NACRE_IO_WIRE_H

#include "tools/nacre/io/Tensor.h"

namespace nacre::io {

/// A message, read in place.
class Wire {
public:
  enum Type : uint32_t { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

  explicit Wire(std::string_view bytes) : bytes(bytes) {}

  bool done() const { return bytes.empty(); }

  bool varint(uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
      uint8_t byte = uint8_t(bytes[0]);
      bytes.remove_prefix(1);
      value |= uint64_t(byte & 0x7f) << shift;
      if (!(byte & 0x80))
        return true;
    }
    return false;
  }
  bool take(uint64_t length, std::string_view &out) {
    if (length > bytes.size())
      return false;
    out = bytes.substr(0, length);
    bytes.remove_prefix(length);
    return true;
  }
  /// Reads a key and its payload: of a varint `value`, else `payload`.
  bool field(uint32_t &number, Type &type, uint64_t &value,
             std::string_view &payload) {
    uint64_t key;
    if (!varint(key) || key >> 3 == 0 || key >> 32 != 0)
      return false;
    number = uint32_t(key >> 3);
    type = Type(key & 7);
    switch (type) {
    case Varint:
      return varint(value);
    case Fixed64:
      return take(8, payload);
    case Fixed32:
      return take(4, payload);
    case Bytes:
      return varint(value) && take(value, payload);
    }
    return false;
  }

private:
  std::string_view bytes;
};

inline void writeVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    out += char(value | 0x80);
  out += char(value);
}

inline void writeNumber(std::string &out, uint32_t field, uint64_t value) {
  writeVarint(out, field << 3 | Wire::Varint);
  writeVarint(out, value);
}

inline void writeBytes(std::string &out, uint32_t field,
                       std::string_view data) {
  writeVarint(out, field << 3 | Wire::Bytes);
  writeVarint(out, data.size());
  out.append(data);
}

} // namespace nacre::io

#endif // NACRE_TOOLS_NACRE_IO_WIRE_H
