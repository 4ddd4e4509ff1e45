/// How values that only host code looks into lie in memory. A model moves them
/// as 64-bit handles: a string's is a pointer to a nacre_string, a sequence's,
/// optional's or map's one to a List; null is the empty one of each.
#ifndef NACRE_HOST_VALUE_H
#define NACRE_HOST_VALUE_H

#include "nacre/runtime.h"

#include <cstring>

namespace nacre::runtime {

struct Tensor {
  uint32_t dtype;
  uint32_t rank;
  const int64_t *dims;
  const void *data; // of strings and lists: handles
};

/// Tensors that several lists share: a list is the first `count` of them, so
/// one that uses all can grow in place.
struct Items {
  uint64_t used, capacity;
  Tensor *tensors;
};

struct List {
  uint64_t count;
  Items *items;
};

using Handle = uint64_t;

inline Handle to_handle(const void *pointer) {
  return reinterpret_cast<uintptr_t>(pointer);
}
inline const nacre_string &string_of(Handle handle) {
  static const nacre_string none = {"", 0};
  auto *text = reinterpret_cast<const nacre_string *>(uintptr_t(handle));
  return text ? *text : none;
}

inline bool equal(const nacre_string &a, const nacre_string &b) {
  return a.size == b.size &&
         (a.size == 0 || std::memcmp(a.data, b.data, a.size) == 0);
}
inline const List &list_of(Handle handle) {
  static const List none = {0, nullptr};
  auto *list = reinterpret_cast<const List *>(uintptr_t(handle));
  return list ? *list : none;
}

inline bool is_list(uint32_t dtype) {
  return dtype == NACRE_SEQUENCE || dtype == NACRE_OPTIONAL ||
         dtype == NACRE_MAP;
}
inline bool is_handle(uint32_t dtype) {
  return dtype == NACRE_STRING || is_list(dtype);
}
/// Bytes of an element where the model sees it; 0 for unknown types.
inline uint64_t element_bytes(uint32_t dtype) {
  return is_handle(dtype) ? sizeof(Handle) : nacre_dtype_size(dtype);
}

} // namespace nacre::runtime

#endif // NACRE_HOST_VALUE_H
