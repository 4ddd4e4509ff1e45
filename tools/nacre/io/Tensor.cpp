#include "tools/nacre/io/Tensor.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace nacre::io {

namespace {
struct TypeInfo {
  const char *name;
  uint8_t bytes;
  uint8_t bits;
};
} // namespace

/// Indexed by nacre_dtype.
static constexpr TypeInfo kTypes[] = {
    {"undefined", 0, 0},       {"float", 4, 32},       {"uint8", 1, 8},
    {"int8", 1, 8},            {"uint16", 2, 16},      {"int16", 2, 16},
    {"int32", 4, 32},          {"int64", 8, 64},       {"string", 0, 0},
    {"bool", 1, 8},            {"float16", 2, 16},     {"double", 8, 64},
    {"uint32", 4, 32},         {"uint64", 8, 64},      {"complex64", 8, 64},
    {"complex128", 16, 128},   {"bfloat16", 2, 16},    {"float8e4m3fn", 1, 8},
    {"float8e4m3fnuz", 1, 8},  {"float8e5m2", 1, 8},   {"float8e5m2fnuz", 1, 8},
    {"uint4", 1, 4},           {"int4", 1, 4},         {"float4e2m1", 1, 4},
    {"float8e8m0", 1, 8},      {"uint2", 1, 2},        {"int2", 1, 2}};

static const TypeInfo &info(uint32_t dtype) {
  return kTypes[dtype < std::size(kTypes) ? dtype : 0];
}

size_t elementBytes(uint32_t dtype) { return info(dtype).bytes; }
unsigned packedBits(uint32_t dtype) { return info(dtype).bits; }

bool isContainer(uint32_t dtype) {
  return dtype == NACRE_SEQUENCE || dtype == NACRE_OPTIONAL ||
         dtype == NACRE_MAP;
}

std::string dtypeName(uint32_t dtype) {
  if (isContainer(dtype))
    return dtype == NACRE_SEQUENCE   ? "sequence"
           : dtype == NACRE_OPTIONAL ? "optional"
                                     : "map";
  if (dtype == 0 || dtype >= std::size(kTypes))
    return "data type " + std::to_string(dtype);
  return kTypes[dtype].name;
}

std::string describe(uint32_t dtype, const std::vector<int64_t> &dims) {
  std::string text = dtypeName(dtype) + "[";
  for (size_t i = 0; i < dims.size(); ++i)
    text += (i ? ", " : "") + std::to_string(dims[i]);
  return text + "]";
}

bool countElements(const std::vector<int64_t> &dims, uint64_t &count) {
  constexpr uint64_t limit = uint64_t(1) << 48;
  count = 1;
  bool tooLarge = false, empty = false;
  for (int64_t dim : dims) {
    if (dim < 0)
      return false;
    if (dim == 0)
      empty = true;
    else if (uint64_t(dim) > limit / count)
      tooLarge = true;
    else
      count *= uint64_t(dim);
  }
  if (empty)
    count = 0;
  return empty || !tooLarge;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

bool readFile(const std::string &path, std::string &bytes, std::string &error) {
  // Non-blocking: a FIFO must not hang the program.
  int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) {
    error = path + ": " + std::strerror(errno);
    if (fd >= 0)
      ::close(fd);
    return false;
  }
  if (!S_ISREG(status.st_mode)) {
    ::close(fd);
    error = path + ": is not a regular file";
    return false;
  }
  bytes.resize(size_t(status.st_size));
  size_t done = 0;
  while (done < bytes.size()) {
    ssize_t got = ::read(fd, &bytes[done], bytes.size() - done);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      break;
    done += size_t(got);
  }
  ::close(fd);
  if (done != bytes.size()) {
    error = path + ": ended after " + std::to_string(done) + " of " +
            std::to_string(bytes.size()) + " bytes";
    return false;
  }
  return true;
}

bool writeFile(const std::string &path, std::string_view bytes,
               std::string &error) {
  std::string temporary = path + ".tmp" + std::to_string(::getpid());
  std::FILE *file = std::fopen(temporary.c_str(), "wb");
  bool ok = file && std::fwrite(bytes.data(), 1, bytes.size(), file) ==
                        bytes.size();
  if (file)
    ok = std::fclose(file) == 0 && ok;
  ok = ok && std::rename(temporary.c_str(), path.c_str()) == 0;
  if (ok)
    return true;
  error = path + ": cannot be written: " + std::strerror(errno);
  std::remove(temporary.c_str());
  return false;
}

static bool hasEnding(const std::string &path, std::string_view ending) {
  return path.size() >= ending.size() &&
         path.compare(path.size() - ending.size(), ending.size(), ending) == 0;
}

bool readTensorFile(const std::string &path, uint32_t expected, Tensor &tensor,
                    std::string &error) {
  bool npy = hasEnding(path, ".npy");
  if (!npy && !hasEnding(path, ".pb")) {
    error = path + ": has an unknown kind of name; expected .npy or .pb";
    return false;
  }
  std::string bytes;
  if (!readFile(path, bytes, error))
    return false;
  if (npy ? readNpy(bytes, expected, tensor, error)
          : readValue(bytes, expected, tensor, error))
    return true;
  error = path + ": " + error;
  return false;
}

bool writeTensorFile(const std::string &path, const Tensor &tensor,
                     std::string &error) {
  bool npy = hasEnding(path, ".npy");
  if (npy && elementBytes(tensor.dtype) == 0) {
    error = path + ": cannot hold " + dtypeName(tensor.dtype) +
            "; expected a name that ends in .pb";
    return false;
  }
  return writeFile(path, npy ? writeNpy(tensor) : writeValue(tensor), error);
}

} // namespace nacre::io
