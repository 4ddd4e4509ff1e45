#include "tools/nacre/io/Tensor.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace nacre::io {

namespace {

/// What the header's Python dictionary says.
struct Header {
  std::string descr;
  bool fortran = false;
  std::vector<int64_t> dims;
  bool hasDescr = false, hasOrder = false, hasShape = false;
};

/// Reads the literal that numpy writes: a dictionary of a string, a bool and a
/// tuple of integers. Anything else is an error.
class HeaderParser {
public:
  HeaderParser(std::string_view text) : text(text) {}

  bool parse(Header &header) {
    if (!take('{'))
      return false;
    while (!take('}')) {
      std::string key;
      if (!string(key) || !take(':') || !value(key, header))
        return false;
      if (!take(',') && !peek('}'))
        return false;
    }
    return header.hasDescr && header.hasOrder && header.hasShape;
  }

private:
  void skipSpace() {
    while (!text.empty() && std::isspace(static_cast<unsigned char>(text[0])))
      text.remove_prefix(1);
  }
  bool peek(char c) {
    skipSpace();
    return !text.empty() && text[0] == c;
  }
  bool take(char c) {
    if (!peek(c))
      return false;
    text.remove_prefix(1);
    return true;
  }
  bool word(std::string_view expected) {
    skipSpace();
    if (text.substr(0, expected.size()) != expected)
      return false;
    text.remove_prefix(expected.size());
    return true;
  }
  bool string(std::string &out) {
    char quote = peek('\'') ? '\'' : '"';
    if (!take(quote))
      return false;
    size_t end = text.find(quote);
    if (end == std::string_view::npos)
      return false;
    out = text.substr(0, end);
    text.remove_prefix(end + 1);
    return true;
  }
  bool number(int64_t &out) {
    skipSpace();
    size_t digits = 0;
    out = 0;
    while (digits < text.size() && digits < 18 && std::isdigit(text[digits]))
      out = out * 10 + (text[digits++] - '0');
    text.remove_prefix(digits);
    word("L"); // written by Python 2
    return digits > 0;
  }
  bool shape(std::vector<int64_t> &dims) {
    if (!take('('))
      return false;
    while (!take(')')) {
      int64_t dim;
      if (dims.size() >= 64 || !number(dim))
        return false;
      dims.push_back(dim);
      if (!take(',') && !peek(')'))
        return false;
    }
    return true;
  }
  bool value(const std::string &key, Header &header) {
    if (key == "descr")
      return header.hasDescr = string(header.descr);
    if (key == "shape") {
      header.dims.clear();
      return header.hasShape = shape(header.dims);
    }
    if (key != "fortran_order")
      return false;
    header.fortran = word("True");
    return header.hasOrder = header.fortran || word("False");
  }

  std::string_view text;
};

struct NpyType {
  uint32_t dtype;
  const char *code; ///< without the byte order
};

} // namespace

static constexpr NpyType kNpyTypes[] = {
    {NACRE_F32, "f4"}, {NACRE_F64, "f8"},  {NACRE_F16, "f2"},
    {NACRE_I8, "i1"},  {NACRE_I16, "i2"},  {NACRE_I32, "i4"},
    {NACRE_I64, "i8"}, {NACRE_U8, "u1"},   {NACRE_U16, "u2"},
    {NACRE_U32, "u4"}, {NACRE_U64, "u8"},  {NACRE_BOOL, "b1"},
    {NACRE_C64, "c8"}, {NACRE_C128, "c16"}};

/// The dtype that `code` ("f4", "V2") names; 0 if none.
static uint32_t dtypeOf(const std::string &code, uint32_t expected) {
  for (const NpyType &type : kNpyTypes)
    if (code == type.code)
      return type.dtype;
  bool narrow = expected != 0 && code == "V" + std::to_string(elementBytes(
                                                   expected));
  for (const NpyType &type : kNpyTypes)
    narrow = narrow && type.dtype != expected;
  return narrow ? expected : 0;
}

/// Length of magic, version and length field; 0 if it is no `.npy`.
static size_t headerStart(std::string_view bytes, size_t &length) {
  if (bytes.size() < 10 || bytes.substr(0, 6) != "\x93NUMPY")
    return 0;
  unsigned major = uint8_t(bytes[6]);
  size_t start = major == 1 ? 10 : 12;
  if (major < 1 || major > 3 || bytes.size() < start)
    return 0;
  length = 0;
  for (size_t i = start; i-- > 8;)
    length = length << 8 | uint8_t(bytes[i]);
  return length <= bytes.size() - start ? start : 0;
}

