/// Sequences and optionals: lists of tensors that never change once made.

#include "runtime/host/call.h"

using namespace nacre::runtime;

namespace {

using Long = long long;

/// The tensor as a result that kernels may read: those of the caller are aligned
/// to their element only.
nacre_status give_item(Call &call, const Tensor &item) {
  Tensor aligned = item;
  if (reinterpret_cast<uintptr_t>(item.data) % 64 != 0 &&
      !call.keep(item, aligned))
    return call.no_memory();
  return call.give(0, aligned);
}

nacre_status make_list(Call &call) {
  List *list = call.new_list(call.num_inputs);
  if (!list)
    return call.no_memory();
  for (uint32_t i = 0; i < call.num_inputs; ++i) {
    Tensor kept;
    if (!call.keep(call.inputs[i], kept))
      return call.no_memory();
    append(*list, kept);
  }
  return call.give(0, list);
}

/// Copies of items cost nothing: they are shared.
void append_range(List &list, const List &from, uint64_t begin, uint64_t end) {
  for (uint64_t i = begin; i < end; ++i)
    append(list, from.items->tensors[i]);
}

nacre_status insert(Call &call) {
  const List &list = list_of(call.inputs[0]);
  int64_t position = integer_of(call.inputs[1]), count = int64_t(list.count);
  if (position < -count || position > count)
    return call.fail("position %lld is outside a sequence of %lld tensors",
                     Long(position), Long(count));
  uint64_t at = uint64_t(position < 0 ? position + count : position);
  Tensor kept;
  if (!call.keep(call.inputs[2], kept))
    return call.no_memory();
  Items *items = list.items;
  if (at == list.count && items && items->used == at && at < items->capacity) {
    auto *longer = call.store.take_array<List>(1);
    if (!longer)
      return call.no_memory();
    *longer = {at, items};
    append(*longer, kept);
    return call.give(0, longer);
  }
  List *result = call.new_list(2 * (list.count + 1));
  if (!result)
    return call.no_memory();
  append_range(*result, list, 0, at);
  append(*result, kept);
  append_range(*result, list, at, list.count);
  return call.give(0, result);
}

/// The position that input 1 says, made positive.
nacre_status find_position(Call &call, uint64_t &at) {
  int64_t position = integer_of(call.inputs[1]);
  int64_t count = int64_t(list_of(call.inputs[0]).count);
  if (position < -count || position >= count)
    return call.fail("position %lld is outside a sequence of %lld tensors",
                     Long(position), Long(count));
  at = uint64_t(position < 0 ? position + count : position);
  return NACRE_OK;
}

nacre_status erase(Call &call) {
  const List &list = list_of(call.inputs[0]);
  uint64_t at = 0;
  if (nacre_status status = find_position(call, at))
    return status;
  List *result = call.new_list(list.count);
  if (!result)
    return call.no_memory();
  append_range(*result, list, 0, at);
  append_range(*result, list, at + 1, list.count);
  return call.give(0, result);
}

nacre_status at(Call &call) {
  uint64_t at = 0;
  if (nacre_status status = find_position(call, at))
    return status;
  return give_item(call, list_of(call.inputs[0]).items->tensors[at]);
}

nacre_status length(Call &call) {
  auto *count = call.make_as<int64_t>(0, 0, nullptr);
  if (!count)
    return call.context.status;
  *count = int64_t(list_of(call.inputs[0]).count);
  return NACRE_OK;
}

/// Elements before an axis, and bytes from one of its indices to the next.
void around(const Tensor &tensor, uint64_t axis, uint64_t &outer,
            uint64_t &inner) {
  outer = 1;
  inner = element_bytes(tensor.dtype);
  for (uint64_t i = 0; i < tensor.rank; ++i)
    (i < axis ? outer : inner) *= i == axis ? 1 : uint64_t(tensor.dims[i]);
}

/// The slice `[from, from + size)` of `input` along `axis`.
nacre_status slice(Call &call, const Tensor &input, uint64_t axis,
                   uint64_t from, uint64_t size, bool keeps_dim, Tensor &out) {
  uint64_t outer, inner;
  around(input, axis, outer, inner);
  uint32_t rank = keeps_dim ? input.rank : input.rank - 1;
  auto *dims = call.store.take_array<int64_t>(rank);
  auto *data = static_cast<char *>(call.store.take(outer * size * inner));
  if (!dims || !data)
    return call.no_memory();
  for (uint32_t i = 0, to = 0; i < input.rank; ++i)
    if (i != axis)
      dims[to++] = input.dims[i];
    else if (keeps_dim)
      dims[to++] = int64_t(size);
  const char *bytes = static_cast<const char *>(input.data);
  uint64_t whole = uint64_t(input.dims[axis]);
  uint64_t row = size * inner;
  for (uint64_t i = 0; i < outer && row; ++i)
    std::memcpy(data + i * row, bytes + (i * whole + from) * inner, row);
  out = {input.dtype, rank, dims, data};
  return NACRE_OK;
}

/// How many slices there are, and the size of slice k.
struct Sizes {
  uint64_t whole, count, each;
  const int64_t *list; // null: `each`, and the rest

