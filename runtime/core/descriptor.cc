#include "runtime/core/descriptor.h"

#include "runtime/core/error.h"
#include "runtime/core/features.h"
#include "runtime/host/value.h"

#include <cstddef>
#include <cstring>

using namespace nacre::runtime;

namespace {

class Checker {
public:
  Checker(const char *path, const nacre_descriptor &d, const Image *image)
      : path(path), d(d), image(image) {}

  nacre_status check_version();
  nacre_status check();

private:
  nacre_status bad(const char *what) {
    return fail(NACRE_BAD_ARTIFACT, "%s: corrupt descriptor: %s", path, what);
  }
  bool readable(const void *data, uint64_t bytes) const {
    return data && (!image || image->holds(data, bytes));
  }
  bool is_string(const char *text) const {
    return text && (!image || image->holds_string(text));
  }
  template <typename F>
  bool is_code(F *function) const {
    return function &&
           (!image || image->holds_code(reinterpret_cast<void *>(function)));
  }
  bool are_strings(const char *const *texts, uint32_t count) const;
  template <typename T>
  bool is_array(const T *array, uint64_t count) const;

  nacre_status check_kernel(const nacre_kernel &kernel);
  nacre_status check_entry(const nacre_entry &entry);
  nacre_status check_type(const nacre_entry &entry, const nacre_value &value,
                          uint32_t depth);
  nacre_status check_value(const nacre_entry &entry, const nacre_value &value,
                           bool is_output);

