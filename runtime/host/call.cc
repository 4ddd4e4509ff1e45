#include "runtime/host/call.h"

using namespace nacre::runtime;

nacre_status Call::fail(const char *format, ...) {
  Message text;
  va_list args;
  va_start(args, format);
  text.format(format, args);
  va_end(args);
  return context.fail(NACRE_DATA_ERROR, "%s%s%s", node ? node : "",
                      node ? ": " : "", text.text);
}

nacre_status Call::no_memory() {
  return context.fail(NACRE_OUT_OF_MEMORY, "%s%sno memory for a value of host "
                      "code", node ? node : "", node ? ": " : "");
}

uint64_t nacre::runtime::count_of(const Tensor &tensor) {
  uint64_t count = 1;
  for (uint32_t i = 0; i < tensor.rank; ++i)
    count *= uint64_t(tensor.dims[i]);
  return count;
}

void *Call::make(uint32_t k, uint32_t rank, const int64_t *dims) {
  Tensor &output = outputs[k];
  uint64_t bytes = 0;
  if (!tensor_bytes(output.dtype, rank, dims, &bytes)) {
    fail("the size of a result overflows");
    return nullptr;
  }
  void *data = store.take(bytes);
  auto *kept = store.take_array<int64_t>(rank);
  if (!data || !kept) {
    no_memory();
    return nullptr;
  }
  for (uint32_t i = 0; i < rank; ++i)
    kept[i] = dims[i];
  give(k, {output.dtype, rank, kept, data});
  return data;
}

nacre_status Call::give(uint32_t k, const List *list) {
  auto *handle = make_as<Handle>(k, 0, nullptr);
  if (!handle)
    return context.status;
  *handle = to_handle(list);
  return NACRE_OK;
}

nacre_status Call::give(uint32_t k, const Tensor &tensor) {
  outputs[k] = tensor;
  return NACRE_OK;
}

bool Call::keep(const Tensor &tensor, Tensor &copy) {
  uint64_t bytes = bytes_of(tensor);
  void *data = store.take(bytes);
  auto *dims = store.take_array<int64_t>(tensor.rank);
  if (!data || !dims)
    return false;
  if (bytes)
    std::memcpy(data, tensor.data, bytes);
  for (uint32_t i = 0; i < tensor.rank; ++i)
    dims[i] = tensor.dims[i];
  copy = {tensor.dtype, tensor.rank, dims, data};
  return true;
}

List *Call::new_list(uint64_t capacity) {
  auto *list = store.take_array<List>(1);
  auto *items = store.take_array<Items>(1);
  auto *tensors = store.take_array<Tensor>(capacity);
  if (!list || !items || !tensors)
    return nullptr;
  *items = {0, capacity, tensors};
  *list = {0, items};
  return list;
}

nacre_string *Call::new_string(const char *text, uint64_t size) {
  auto *string = store.take_array<nacre_string>(1);
  if (string)
    *string = {text, size};
  return string;
}

nacre_string *Call::new_string(uint64_t size, char **text) {
  // Together: the store's pieces are large.
  if (size > SIZE_MAX / 2)
    return nullptr;
  auto *memory = static_cast<char *>(store.take(sizeof(nacre_string) + size));
  if (!memory)
    return nullptr;
  *text = memory + sizeof(nacre_string);
  auto *string = reinterpret_cast<nacre_string *>(memory);
  *string = {*text, size};
  return string;
}

namespace {

HostFunction find(const char *name) {
  const NamedFunction *const tables[] = {sequence_functions, map_functions,
                                         string_functions};
  for (const NamedFunction *table : tables)
    for (; table->name; ++table)
      if (std::strcmp(table->name, name) == 0)
        return table->function;
  return nullptr;
}

/// What the function gives has to be what the model has code for.
nacre_status check(Call &call, uint32_t k, uint32_t dtype, uint32_t rank) {
  const Tensor &output = call.outputs[k];
  if (output.dtype != dtype || output.rank != rank)
    return call.fail("got a tensor of %s of rank %u, expected %s of rank %u",
                     nacre_dtype_name(output.dtype), output.rank,
                     nacre_dtype_name(dtype), rank);
  for (uint32_t i = 0; i < rank; ++i)
    if (call.expected[k][i] >= 0 && output.dims[i] != call.expected[k][i])
      return call.fail("dimension %u of a tensor is %lld, expected %lld", i,
                       static_cast<long long>(output.dims[i]),
                       static_cast<long long>(call.expected[k][i]));
  return NACRE_OK;
}

} // namespace

int32_t nacre::runtime::call_host(nacre_context *context, const char *node,
                                  const char *name, const int64_t *form,
                                  nacre_word *words) {
  nacre_context &c = *context;
  Store &store = *c.store;
  uint32_t num_inputs = uint32_t(form[0]), num_outputs = uint32_t(form[1]);
  const int64_t *types = form + 3;
  auto *tensors = store.take_array<Tensor>(uint64_t(num_inputs) + num_outputs);
  auto *expected = store.take_array<const int64_t *>(num_outputs);
  Call call = {c,       store,   node,     num_inputs,
               num_outputs, tensors, tensors + num_inputs, expected,
               types + 2 * (uint64_t(num_inputs) + num_outputs)};
  HostFunction function = find(name);
  if (!function)
    return c.fail(NACRE_INCOMPATIBLE,
                  "host function '%s' is not in this runtime; update it", name);
  if (!tensors || !expected)
    return call.no_memory();
  nacre_word *word = words;
  for (uint32_t i = 0; i < num_inputs + num_outputs; ++i) {
    uint32_t rank = uint32_t(types[2 * i + 1]);
    auto *dims = reinterpret_cast<const int64_t *>(word + 1);
    tensors[i] = {uint32_t(types[2 * i]), rank, dims, word->pointer};
    if (i >= num_inputs)
      expected[i - num_inputs] = dims;
    word += 1 + rank;
  }
  if (nacre_status status = function(call))
    return status;
  word = words;
  for (uint32_t i = 0; i < num_inputs; ++i)
    word += 1 + types[2 * i + 1];
  for (uint32_t k = 0; k < num_outputs; ++k) {
    const int64_t *type = types + 2 * (uint64_t(num_inputs) + k);
    if (nacre_status status =
            check(call, k, uint32_t(type[0]), uint32_t(type[1])))
      return status;
    (word++)->pointer = const_cast<void *>(call.outputs[k].data);
    for (int64_t i = 0; i < type[1]; ++i)
      (word++)->scalar = call.outputs[k].dims[i];
  }
  return NACRE_OK;
}
