/// Maps: lists of two vectors, keys and values.

#include "runtime/host/call.h"

using namespace nacre::runtime;

namespace {

/// Rows [i] of a matrix as maps from `keys`.
nacre_status zip(Call &call) {
  const Tensor &input = call.inputs[0], &keys = call.inputs[1];
  int64_t columns = input.dims[input.rank - 1];
  int64_t rows = input.rank == 2 ? input.dims[0] : 1;
  if (keys.dims[0] != columns)
    return call.fail("%lld keys for rows of %lld elements",
                     static_cast<long long>(keys.dims[0]),
                     static_cast<long long>(columns));
  Tensor kept;
  List *maps = call.new_list(uint64_t(rows));
  if (!maps || !call.keep(keys, kept))
    return call.no_memory();
  for (int64_t i = 0; i < rows; ++i) {
    Tensor row = {input.dtype, 1, kept.dims,
                  static_cast<const float *>(input.data) + i * columns};
    List *map = call.new_list(2);
    auto *handle = call.store.take_array<Handle>(1);
    if (!map || !handle || !call.keep(row, row))
      return call.no_memory();
    append(*map, kept);
    append(*map, row);
    *handle = to_handle(map);
    append(*maps, {NACRE_MAP, 0, nullptr, handle});
  }
  return call.give(0, maps);
}

bool same_key(const Tensor &a, int64_t i, const Tensor &b, int64_t j) {
  if (a.dtype != NACRE_STRING)
    return static_cast<const int64_t *>(a.data)[i] ==
           static_cast<const int64_t *>(b.data)[j];
  return equal(string_of(handles_of(a)[i]), string_of(handles_of(b)[j]));
}

nacre_status vector(Call &call) {
  const List &map = list_of(call.inputs[0]);
  const Tensor &keys = call.inputs[1];
  int64_t dims[] = {1, keys.dims[0]};
  char *out = call.make_as<char>(0, 2, dims);
  if (!out)
    return call.context.status;
  uint64_t width = element_bytes(call.outputs[0].dtype);
  std::memset(out, 0, uint64_t(keys.dims[0]) * width);
  if (map.count == 0)
    return NACRE_OK;
  const Tensor &known = map.items->tensors[0], &values = map.items->tensors[1];
  for (int64_t j = 0; j < keys.dims[0]; ++j)
    for (int64_t i = 0; i < known.dims[0]; ++i)
      if (same_key(known, i, keys, j))
        std::memcpy(out + uint64_t(j) * width,
                    static_cast<const char *>(values.data) +
                        uint64_t(i) * width,
                    width);
  return NACRE_OK;
}

} // namespace

const NamedFunction nacre::runtime::map_functions[] = {
    {"zip_map", zip}, {"map_vector", vector}, {nullptr, nullptr}};
