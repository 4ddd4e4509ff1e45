#ifndef NACRE_TEST_TEST_UTIL_H
#define NACRE_TEST_TEST_UTIL_H

#include "nacre/runtime.h"
#include "runtime/test/toy_model.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <unistd.h>
#include <vector>

namespace nacre::test {

/// A tensor that owns what it is made of.
struct Holder {
  nacre_tensor tensor = {};
  std::vector<int64_t> dims;
  std::vector<char> data;

  Holder() { tensor.size = sizeof(tensor); }
  template <typename T>
  Holder(nacre_dtype dtype, std::vector<int64_t> shape,
         const std::vector<T> &values)
      : dims(std::move(shape)), data(values.size() * sizeof(T)) {
    if (!data.empty())
      std::memcpy(data.data(), values.data(), data.size());
    tensor = {
        sizeof(tensor), uint32_t(dtype), uint32_t(dims.size()), 0, dims.data(),
        data.data(),    data.size()};
  }
  Holder(const Holder &) = delete;
};

template <typename T>
std::vector<T> values(const nacre_tensor &tensor) {
  size_t count = 1;
  for (uint32_t i = 0; i < tensor.rank; ++i)
    count *= size_t(tensor.dims[i]);
  const T *first = static_cast<const T *>(tensor.data);
  return {first, first + count};
}

/// The toy model with one context of an entry.
class Runner {
public:
  explicit Runner(uint32_t entry, nacre_context_options options = {},
                  const nacre_descriptor *descriptor = nacre_model_toy) {
    EXPECT_EQ(nacre_model_from_descriptor(descriptor, nullptr, &model),
              NACRE_OK)
        << nacre_last_error();
    options.size = sizeof(options);
    options.entry = entry;
    EXPECT_EQ(nacre_context_create(model, &options, &context), NACRE_OK)
        << nacre_last_error();
  }
  ~Runner() {
    nacre_context_destroy(context);
    nacre_model_destroy(model);
  }
  Runner(const Runner &) = delete;

  nacre_status run(std::vector<const nacre_tensor *> inputs,
                   std::vector<nacre_tensor *> outputs) {
    return nacre_context_run(context, inputs.data(), inputs.size(),
                             outputs.data(), outputs.size());
  }
  std::string error() const { return nacre_context_error(context); }

  nacre_model *model = nullptr;
  nacre_context *context = nullptr;
};

inline nacre_context_options with_threads(uint32_t count) {
  nacre_context_options options = {};
  options.size = sizeof(options);
  options.num_threads = count;
  return options;
}

inline std::string read_file(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// A new file each time: some file systems write a truncated one to disk at
/// once.
inline void write_file(const std::string &path, const std::string &bytes) {
  std::remove(path.c_str());
  std::ofstream(path, std::ios::binary) << bytes;
}

/// A file in the test's folder that is gone with this object.
struct TemporaryFile {
  explicit TemporaryFile(const std::string &name)
      : path(::testing::TempDir() + "nacre-" + std::to_string(getpid()) + "-" +
             name) {}
  ~TemporaryFile() { std::remove(path.c_str()); }
  TemporaryFile(const TemporaryFile &) = delete;

  std::string path;
};

/// Calls of malloc and its like in this process so far; 0 under a sanitizer,
/// which has its own.
uint64_t allocations();

} // namespace nacre::test

#endif // NACRE_TEST_TEST_UTIL_H
