#include "tools/nacre/io/Tensor.h"

#include <cstring>
#include <gtest/gtest.h>

using namespace nacre::io;
using Bytes = std::vector<uint8_t>;

namespace {

/// A .npy file with a header as numpy writes it.
std::string npy(const std::string &header, const std::string &data,
                char version = 1) {
  std::string out = "\x93NUMPY";
  out += version;
  out += '\0';
  size_t length = header.size();
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i, length >>= 8)
    out += char(length & 0xff);
  return out + header + data;
}

std::string npyError(const std::string &bytes, uint32_t expected = 0) {
  Tensor tensor;
  std::string error;
  EXPECT_FALSE(readNpy(bytes, expected, tensor, error));
  return error;
}

std::string protoError(const std::string &bytes) {
  Tensor tensor;
  std::string error;
  EXPECT_FALSE(readProto(bytes, tensor, error));
  return error;
}

Tensor proto(const std::string &bytes) {
  Tensor tensor;
  std::string error;
  EXPECT_TRUE(readProto(bytes, tensor, error)) << error;
  return tensor;
}

bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

Tensor tensor(uint32_t dtype, std::vector<int64_t> dims, Bytes data) {
  Tensor result;
  result.dtype = dtype;
  result.dims = std::move(dims);
  result.data = std::move(data);
  return result;
}

const std::string kDict = "{'descr': '|u1', 'fortran_order': False, ";

} // namespace

TEST(Npy, RoundTripsEveryType) {
  for (uint32_t dtype = 1; dtype <= 26; ++dtype) {
    size_t width = elementBytes(dtype);
    if (width == 0)
      continue;
    Bytes data(6 * width);
    for (size_t i = 0; i < data.size(); ++i)
      data[i] = uint8_t(i);
    Tensor in = tensor(dtype, {2, 3}, data), out;
    std::string error, bytes = writeNpy(in);
    ASSERT_TRUE(readNpy(bytes, dtype, out, error)) << error;
    EXPECT_EQ(out.dtype, dtype);
    EXPECT_EQ(out.dims, in.dims);
    EXPECT_EQ(out.data, in.data);
    EXPECT_EQ((bytes.size() - data.size()) % 64, 0u);
  }
}

TEST(Npy, ReadsScalarsAndEmptyArrays) {
  for (std::vector<int64_t> dims :
       {std::vector<int64_t>{}, {0}, {3, 0, 2}, {1}}) {
    uint64_t count;
    ASSERT_TRUE(countElements(dims, count));
    Tensor in = tensor(NACRE_F32, dims, Bytes(count * 4, 7)), out;
    std::string error;
    ASSERT_TRUE(readNpy(writeNpy(in), 0, out, error)) << error;
    EXPECT_EQ(out.dims, dims);
    EXPECT_EQ(out.data, in.data);
  }
}

TEST(Npy, TransposesFortranOrder) {
  // Column-major [[0, 2, 4], [1, 3, 5]].
  Tensor out;
  std::string error;
  ASSERT_TRUE(readNpy(npy("{'descr': '|u1', 'fortran_order': True, "
                          "'shape': (2, 3), }",
                          std::string("\0\1\2\3\4\5", 6)),
                      0, out, error))
      << error;
  EXPECT_EQ(out.data, (Bytes{0, 2, 4, 1, 3, 5}));
}

TEST(Npy, SwapsBigEndian) {
  Tensor out;
  std::string error;
  ASSERT_TRUE(readNpy(npy("{'descr': '>i2', 'fortran_order': False, "
                          "'shape': (1,), }",
                          std::string("\1\2", 2), 2),
                      0, out, error))
      << error;
  EXPECT_EQ(out.data, (Bytes{2, 1}));
}

TEST(Npy, ReadsVoidAsTheExpectedNarrowType) {
  std::string bytes = npy("{'descr': '|V2', 'fortran_order': False, "
                          "'shape': (1,), }",
                          "ab");
  Tensor out;
  std::string error;
  EXPECT_TRUE(readNpy(bytes, NACRE_BF16, out, error)) << error;
  EXPECT_EQ(out.dtype, uint32_t(NACRE_BF16));
  EXPECT_TRUE(contains(npyError(bytes), "'|V2'"));
  EXPECT_TRUE(contains(npyError(bytes, NACRE_F16), "'|V2'"));
}