/// Reverses the bytes of every `width` bytes.
static void swapBytes(std::vector<uint8_t> &data, size_t width) {
  for (size_t i = 0; i + width <= data.size(); i += width)
    std::reverse(data.begin() + i, data.begin() + i + width);
}

/// Column-major to row-major.
static void transpose(Tensor &tensor, size_t width) {
  size_t rank = tensor.dims.size();
  std::vector<uint8_t> out(tensor.data.size());
  std::vector<int64_t> index(rank, 0);
  std::vector<size_t> strides(rank, 1);
  for (size_t d = rank - 1; d-- > 0;)
    strides[d] = strides[d + 1] * size_t(tensor.dims[d + 1]);
  for (size_t from = 0; from < out.size(); from += width) {
    size_t to = 0;
    for (size_t d = 0; d < rank; ++d)
      to += size_t(index[d]) * strides[d];
    std::memcpy(&out[to * width], &tensor.data[from], width);
    for (size_t d = 0; d < rank && ++index[d] == tensor.dims[d]; ++d)
      index[d] = 0;
  }
  tensor.data = std::move(out);
}

bool readNpy(std::string_view bytes, uint32_t expected, Tensor &tensor,
             std::string &error) {
  size_t length = 0, start = headerStart(bytes, length);
  Header header;
  if (start == 0 || !HeaderParser(bytes.substr(start, length)).parse(header)) {
    error = "is not a .npy file of one plain array, or is cut short";
    return false;
  }
  std::string code = header.descr.size() > 1 ? header.descr.substr(1) : "";
  char order = header.descr.empty() ? 0 : header.descr[0];
  tensor.dtype =
      std::strchr("<>|=", order) && order ? dtypeOf(code, expected) : 0;
  if (tensor.dtype == 0) {
    error = "has elements of type '" + header.descr +
            "', which no ONNX tensor has";
    return false;
  }
  tensor.dims = std::move(header.dims);
  std::string_view data = bytes.substr(start + length);
  uint64_t count;
  size_t width = elementBytes(tensor.dtype);
  if (!countElements(tensor.dims, count) || count * width != data.size()) {
    error = "has " + std::to_string(data.size()) + " bytes of data; " +
            describe(tensor.dtype, tensor.dims) + " needs " +
            (countElements(tensor.dims, count) ? std::to_string(count * width)
                                               : "more than any machine has");
    return false;
  }
  tensor.data.assign(data.begin(), data.end());
  bool complex = tensor.dtype == NACRE_C64 || tensor.dtype == NACRE_C128;
  if (order == '>')
    swapBytes(tensor.data, complex ? width / 2 : width);
  if (header.fortran && tensor.dims.size() > 1 && count > 0)
    transpose(tensor, width);
  return true;
}

std::string writeNpy(const Tensor &tensor) {
  std::string code = "V" + std::to_string(elementBytes(tensor.dtype));
  for (const NpyType &type : kNpyTypes)
    if (type.dtype == tensor.dtype)
      code = type.code;
  bool oneByte = elementBytes(tensor.dtype) == 1 || code[0] == 'V';
  std::string shape;
  for (int64_t dim : tensor.dims)
    shape += std::to_string(dim) + ", ";
  if (tensor.dims.size() > 1)
    shape.resize(shape.size() - 2);
  else if (!shape.empty())
    shape.resize(shape.size() - 1);
  std::string text = "{'descr': '" + std::string(oneByte ? "|" : "<") + code +
                     "', 'fortran_order': False, 'shape': (" + shape + "), }";
  // Data starts at a multiple of 64, as numpy writes it.
  size_t start = text.size() + 11 > 65535 ? 12 : 10;
  text.append((64 - (start + text.size() + 1) % 64) % 64, ' ');
  text += '\n';
  std::string out = "\x93NUMPY";
  out += char(start == 10 ? 1 : 2);
  out += '\0';
  for (size_t i = 0; i < start - 8; ++i)
    out += char(text.size() >> (8 * i) & 0xff);
  out += text;
  out.append(reinterpret_cast<const char *>(tensor.data.data()),
             tensor.data.size());
  return out;
}

} // namespace nacre::io
