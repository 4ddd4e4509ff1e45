#ifndef NACRE_HOST_STORE_H
#define NACRE_HOST_STORE_H

#include "nacre/runtime.h"

#include <cstddef>

namespace nacre::runtime {

/// Memory of the values that host functions make: taken piece by piece, given
/// back as a whole. Holds none before the first piece is taken, and keeps what
/// the last round needed.
class Store {
public:
  /// 64-byte aligned; null if there is no memory.
  void *take(uint64_t bytes);
  template <typename T>
  T *take_array(uint64_t count) {
    return count > SIZE_MAX / sizeof(T)
               ? nullptr
               : static_cast<T *>(take(count * sizeof(T)));
  }
  /// Forgets all pieces.
  void reset();
  void destroy();
  uint64_t bytes() const { return held; }

private:
  struct Chunk;
  Chunk *add(uint64_t bytes);

  Chunk *first; // in the order in which they fill up
  Chunk *current;
  uint64_t held;
};

} // namespace nacre::runtime

#endif // NACRE_HOST_STORE_H
