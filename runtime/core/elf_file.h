#ifndef NACRE_CORE_ELF_FILE_H
#define NACRE_CORE_ELF_FILE_H

#include "nacre/runtime.h"

namespace nacre::runtime {

/// Where the loaded bytes of an artifact are, so that a damaged descriptor is
/// not followed out of it. `base` is added to the addresses in the file.
struct Image {
  static constexpr uint32_t kMaxSegments = 16;
  struct Segment {
    uint64_t begin, end;
    bool code;
    bool writable;
  };
  Segment segments[kMaxSegments];
  uint32_t count;
  uint64_t base;

  const Segment *find(uint64_t address, uint64_t bytes) const;
  bool holds(const void *data, uint64_t bytes) const;
  bool holds_code(const void *function) const;
  bool holds_string(const char *text) const;
};

/// Checks all that the system's loader takes on trust, because it crashes on a
/// truncated or damaged file: headers, segments, sections, dynamic table,
/// relocations; and that the file exports `nacre_model`. Fills in `image`.
/// Returns NACRE_OK, NACRE_BAD_ARTIFACT or NACRE_INCOMPATIBLE (with `fail`).
nacre_status check_elf(const char *path, const void *file, uint64_t size,
                       Image *image);

} // namespace nacre::runtime

#endif // NACRE_CORE_ELF_FILE_H
