/// A thin C++ wrapper of runtime.h: owners, and failures as exceptions.
///
///   nacre::Model model("model.so");
///   nacre::Context context(model);
///   std::vector<float> x(3 * 224 * 224);
///   auto y = context.run({nacre::tensor(x, {1, 3, 224, 224})});
///   for (float v : nacre::values<float>(y[0])) ...
#ifndef NACRE_RUNTIME_HPP
#define NACRE_RUNTIME_HPP

#include "nacre/runtime.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace nacre {

struct Error : std::runtime_error {
  Error(nacre_status status, const char *detail)
      : std::runtime_error(std::string(nacre_status_string(status)) + ": " +
                           detail),
        status(status) {}
  nacre_status status;
};

/// Throws if `status` is not ok; a program without exceptions ends.
inline void check(nacre_status status, const char *detail) {
  if (status == NACRE_OK)
    return;
#ifdef __cpp_exceptions
  throw Error(status, detail);
#else
  std::fprintf(stderr, "%s: %s\n", nacre_status_string(status), detail);
  std::abort();
#endif
}

/// The dtype of a C++ type. For others (f16, bf16, ...) set nacre_tensor.dtype.
template <typename T>
constexpr nacre_dtype dtype_of() {
  if constexpr (std::is_same_v<T, float>)
    return NACRE_F32;
  else if constexpr (std::is_same_v<T, double>)
    return NACRE_F64;
  else if constexpr (std::is_same_v<T, bool>)
    return NACRE_BOOL;
  else {
    static_assert(std::is_integral_v<T>, "no dtype for this type");
    constexpr bool is_signed = std::is_signed_v<T>;
    return sizeof(T) == 1   ? (is_signed ? NACRE_I8 : NACRE_U8)
           : sizeof(T) == 2 ? (is_signed ? NACRE_I16 : NACRE_U16)
           : sizeof(T) == 4 ? (is_signed ? NACRE_I32 : NACRE_U32)
                            : (is_signed ? NACRE_I64 : NACRE_U64);
  }
}

/// An input over memory of the caller, which must stay until the run is over.
struct Tensor {
  nacre_dtype dtype;
  std::vector<int64_t> shape;
  const void *data;
  uint64_t bytes;

  /// The C struct, valid as long as this one.
  nacre_tensor view() const {
    return {sizeof(nacre_tensor),
            uint32_t(dtype),
            uint32_t(shape.size()),
            0,
            shape.data(),
            const_cast<void *>(data),
            bytes};
  }
};

template <typename T>
Tensor tensor(const T *data, size_t count, std::vector<int64_t> shape) {
  return {dtype_of<T>(), std::move(shape), data, count * sizeof(T)};
}

template <typename T>
Tensor tensor(const std::vector<T> &values, std::vector<int64_t> shape) {
  return tensor(values.data(), values.size(), std::move(shape));
}

/// The elements of an output; throws if they are of another type.
template <typename T>
struct Values {
  const T *first;
  size_t count;
  const T *begin() const { return first; }
  const T *end() const { return first + count; }
  size_t size() const { return count; }
  const T &operator[](size_t i) const { return first[i]; }
};

template <typename T>
Values<T> values(const nacre_tensor &tensor) {
  check(tensor.dtype == dtype_of<T>() ? NACRE_OK : NACRE_SHAPE_MISMATCH,
        nacre_dtype_name(tensor.dtype));
  size_t count = 1;
  for (uint32_t i = 0; i < tensor.rank; ++i)
    count *= size_t(tensor.dims[i]);
  return {static_cast<const T *>(tensor.data), count};
}

class Model {
public:
  explicit Model(const std::string &path) {
    nacre_model *raw;
    nacre_status status = nacre_model_load(path.c_str(), nullptr, &raw);
    model.reset(raw);
    check(status, nacre_last_error());
  }
  explicit Model(const nacre_descriptor *descriptor) {
    nacre_model *raw;
    nacre_status status =
        nacre_model_from_descriptor(descriptor, nullptr, &raw);
    model.reset(raw);
    check(status, nacre_last_error());
  }
  nacre_model *get() const { return model.get(); }
  const nacre_descriptor &descriptor() const {
    return *nacre_model_descriptor(model.get());
  }

private:
  struct Destroy {
    void operator()(nacre_model *raw) const { nacre_model_destroy(raw); }
  };
  std::unique_ptr<nacre_model, Destroy> model;
};

class Context {
public:
  explicit Context(const Model &model, nacre_context_options options = {}) {
    nacre_context *raw;
    options.size = sizeof(options);
    nacre_status status = nacre_context_create(model.get(), &options, &raw);
    context.reset(raw);
    check(status, nacre_last_error());
    outputs.resize(nacre_model_entry(model.get(), options.entry)->num_outputs);
  }
  nacre_context *get() const { return context.get(); }

  /// Runs the entry. The outputs are the context's until its next run.
  const std::vector<nacre_tensor> &run(const std::vector<Tensor> &inputs) {
    std::vector<nacre_tensor> views;
    std::vector<const nacre_tensor *> in;
    std::vector<nacre_tensor *> out;
    views.reserve(inputs.size()); // so that pointers to elements stay
    for (const Tensor &input : inputs) {
      views.push_back(input.view());
      in.push_back(&views.back());
    }
    for (nacre_tensor &output : outputs) {
      output = {};
      output.size = sizeof(output);
      out.push_back(&output);
    }
    check(nacre_context_run(context.get(), in.data(), in.size(), out.data(),
                            out.size()),
          nacre_context_error(context.get()));
    return outputs;
  }

private:
  struct Destroy {
    void operator()(nacre_context *raw) const { nacre_context_destroy(raw); }
  };
  std::unique_ptr<nacre_context, Destroy> context;
  std::vector<nacre_tensor> outputs;
};

} // namespace nacre

#endif // NACRE_RUNTIME_HPP
