#ifndef NACRE_CORE_DESCRIPTOR_H
#define NACRE_CORE_DESCRIPTOR_H

#include "runtime/core/elf_file.h"

namespace nacre::runtime {

constexpr uint32_t kMaxRank = 64;
/// Sequences and optionals in each other.
constexpr uint32_t kMaxDepth = 8;

/// Element `index` of an array of the ABI. Its elements say their size, which
/// is larger than T's if the model is newer than this runtime.
template <typename T>
const T *element(const T *array, size_t index) {
  return reinterpret_cast<const T *>(reinterpret_cast<const char *>(array) +
                                     index * array->size);
}

/// Checks what the runtime relies on later: magic, version, sizes, counts,
/// pointers (against `image` unless it is null), dtypes and dimensions.
/// Returns NACRE_OK, NACRE_BAD_ARTIFACT or NACRE_INCOMPATIBLE (with `fail`).
nacre_status check_descriptor(const char *path,
                              const nacre_descriptor *descriptor,
                              const Image *image);

/// Checks that this machine can run the model: architecture and CPU features.
nacre_status check_machine(const char *path,
                           const nacre_descriptor &descriptor);

} // namespace nacre::runtime

#endif // NACRE_CORE_DESCRIPTOR_H
