#include "runtime/host/border.h"

#include <cstring>

using namespace nacre::runtime;

size_t nacre::runtime::alignment_of(uint32_t dtype) {
  if (is_handle(dtype))
    return alignof(nacre_list);
  // The alignment of a complex number is that of its parts.
  bool is_complex = dtype == NACRE_C64 || dtype == NACRE_C128;
  return nacre_dtype_size(dtype) / (is_complex ? 2 : 1);
}

namespace {

/// Reads an input. Every function reports at the context and gives null or
/// false.
class Reader {
public:
  Reader(nacre_context &context, const char *name)
      : c(context), store(*context.store), name(name) {}

  const Handle *handles(const nacre_value &value, const nacre_tensor &tensor,
                        uint64_t count);

private:
  const List *list(const nacre_value &value, const nacre_list &from);
  bool item(const nacre_value &value, const nacre_tensor *from, Tensor &to);
  bool fail(nacre_status status, const char *text) {
    c.fail(status, "input '%s': %s", name, text);
    return false;
  }
  bool no_memory() { return fail(NACRE_OUT_OF_MEMORY, "no memory for it"); }

  nacre_context &c;
  Store &store;
  const char *name;
};

uint64_t public_bytes(uint32_t dtype) {
  return is_list(dtype) ? sizeof(nacre_list) : sizeof(nacre_string);
}

const Handle *Reader::handles(const nacre_value &value,
                              const nacre_tensor &tensor, uint64_t count) {
  uint32_t dtype = value.dtype;
  if (count && (!tensor.data || tensor.capacity / public_bytes(dtype) < count))
    return fail(NACRE_INVALID_ARGUMENT,
                "data is null, or capacity less than its elements"),
           nullptr;
  auto *result = store.take_array<Handle>(count);
  if (!result)
    return no_memory(), nullptr;
  for (uint64_t i = 0; i < count; ++i) {
    if (is_list(dtype)) {
      const List *made = list(value, static_cast<nacre_list *>(tensor.data)[i]);
      if (!made)
        return nullptr;
      result[i] = to_handle(made);
      continue;
    }
    auto *text = static_cast<const nacre_string *>(tensor.data) + i;
    if (text->size && (!text->data || text->size > SIZE_MAX / 2))
      return fail(NACRE_INVALID_ARGUMENT, "a string has no data"), nullptr;
    result[i] = to_handle(text);
  }
  return result;
}

const List *Reader::list(const nacre_value &value, const nacre_list &from) {
  uint32_t dtype = value.dtype;
  bool fits = dtype == NACRE_SEQUENCE || from.count <= 1;
  if (dtype == NACRE_MAP)
    fits = from.count == 2;
  if (!fits || (from.count && !from.items))
    return fail(NACRE_SHAPE_MISMATCH,
                "an optional holds more than one value, a map is not two "
                "vectors, or items are null"),
           nullptr;
  auto *result = store.take_array<List>(1);
  auto *items = store.take_array<Items>(1);
  auto *tensors = store.take_array<Tensor>(from.count);
  if (!result || !items || !tensors)
    return no_memory(), nullptr;
  *items = {from.count, from.count, tensors};
  *result = {from.count, items};
  for (uint64_t i = 0; i < from.count; ++i)
    if (!item(*element(value.content, dtype == NACRE_MAP ? i : 0),
              from.items[i], tensors[i]))
      return nullptr;
  if (dtype == NACRE_MAP && (tensors[0].rank != 1 || tensors[1].rank != 1 ||
                             tensors[0].dims[0] != tensors[1].dims[0]))
    return fail(NACRE_SHAPE_MISMATCH,
                "keys and values of a map are not vectors of equal length"),
           nullptr;
  return result;
}

/// One tensor of a list.
bool Reader::item(const nacre_value &value, const nacre_tensor *from,
                  Tensor &to) {
  if (!from || from->size < sizeof(nacre_tensor) ||
      (from->rank && !from->dims) || from->rank > kMaxRank)
    return fail(NACRE_INVALID_ARGUMENT, "an item of it is no tensor");
  if (from->dtype != value.dtype || (is_list(value.dtype) && from->rank)) {
    c.fail(NACRE_SHAPE_MISMATCH, "input '%s': holds %s, expected %s", name,
           nacre_dtype_name(from->dtype), nacre_dtype_name(value.dtype));
    return false;
  }
  uint64_t bytes = 0;
  for (uint32_t i = 0; i < from->rank; ++i)
    if (from->dims[i] < 0)
      return fail(NACRE_SHAPE_MISMATCH, "an item has a negative dimension");
  if (!tensor_bytes(value.dtype, from->rank, from->dims, &bytes))
    return fail(NACRE_SHAPE_MISMATCH, "the size of an item overflows");
  uint64_t count = bytes / element_bytes(value.dtype);
  if (reinterpret_cast<uintptr_t>(from->data) % alignment_of(value.dtype) != 0)
    return fail(NACRE_INVALID_ARGUMENT, "an item's data is not aligned");
  auto *dims = store.take_array<int64_t>(from->rank);
  if (!dims)
    return no_memory();
  for (uint32_t i = 0; i < from->rank; ++i)
    dims[i] = from->dims[i];
  to = {value.dtype, from->rank, dims, from->data};
  if (is_handle(value.dtype))
    return (to.data = handles(value, *from, count)) != nullptr;
  if (bytes && !from->data)
    return fail(NACRE_INVALID_ARGUMENT, "an item has no data");
  return from->capacity >= bytes ||
         fail(NACRE_BUFFER_TOO_SMALL, "an item's capacity is less than its "
                                      "elements");
}

/// Writes an output; null if there is no memory.
class Writer {
public:
  explicit Writer(Store &store) : store(store) {}