  uint64_t at(uint64_t k) const {
    if (list)
      return uint64_t(list[k]);
    uint64_t rest = whole - k * each;
    return rest < each ? rest : each;
  }
};

nacre_status read_sizes(Call &call, uint64_t whole, Sizes &sizes) {
  const Tensor &given = call.inputs[1];
  auto *values = static_cast<const int64_t *>(given.data);
  if (given.rank == 0) {
    if (values[0] < 1)
      return call.fail("a slice has %lld rows, expected 1 or more",
                       Long(values[0]));
    uint64_t each = uint64_t(values[0]);
    sizes = {whole, whole / each + (whole % each != 0), each, nullptr};
    return NACRE_OK;
  }
  sizes = {whole, uint64_t(given.dims[0]), 0, values};
  uint64_t left = whole;
  for (uint64_t k = 0; k < sizes.count; ++k) {
    if (values[k] < 0 || uint64_t(values[k]) > left)
      return call.fail("slices of %lld and more rows do not fit %lld",
                       Long(values[k]), Long(whole));
    left -= uint64_t(values[k]);
  }
  return left ? call.fail("slices leave %lld of %lld rows", Long(left),
                          Long(whole))
              : NACRE_OK;
}

nacre_status split(Call &call) {
  const Tensor &input = call.inputs[0];
  uint64_t axis = uint64_t(call.attributes[0]), from = 0;
  bool keeps_dim = call.attributes[1];
  Sizes sizes = {};
  if (nacre_status status = read_sizes(call, uint64_t(input.dims[axis]), sizes))
    return status;
  List *list = call.new_list(sizes.count);
  if (!list)
    return call.no_memory();
  for (uint64_t k = 0; k < sizes.count; ++k) {
    uint64_t size = sizes.at(k);
    if (!keeps_dim && size != 1)
      return call.fail("a slice has %lld rows, expected 1", Long(size));
    Tensor item;
    if (nacre_status status =
            slice(call, input, axis, from, size, keeps_dim, item))
      return status;
    append(*list, item);
    from += size;
  }
  return call.give(0, list);
}

/// The dims of all items of `list` joined; `dims` has room for one more than
/// those of the first.
nacre_status joined_dims(Call &call, const List &list, uint64_t axis,
                         bool new_axis, int64_t *dims) {
  const Tensor &first = list.items->tensors[0];
  for (uint32_t i = 0; i < first.rank; ++i)
    dims[i + (new_axis && i >= axis)] = first.dims[i];
  dims[axis] = 0;
  for (uint64_t k = 0; k < list.count; ++k) {
    const Tensor &item = list.items->tensors[k];
    bool fits = item.rank == first.rank;
    for (uint32_t i = 0; fits && i < item.rank; ++i)
      fits = item.dims[i] == first.dims[i] || (i == axis && !new_axis);
    if (!fits || __builtin_add_overflow(dims[axis],
                                        new_axis ? 1 : item.dims[axis],
                                        &dims[axis]))
      return call.fail("tensor %lld of the sequence does not fit the first",
                       Long(k));
  }
  return NACRE_OK;
}

nacre_status concat(Call &call) {
  const List &list = list_of(call.inputs[0]);
  uint64_t axis = uint64_t(call.attributes[0]);
  bool new_axis = call.attributes[1];
  if (list.count == 0)
    return call.fail("the sequence is empty, expected a tensor to join");
  const Tensor &first = list.items->tensors[0];
  if (axis >= uint64_t(first.rank) + new_axis)
    return call.fail("axis %lld is outside tensors of rank %u", Long(axis),
                     first.rank);
  auto *dims = call.store.take_array<int64_t>(uint64_t(first.rank) + 2);
  if (!dims)
    return call.no_memory();
  if (nacre_status status = joined_dims(call, list, axis, new_axis, dims))
    return status;
  auto *to = call.make_as<char>(0, first.rank + new_axis, dims);
  if (!to)
    return call.context.status;
  uint64_t outer, inner, row = 0;
  around({first.dtype, first.rank + new_axis, dims, nullptr}, axis, outer,
         inner);
  row = uint64_t(dims[axis]) * inner;
  for (uint64_t k = 0; k < list.count; ++k) {
    const Tensor &item = list.items->tensors[k];
    uint64_t bytes = (new_axis ? 1 : uint64_t(item.dims[axis])) * inner;
    for (uint64_t i = 0; i < outer && bytes; ++i)
      std::memcpy(to + i * row,
                  static_cast<const char *>(item.data) + i * bytes, bytes);
    to += bytes;
  }
  return NACRE_OK;
}

nacre_status has(Call &call) {
  auto *flag = call.make_as<uint8_t>(0, 0, nullptr);
  if (!flag)
    return call.context.status;
  *flag = list_of(call.inputs[0]).count != 0;
  return NACRE_OK;
}

nacre_status get(Call &call) {
  const List &list = list_of(call.inputs[0]);
  return list.count ? give_item(call, list.items->tensors[0])
                    : call.fail("the optional holds nothing");
}

nacre_status retype(Call &call) {
  return call.give(0, &list_of(call.inputs[0]));
}

} // namespace

const NamedFunction nacre::runtime::sequence_functions[] = {
    {"sequence_make", make_list},   {"sequence_insert", insert},
    {"sequence_erase", erase},      {"sequence_at", at},
    {"sequence_length", length},    {"sequence_split", split},
    {"sequence_concat", concat},    {"optional_make", make_list},
    {"optional_has", has},          {"optional_get", get},
    {"retype", retype},             {nullptr, nullptr}};
