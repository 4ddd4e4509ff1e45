/// A checksum at the end of an artifact (`model.so`), written by the compiler
/// after linking. Headers can be checked by their structure, machine code
/// cannot: with a seal the runtime finds any damage before it runs anything.
///
/// The loader of the system ignores what follows the sections. Weights are left
/// out, as they are mapped and not read at load: damage there changes numbers
/// but cannot crash. An artifact without a seal is loaded too.
#ifndef NACRE_SEAL_H
#define NACRE_SEAL_H

#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NACRE_SEAL_MAGIC UINT64_C(0x314c41455352434e) /* "NCRSEAL1" */

/// The last bytes of the file.
typedef struct {
  uint64_t skip_begin; /* what the hash leaves out, as an offset in the file */
  uint64_t skip_bytes;
  uint64_t hash;
  uint64_t magic;
} nacre_seal;

/// Each step is a bijection of the state and of the word: one changed word
/// always changes the result. About 5 GB/s.
static inline uint64_t nacre_seal_update(uint64_t hash, const void *data,
                                         uint64_t bytes) {
  const char *at = (const char *)data;
  for (; bytes > 0; bytes -= bytes < 8 ? bytes : 8, at += 8) {
    uint64_t word = 0;
    memcpy(&word, at, bytes < 8 ? (size_t)bytes : 8);
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
    hash ^= hash >> 29;
  }
  return hash;
}

/// Makes the seal of an artifact of `bytes` (without a seal), to be appended to
/// it. The caller makes sure that [skip_begin, skip_begin + skip_bytes) lies
/// within.
static inline nacre_seal nacre_seal_make(const void *artifact, uint64_t bytes,
                                         uint64_t skip_begin,
                                         uint64_t skip_bytes) {
  const char *file = (const char *)artifact;
  uint64_t skip_end = skip_begin + skip_bytes;
  nacre_seal seal = {skip_begin, skip_bytes, 0, NACRE_SEAL_MAGIC};
  seal.hash = nacre_seal_update(bytes, &seal, 2 * sizeof(uint64_t));
  seal.hash = nacre_seal_update(seal.hash, file, skip_begin);
  seal.hash = nacre_seal_update(seal.hash, file + skip_end, bytes - skip_end);
  return seal;
}

#ifdef __cplusplus
} // extern "C"
#endif

#endif // NACRE_SEAL_H