  void *data(uint32_t dtype, const void *from, uint64_t count);

private:
  bool list(const List &from, nacre_list &to);
  const nacre_tensor *item(const Tensor &from);

  Store &store;
};

void *Writer::data(uint32_t dtype, const void *from, uint64_t count) {
  auto *handles = static_cast<const Handle *>(from);
  if (!is_handle(dtype)) {
    void *bytes = store.take(count * element_bytes(dtype));
    if (bytes && count)
      std::memcpy(bytes, from, count * element_bytes(dtype));
    return bytes;
  }
  if (is_list(dtype)) {
    auto *lists = store.take_array<nacre_list>(count);
    for (uint64_t i = 0; lists && i < count; ++i)
      if (!list(list_of(handles[i]), lists[i]))
        return nullptr;
    return lists;
  }
  auto *strings = store.take_array<nacre_string>(count);
  for (uint64_t i = 0; strings && i < count; ++i) {
    const nacre_string &text = string_of(handles[i]);
    auto *copy = static_cast<char *>(store.take(text.size));
    if (!copy)
      return nullptr;
    if (text.size)
      std::memcpy(copy, text.data, text.size);
    strings[i] = {copy, text.size};
  }
  return strings;
}

bool Writer::list(const List &from, nacre_list &to) {
  auto *items = store.take_array<const nacre_tensor *>(from.count);
  if (!items)
    return false;
  for (uint64_t i = 0; i < from.count; ++i)
    if (!(items[i] = item(from.items->tensors[i])))
      return false;
  to = {from.count, items};
  return true;
}

const nacre_tensor *Writer::item(const Tensor &from) {
  auto *tensor = store.take_array<nacre_tensor>(1);
  auto *dims = store.take_array<int64_t>(from.rank);
  if (!tensor || !dims)
    return nullptr;
  uint64_t count = 1;
  for (uint32_t i = 0; i < from.rank; ++i)
    count *= uint64_t(dims[i] = from.dims[i]);
  uint64_t width = is_handle(from.dtype) ? public_bytes(from.dtype)
                                         : element_bytes(from.dtype);
  void *bytes = data(from.dtype, from.data, count);
  *tensor = {sizeof(nacre_tensor), from.dtype, from.rank, 0, dims, bytes,
             count * width};
  return bytes ? tensor : nullptr;
}

} // namespace

const void *nacre::runtime::take_in(nacre_context &context,
                                    const nacre_value &value,
                                    const nacre_tensor &tensor) {
  uint64_t bytes = 0;
  tensor_bytes(value.dtype, tensor.rank, tensor.dims, &bytes);
  return Reader(context, value.name)
      .handles(value, tensor, bytes / sizeof(Handle));
}

nacre_status nacre::runtime::give_out(nacre_context &context, Output &output) {
  uint32_t dtype = output.value->dtype;
  if (!is_handle(dtype))
    return NACRE_OK;
  uint64_t bytes = 0;
  tensor_bytes(dtype, output.value->rank, output.dims, &bytes);
  uint64_t count = bytes / sizeof(Handle);
  void *data = Writer(*context.store).data(dtype, output.owned, count);
  if (!data)
    return context.fail(NACRE_OUT_OF_MEMORY, "output '%s': no memory for it",
                        output.value->name);
  output.given = data;
  output.tensor->data = data;
  output.tensor->capacity = count * public_bytes(dtype);
  return NACRE_OK;
}
