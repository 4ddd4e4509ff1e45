/// One run: check what the caller gives, run the entry, check what it left.

#include "runtime/core/context.h"
#include "runtime/core/float_environment.h"
#include "runtime/host/border.h"

using namespace nacre::runtime;

bool nacre::runtime::tensor_bytes(uint32_t dtype, uint32_t rank,
                                  const int64_t *dims, uint64_t *bytes) {
  *bytes = element_bytes(dtype);
  bool empty = false, fits = true;
  for (uint32_t i = 0; i < rank; ++i) {
    empty |= dims[i] == 0;
    fits &= !__builtin_mul_overflow(*bytes, uint64_t(dims[i]), bytes);
  }
  if (empty)
    *bytes = 0;
  return empty || (fits && *bytes <= INT64_MAX);
}

bool nacre::runtime::overlap(const void *a, uint64_t a_bytes, const void *b,
                             uint64_t b_bytes) {
  auto x = reinterpret_cast<uintptr_t>(a), y = reinterpret_cast<uintptr_t>(b);
  return a_bytes && b_bytes && x < y + b_bytes && y < x + a_bytes;
}

namespace {

constexpr int64_t kUnset = -1;

nacre_status check_counts(nacre_context &c, const nacre_tensor *const *inputs,
                          size_t num_inputs, nacre_tensor *const *outputs,
                          size_t num_outputs) {
  const nacre_entry &entry = *c.entry;
  if (num_inputs != entry.num_inputs)
    return c.fail(NACRE_INVALID_ARGUMENT, "%zu inputs given, expected %u",
                  num_inputs, entry.num_inputs);
  if (num_outputs != entry.num_outputs)
    return c.fail(NACRE_INVALID_ARGUMENT, "%zu outputs given, expected %u",
                  num_outputs, entry.num_outputs);
  if ((num_inputs && !inputs) || (num_outputs && !outputs))
    return c.fail(NACRE_INVALID_ARGUMENT, "inputs or outputs are null");
  return NACRE_OK;
}

nacre_status check_tensor(nacre_context &c, const char *kind,
                          const nacre_value &value,
                          const nacre_tensor *tensor) {
  if (!tensor)
    return c.fail(NACRE_INVALID_ARGUMENT, "%s '%s' is null", kind, value.name);
  if (tensor->size < sizeof(nacre_tensor))
    return c.fail(NACRE_INVALID_ARGUMENT,
                  "%s '%s': size is %u, expected sizeof(nacre_tensor)", kind,
                  value.name, tensor->size);
  size_t align = alignment_of(value.dtype);
  if (reinterpret_cast<uintptr_t>(tensor->data) % align != 0)
    return c.fail(NACRE_INVALID_ARGUMENT,
                  "%s '%s': data is not aligned to %zu bytes", kind, value.name,
                  align);
  return NACRE_OK;
}

nacre_status check_dim(nacre_context &c, const nacre_value &value, uint32_t i,
                       int64_t dim) {
  int64_t expected = value.dims[i];
  const char *symbol = nacre_entry_symbol(c.entry, expected);
  int64_t *bound = symbol ? &c.symbols[-2 - expected] : nullptr;
  if (bound && *bound != kUnset)
    expected = *bound;
  if (dim < 0 || (expected >= 0 && dim != expected)) {
    if (expected < 0)
      return c.fail(NACRE_SHAPE_MISMATCH, "input '%s': dimension %u is %lld",
                    value.name, i, static_cast<long long>(dim));
    return c.fail(NACRE_SHAPE_MISMATCH,
                  "input '%s': dimension %u%s%s%s is %lld, expected %lld",
                  value.name, i, symbol ? " (" : "", symbol ? symbol : "",
                  symbol ? ")" : "", static_cast<long long>(dim),
                  static_cast<long long>(expected));
  }
  if (bound)
    *bound = dim;
  return NACRE_OK;
}

nacre_status check_shape(nacre_context &c, const nacre_value &value,
                         const nacre_tensor &tensor, uint64_t *bytes) {
  if (tensor.dtype != value.dtype)
    return c.fail(NACRE_SHAPE_MISMATCH, "input '%s': dtype is %s, expected %s",
                  value.name, nacre_dtype_name(tensor.dtype),
                  nacre_dtype_name(value.dtype));
  if (tensor.rank != value.rank)
    return c.fail(NACRE_SHAPE_MISMATCH, "input '%s': rank is %u, expected %u",
                  value.name, tensor.rank, value.rank);
  if (tensor.rank && !tensor.dims)
    return c.fail(NACRE_INVALID_ARGUMENT, "input '%s': dims is null",
                  value.name);
  for (uint32_t i = 0; i < tensor.rank; ++i)
    if (nacre_status status = check_dim(c, value, i, tensor.dims[i]))
      return status;
  if (!tensor_bytes(value.dtype, tensor.rank, tensor.dims, bytes))
    return c.fail(NACRE_SHAPE_MISMATCH, "input '%s': its size overflows",
                  value.name);
  return NACRE_OK;
}

nacre_status check_input(nacre_context &c, uint32_t i,
                         const nacre_tensor *tensor) {
  const nacre_value &value = *nacre_entry_input(c.entry, i);
  uint64_t bytes = 0;
  nacre_status status = check_tensor(c, "input", value, tensor);
  if (!status)
    status = check_shape(c, value, *tensor, &bytes);
  if (status)
    return status;
  if (bytes && !tensor->data)
    return c.fail(NACRE_INVALID_ARGUMENT, "input '%s': data is null",
                  value.name);
  if (is_handle(value.dtype)) {
    c.inputs[i] = take_in(c, value, *tensor);
    if (!c.inputs[i])
      return c.status;
  } else if (tensor->capacity < bytes) {
    return c.fail(NACRE_BUFFER_TOO_SMALL,
                  "input '%s': capacity is %llu bytes, its shape needs %llu",
                  value.name, static_cast<unsigned long long>(tensor->capacity),
                  static_cast<unsigned long long>(bytes));
  } else {
    c.inputs[i] = tensor->data;
    if (nacre_status bound = c.bind(tensor->data, bytes, Mirror::Run))
      return bound;
  }
  for (uint32_t k = 0; k < tensor->rank; ++k)
    c.dims[i][k] = tensor->dims[k];
  c.input_bytes[i] = bytes;
  return NACRE_OK;
}

bool is_input(const nacre_context &c, const Output &output) {
  for (uint32_t i = 0; i < c.entry->num_inputs; ++i)
    if (overlap(c.inputs[i], c.input_bytes[i], output.owned,
                output.owned_bytes))
      return true;
  return false;
}

/// An output that came back from the run before is the context's again; one
/// that only points into such a block is a mistake.
nacre_status check_output(nacre_context &c, uint32_t i, nacre_tensor *tensor) {
  const nacre_value &value = *c.outputs[i].value;
  if (nacre_status status = check_tensor(c, "output", value, tensor))
    return status;
  c.outputs[i].tensor = tensor;
  if (is_handle(value.dtype)) {
    bool is_ours = !tensor->data;
    for (uint32_t k = 0; k < c.entry->num_outputs; ++k)
      is_ours |= tensor->data == c.outputs[k].given;
    tensor->data = nullptr;
    return is_ours ? NACRE_OK
                   : c.fail(NACRE_INVALID_ARGUMENT,
                            "output '%s': data is set; strings, sequences, "
                            "optionals and maps are the context's",
                            value.name);
  }
  for (uint32_t k = 0; tensor->data && k < c.entry->num_outputs; ++k) {
    const Output &other = c.outputs[k];
    if (other.owned == tensor->data)
      tensor->data = nullptr;
    else if (overlap(tensor->data, tensor->capacity, other.owned,
                     other.owned_bytes))
      return c.fail(NACRE_INVALID_ARGUMENT,
                    "output '%s': data points into memory of the context",
                    value.name);
  }
  return NACRE_OK;
}

/// Takes the outputs of the run before back. A block that is now an input stays
/// until the run is over.
void release_outputs(nacre_context &c) {
  for (uint32_t i = 0; i < c.entry->num_outputs; ++i) {
    Output &output = c.outputs[i];
    if (output.owned && is_input(c, output))
      c.retired[i] = output.owned;
    else if (output.owned)
      c.blocks.give(output.owned);
    output.owned = nullptr;
    output.is_set = false;
  }
}

nacre_status prepare(nacre_context &c, const nacre_tensor *const *inputs,
                     nacre_tensor *const *outputs) {
  for (uint32_t i = 0; i < c.entry->num_symbols; ++i)
    c.symbols[i] = kUnset;
  c.store->reset();
  for (uint32_t i = 0; i < c.model->descriptor->num_devices; ++i)
    c.mirrors[i].begin_run();
  nacre_status status = NACRE_OK;
  for (uint32_t i = 0; !status && i < c.entry->num_inputs; ++i)
    status = check_input(c, i, inputs[i]);
  for (uint32_t i = 0; !status && i < c.entry->num_outputs; ++i)
    status = check_output(c, i, outputs[i]);
  if (!status)
    release_outputs(c);
  c.arena_taken = false;
  return status;
}

nacre_status run_entry(nacre_context &c) {
  FloatEnvironment environment;
  int32_t result = c.entry->run(&host_table, &c, c.inputs, c.dims);
  c.wait();
  if (c.status)
    return c.status;
  if (result)
    return c.fail(NACRE_INTERNAL,
                  "the model fails with status %d and no detail", result);
  for (uint32_t i = 0; i < c.entry->num_outputs; ++i)
    if (!c.outputs[i].is_set)
      return c.fail(NACRE_INTERNAL, "the model leaves output '%s' unset",
                    c.outputs[i].value->name);
  for (uint32_t i = 0; i < c.entry->num_outputs; ++i)
    if (nacre_status status = give_out(c, c.outputs[i]))
      return status;
  return NACRE_OK;
}

void finish(nacre_context &c) {
  for (uint32_t i = 0; i < c.entry->num_outputs; ++i) {
    if (c.retired[i])
      c.blocks.give(c.retired[i]);
    c.retired[i] = nullptr;
  }
  c.blocks.end_run();
  for (uint32_t i = 0; i < c.model->descriptor->num_devices; ++i)
    c.mirrors[i].end_run();
}

} // namespace

nacre_status nacre_context_run(nacre_context *context,
                               const nacre_tensor *const *inputs,
                               size_t num_inputs, nacre_tensor *const *outputs,
                               size_t num_outputs) {
  if (!context)
    return fail(NACRE_INVALID_ARGUMENT, "context is null");
  nacre_context &c = *context;
  // The other run owns the context's message.
  if (c.running.exchange(true, std::memory_order_acquire))
    return fail(NACRE_INVALID_ARGUMENT,
                "the context is running on another thread");
  c.status = NACRE_OK;
  c.message.clear();
  nacre_status status =
      check_counts(c, inputs, num_inputs, outputs, num_outputs);
  if (!status)
    status = prepare(c, inputs, outputs);
  if (!status) {
    status = run_entry(c);
    finish(c);
    // What the caller now has stays until the next run is over.
    if (!status)
      c.store = &c.stores[c.store == &c.stores[0]];
  }
  c.running.store(false, std::memory_order_release);
  return status;
}
