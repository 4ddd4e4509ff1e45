#include "compiler/import/onnx/WireScan.h"

#include "llvm/ADT/Twine.h"

using namespace llvm;
using namespace nacre::onnx;

namespace {

/// The messages on the way to a TensorProto.
enum class Message {
  Model,
  Graph,
  Node,
  Attribute,
  Function,
  Sparse,
  Tensor,
  Other
};

enum WireType { Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5 };

constexpr uint64_t kRawData = 9;
constexpr uint64_t kMappedOffset = 100001;
constexpr uint64_t kMappedSize = 100002;

/// The message that field `number` of `parent` holds, if tensors can be in it.
Message child(Message parent, uint64_t number) {
  switch (parent) {
  case Message::Model:
    return number == 7    ? Message::Graph
           : number == 25 ? Message::Function
                          : Message::Other;
  case Message::Graph:
    return number == 1    ? Message::Node
           : number == 5  ? Message::Tensor
           : number == 15 ? Message::Sparse
                          : Message::Other;
  case Message::Node:
    return number == 5 ? Message::Attribute : Message::Other;
  case Message::Function:
    return number == 7    ? Message::Node
           : number == 11 ? Message::Attribute
                          : Message::Other;
  case Message::Attribute:
    return number == 5 || number == 10    ? Message::Tensor
           : number == 6 || number == 11  ? Message::Graph
           : number == 22 || number == 23 ? Message::Sparse
                                          : Message::Other;
  case Message::Sparse:
    return number == 1 || number == 2 ? Message::Tensor : Message::Other;
  case Message::Tensor:
  case Message::Other:
    return Message::Other;
  }
  return Message::Other;
}

class Scanner {
public:
  Scanner(StringRef file, std::string &error) : file(file), error(error) {}

  /// Appends the message `[at, end)` of the file to `out`, shortened.
  bool message(Message kind, size_t at, size_t end, unsigned depth,
               std::string &out) {
    // A graph inside a graph is four messages: node, attribute, graph, tensor.
    if (depth > 4 * kMaxNesting)
      return fail("messages nest too deep", at);
    while (at < end) {
      size_t start = at;
      uint64_t tag;
      if (!varint(at, end, tag))
        return false;
      if (tag >> 3 == 0 || tag >> 32)
        return fail("bad field number", start);
      if (!field(kind, tag, start, at, end, depth, out))
        return false;
    }
    return true;
  }

private:
  bool field(Message kind, uint64_t tag, size_t start, size_t &at, size_t end,
             unsigned depth, std::string &out) {
    uint64_t number = tag >> 3, value;
    switch (tag & 7) {
    case Varint:
      if (!varint(at, end, value))
        return false;
      break;
    case Fixed64:
    case Fixed32:
      value = (tag & 7) == Fixed64 ? 8 : 4;
      if (end - at < value)
        return fail("field is cut off", start);
      at += value;
      break;
    case Bytes:
      if (!varint(at, end, value))
        return false;
      if (value > end - at)
        return fail("field is cut off", start);
      at += value;
      return bytes(kind, number, start, at - value, at, depth, out);
    default: // Groups are no part of ONNX.
      return fail("bad wire type", start);
    }
    // Nobody but the scan may say where data stands.
    bool ours = kind == Message::Tensor &&
                (number == kMappedOffset || number == kMappedSize);
    if (!ours)
      out.append(file.data() + start, at - start);
    return true;
  }

  bool bytes(Message kind, uint64_t number, size_t start, size_t at, size_t end,
             unsigned depth, std::string &out) {
    if (kind == Message::Tensor && number == kRawData &&
        end - at > kMaxInlineRawData) {
      putVarint(kMappedOffset << 3 | Varint, out);
      putVarint(at, out);
      putVarint(kMappedSize << 3 | Varint, out);
      putVarint(end - at, out);
      return true;
    }
    Message inner = child(kind, number);
    if (inner == Message::Other) {
      out.append(file.data() + start, end - start);
      return true;
    }
    std::string shortened;
    if (!message(inner, at, end, depth + 1, shortened))
      return false;
    putVarint(number << 3 | Bytes, out);
    putVarint(shortened.size(), out);
    out += shortened;
    return true;
  }

  bool varint(size_t &at, size_t end, uint64_t &value) {
    value = 0;
    for (unsigned shift = 0; shift < 70; shift += 7) {
      if (at == end)
        return fail("number is cut off", at);
      uint8_t byte = file[at++];
      if (shift < 64)
        value |= uint64_t(byte & 0x7f) << shift;
      if (byte < 0x80)
        return true;
    }
    return fail("number is longer than 10 bytes", at);
  }

  static void putVarint(uint64_t value, std::string &out) {
    for (; value >= 0x80; value >>= 7)
      out.push_back(char(value | 0x80));
    out.push_back(char(value));
  }

  bool fail(const char *what, size_t at) {
    error = (Twine(what) + " at byte " + Twine(at)).str();
    return false;
  }

  StringRef file;
  std::string &error;
};

} // namespace

LogicalResult nacre::onnx::scanModel(StringRef model, std::string &out,
                                     std::string &error) {
  return success(
      Scanner(model, error).message(Message::Model, 0, model.size(), 0, out));
}
