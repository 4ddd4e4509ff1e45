#ifndef NACRE_HOST_CALL_H
#define NACRE_HOST_CALL_H

#include "runtime/core/context.h"
#include "runtime/host/value.h"

#include <cstring>

namespace nacre::runtime {

/// One call of a host function. A function returns NACRE_OK when it has given
/// all outputs.
struct Call {
  nacre_context &context;
  Store &store;
  const char *node;
  uint32_t num_inputs, num_outputs;
  const Tensor *inputs;
  Tensor *outputs; // dtype and rank as the model declares them, then given
  /// What the model knows of the outputs' dims; -1 is any.
  const int64_t *const *expected;
  const int64_t *attributes;

  [[gnu::format(printf, 2, 3)]] nacre_status fail(const char *format, ...);
  nacre_status no_memory();

  /// Memory for output `k`, which has these dims; null after an error.
  void *make(uint32_t k, uint32_t rank, const int64_t *dims);
  template <typename T>
  T *make_as(uint32_t k, uint32_t rank, const int64_t *dims) {
    return static_cast<T *>(make(k, rank, dims));
  }
  /// Output `k` is a scalar handle of `list`.
  nacre_status give(uint32_t k, const List *list);
  /// Output `k` is a tensor that stays as it is to the end of the run.
  nacre_status give(uint32_t k, const Tensor &tensor);

  /// A copy of `tensor` in the store; false if there is no memory.
  bool keep(const Tensor &tensor, Tensor &copy);
  /// A new list with room for `capacity` tensors, of which there are none yet.
  List *new_list(uint64_t capacity);
  /// A new string of `size` bytes that `text` receives; null if there is no
  /// memory.
  nacre_string *new_string(uint64_t size, char **text);
  /// The same of bytes that stay.
  nacre_string *new_string(const char *text, uint64_t size);
};

/// Number of elements and bytes of a tensor that exists.
uint64_t count_of(const Tensor &tensor);
inline uint64_t bytes_of(const Tensor &tensor) {
  return count_of(tensor) * element_bytes(tensor.dtype);
}
inline const Handle *handles_of(const Tensor &tensor) {
  return static_cast<const Handle *>(tensor.data);
}
/// The only element of a list, or of i64.
inline const List &list_of(const Tensor &tensor) {
  return list_of(handles_of(tensor)[0]);
}
inline int64_t integer_of(const Tensor &tensor) {
  return static_cast<const int64_t *>(tensor.data)[0];
}
inline void append(List &list, const Tensor &tensor) {
  list.items->tensors[list.items->used++] = tensor;
  ++list.count;
}

using HostFunction = nacre_status (*)(Call &call);
struct NamedFunction {
  const char *name;
  HostFunction function;
};
/// Tables of functions, each ends with a null name.
extern const NamedFunction sequence_functions[];
extern const NamedFunction map_functions[];
extern const NamedFunction string_functions[];

/// nacre_host.call
int32_t call_host(nacre_context *context, const char *node,
                  const char *function, const int64_t *form, nacre_word *words);

} // namespace nacre::runtime

#endif // NACRE_HOST_CALL_H