  const char *path;
  const nacre_descriptor &d;
  const Image *image;
};

bool Checker::are_strings(const char *const *texts, uint32_t count) const {
  if (count && !readable(texts, count * sizeof(*texts)))
    return false;
  for (uint32_t i = 0; i < count; ++i)
    if (!is_string(texts[i]))
      return false;
  return true;
}

/// Bytes that an element has in the first version of the ABI.
template <typename T>
constexpr uint64_t kLeastSize = sizeof(T);
template <>
constexpr uint64_t kLeastSize<nacre_value> = offsetof(nacre_value, content);
template <>
constexpr uint64_t kLeastSize<nacre_kernel> = offsetof(nacre_kernel,
                                                       num_tensors);

/// Whether all elements are there and have one size, at least the least.
template <typename T>
bool Checker::is_array(const T *array, uint64_t count) const {
  if (count == 0)
    return true;
  if (!readable(array, kLeastSize<T>) || array->size < kLeastSize<T> ||
      array->size % alignof(T) != 0 || !readable(array, count * array->size))
    return false;
  for (uint64_t i = 1; i < count; ++i)
    if (element(array, i)->size != array->size)
      return false;
  return true;
}

nacre_status Checker::check_version() {
  if (!readable(&d, sizeof(uint32_t) * 2 + sizeof(uint64_t)) ||
      d.magic != NACRE_MAGIC)
    return bad("its magic number is wrong");
  if (d.version > NACRE_ABI_VERSION)
    return fail(NACRE_INCOMPATIBLE,
                "%s: made for ABI version %u, this runtime knows up to %u; "
                "update the runtime or compile the model again",
                path, d.version, NACRE_ABI_VERSION);
  if (d.version == 0 || d.size < sizeof(nacre_descriptor) ||
      !readable(&d, d.size))
    return bad("its size or version is wrong");
  return NACRE_OK;
}

nacre_status Checker::check_kernel(const nacre_kernel &kernel) {
  if (kernel.device >= d.num_devices || !is_string(kernel.name) ||
      !is_string(kernel.source))
    return bad("a kernel's name or device is wrong");
  bool has_code = kernel.code && readable(kernel.code, kernel.code_bytes);
  if (kernel.run ? !is_code(kernel.run) : !has_code)
    return bad("a kernel has no code");
  if (!kernel.run && (kernel.size < sizeof(nacre_kernel) ||
                      kernel.num_tensors > kernel.num_args))
    return bad("a kernel's arguments are wrong");
  if (kernel.scratch_bytes > UINT32_MAX)
    return bad("a kernel's scratch size is wrong");
  if (kernel.open_scratch && !is_code(kernel.open_scratch))
    return bad("a kernel's scratch size is wrong");
  if (!is_array(kernel.checks, kernel.num_checks))
    return bad("a kernel's checks are wrong");
  for (uint32_t i = 0; i < kernel.num_checks; ++i) {
    const nacre_check *check = element(kernel.checks, i);
    if (!is_string(check->node) || !is_string(check->text))
      return bad("a kernel's checks are wrong");
  }
  return NACRE_OK;
}

/// A value and what it holds, whose rank may be any.
nacre_status Checker::check_type(const nacre_entry &entry,
                                 const nacre_value &value, uint32_t depth) {
  if (!is_string(value.name))
    return bad("an input or output has no name");
  uint32_t rank = depth && value.rank == NACRE_ANY_RANK ? 0 : value.rank;
  if (rank > kMaxRank ||
      (rank && !readable(value.dims, rank * sizeof(int64_t))))
    return bad("an input's or output's rank is wrong");
  for (uint32_t i = 0; i < rank; ++i)
    if (value.dims[i] < -1 - int64_t(entry.num_symbols))
      return bad("a dimension refers to a symbol that does not exist");
  bool holds = is_list(value.dtype);
  uint32_t count = value.dtype == NACRE_MAP ? 2 : 1;
  if (!holds ? element_bytes(value.dtype) == 0
             : depth == kMaxDepth || value.size < sizeof(nacre_value) ||
                   !value.content || !is_array(value.content, count))
    return bad("an input or output has an unknown dtype");
  nacre_status status = NACRE_OK;
  for (uint32_t i = 0; holds && !status && i < count; ++i)
    status = check_type(entry, *element(value.content, i), depth + 1);
  return status;
}

nacre_status Checker::check_value(const nacre_entry &entry,
                                  const nacre_value &value, bool is_output) {
  if (nacre_status status = check_type(entry, value, 0))
    return status;
  if (is_output &&
      (value.tied_input < -1 || value.tied_input >= int64_t(entry.num_inputs)))
    return bad("an output is tied to an input that does not exist");
  return NACRE_OK;
}

nacre_status Checker::check_entry(const nacre_entry &entry) {
  if (!is_string(entry.name) || !is_code(entry.run) ||
      !is_array(entry.inputs, entry.num_inputs) ||
      !is_array(entry.outputs, entry.num_outputs) ||
      !are_strings(entry.symbols, entry.num_symbols))
    return bad("an entry's code or signature is wrong");
  nacre_status status = NACRE_OK;
  for (uint32_t i = 0; !status && i < entry.num_inputs; ++i)
    status = check_value(entry, *element(entry.inputs, i), false);
  for (uint32_t i = 0; !status && i < entry.num_outputs; ++i)
    status = check_value(entry, *element(entry.outputs, i), true);
  return status;
}

nacre_status Checker::check() {
  if (!is_string(d.name) || !is_string(d.provenance) || !is_string(d.arch) ||
      !are_strings(d.features, d.num_features) ||
      !are_strings(d.devices, d.num_devices))
    return bad("its name, provenance, features or devices are wrong");
  if (d.weights ? !readable(d.weights, d.weights_bytes)
                : d.weights_bytes != 0 && !is_string(d.weights_file))
    return bad("its weights are not where it says");
  if (d.num_entries == 0 || !is_array(d.entries, d.num_entries) ||
      !is_array(d.kernels, d.num_kernels))
    return bad("its entries or kernels are wrong");
  nacre_status status = NACRE_OK;
  for (uint32_t i = 0; !status && i < d.num_kernels; ++i)
    status = check_kernel(*element(d.kernels, i));
  for (uint32_t i = 0; !status && i < d.num_entries; ++i)
    status = check_entry(*element(d.entries, i));
  return status;
}

} // namespace

nacre_status nacre::runtime::check_descriptor(const char *path,
                                              const nacre_descriptor *d,
                                              const Image *image) {
  Checker checker(path, *d, image);
  nacre_status status = checker.check_version();
  return status ? status : checker.check();
}

nacre_status nacre::runtime::check_machine(const char *path,
                                           const nacre_descriptor &d) {
  if (std::strcmp(d.arch, host_arch) != 0)
    return fail(NACRE_INCOMPATIBLE, "%s: compiled for %s, this machine is %s",
                path, d.arch, host_arch);
  for (uint32_t i = 0; i < d.num_features; ++i) {
    Feature feature = find_feature(d.features[i]);
    if (feature == Feature::unknown)
      return fail(
          NACRE_INCOMPATIBLE,
          "%s: needs CPU feature '%s', which this runtime does not know; "
          "update the runtime or compile for another --cpu",
          path, d.features[i]);
    if (feature == Feature::missing)
      return fail(NACRE_INCOMPATIBLE,
                  "%s: needs CPU feature '%s', which this machine lacks; "
                  "compile for another --cpu",
                  path, d.features[i]);
  }
  return NACRE_OK;
}