TEST(Npy, RefusesWhatIsNoPlainArray) {
  EXPECT_TRUE(contains(npyError(""), "not a .npy file"));
  EXPECT_TRUE(contains(npyError("PK\3\4 a zip file"), "not a .npy file"));
  EXPECT_TRUE(contains(npyError(npy("{'descr': [('a', '<f4')], ", "")),
                       "not a .npy file"));
  EXPECT_TRUE(contains(npyError(npy("{'descr': '|O', 'fortran_order': False, "
                                    "'shape': (1,), }",
                                    "x")),
                       "type '|O'"));
  std::string cut = npy(kDict + "'shape': (1,), }", "x");
  for (size_t i = 0; i < cut.size(); ++i)
    npyError(cut.substr(0, i));
}

TEST(Npy, ChecksSizesBeforeTakingMemory) {
  EXPECT_TRUE(contains(npyError(npy(kDict + "'shape': (2,), }", "x")),
                       "has 1 bytes of data; uint8[2] needs 2"));
  EXPECT_TRUE(contains(
      npyError(npy(kDict + "'shape': (999999999999, 999999999999), }", "x")),
      "more than any machine has"));
}

// TensorProto bytes are written by hand: field * 8 + wire type, then payload.

TEST(Proto, RoundTripsEveryType) {
  for (uint32_t dtype = 1; dtype <= 26; ++dtype) {
    size_t width = elementBytes(dtype);
    if (width == 0)
      continue;
    Bytes data(5 * width, 1);
    Tensor in = tensor(dtype, {5}, data);
    in.name = "x";
    Tensor out = proto(writeProto(in));
    EXPECT_EQ(out.dtype, dtype);
    EXPECT_EQ(out.dims, in.dims);
    EXPECT_EQ(out.data, in.data);
    EXPECT_EQ(out.name, "x");
  }
}

TEST(Proto, ExtendsSignsOfPackedIntegers) {
  // dims 3, int4, raw data 0x7f, 0x08.
  Tensor out = proto(std::string("\x08\x03\x10\x16\x4a\x02\x7f\x08", 8));
  EXPECT_EQ(out.data, (Bytes{0xff, 7, 0xf8}));
  // dims 4, uint2, int32_data 0xe4: 0, 1, 2, 3.
  out = proto(std::string("\x08\x04\x10\x19\x2a\x02\xe4\x01", 8));
  EXPECT_EQ(out.data, (Bytes{0, 1, 2, 3}));
}

TEST(Proto, ReadsTypedFields) {
  // A float16 in int32_data, not packed.
  EXPECT_EQ(proto(std::string("\x08\x01\x10\x0a\x28\x80\x78", 7)).data,
            (Bytes{0x00, 0x3c}));
  // bool in packed int32_data, int8 -1 as a ten-byte varint.
  EXPECT_EQ(proto(std::string("\x08\x02\x10\x09\x2a\x02\x01\x00", 8)).data,
            (Bytes{1, 0}));
  EXPECT_EQ(
      proto(std::string("\x08\x01\x10\x03\x2a\x0a") +
            "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
          .data,
      (Bytes{0xff}));
  // uint32 in uint64_data; float in packed float_data, scalar.
  EXPECT_EQ(proto(std::string("\x08\x01\x10\x0c\x5a\x01\x05", 7)).data,
            (Bytes{5, 0, 0, 0}));
  EXPECT_EQ(proto(std::string("\x10\x01\x22\x04\0\0\x80\x3f", 8)).data,
            (Bytes{0, 0, 0x80, 0x3f}));
}

TEST(Proto, RefusesMalformedTensors) {
  EXPECT_TRUE(contains(protoError("\x08"), "cut short"));
  EXPECT_TRUE(contains(protoError(std::string("\x08\x01\x10\x08", 4)),
                       "has 0 strings for string[1]"));
  EXPECT_TRUE(contains(protoError(std::string("\x08\x01\x10\x63", 4)),
                       "data type 99"));
  // External data; data twice; a field of another type; negative dim.
  EXPECT_TRUE(contains(protoError(std::string("\x08\x01\x10\x01\x70\x01", 6)),
                       "in another file"));
  EXPECT_TRUE(
      contains(protoError(std::string("\x10\x02\x2a\x01\x01\x4a\x01\x01", 8)),
               "twice"));
  EXPECT_TRUE(contains(protoError(std::string("\x10\x01\x2a\x01\x01", 5)),
                       "does not belong to float"));
  EXPECT_TRUE(contains(
      protoError("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x10\x02"),
      "what no machine has"));
  EXPECT_TRUE(contains(protoError(std::string("\x08\x05\x10\x01", 4)),
                       "has 0 bytes of data; float[5] needs 20"));
}
