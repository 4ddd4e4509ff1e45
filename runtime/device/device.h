/// What a device gives to the runtime: a versioned table of 12 functions, none
/// optional. Work is done in order per queue; a device may record it and submit
/// it all at `wait`, or do it at once (cpu).
#ifndef NACRE_DEVICE_DEVICE_H
#define NACRE_DEVICE_DEVICE_H

#include "nacre/runtime.h"

#define NACRE_DEVICE_VERSION 2u

/// One context's stream of work on one device; its content is the device's.
typedef struct nacre_queue nacre_queue;
/// A loaded kernel; its content is the device's.
typedef struct nacre_code nacre_code;

/// The host threads of a context, for a device that computes on them.
typedef struct {
  uint32_t size;
  uint32_t count; /* threads, the calling one included */
  nacre_parallel_for parallel_for;
  void *user;
  char *scratch; /* 64-byte aligned; worker i has scratch + i * stride */
  uint64_t stride;
} nacre_workers;

/// Bytes of a device's memory. Blocks are handles where host code cannot reach
/// them, so an address is not enough.
typedef struct {
  void *block; /* null: nothing, 0 bytes long */
  uint64_t offset;
} nacre_place;

typedef struct {
  uint32_t size;
  uint32_t alignment;    /* of blocks, in bytes */
  uint32_t host_visible; /* non-zero: host code may read and write blocks */
  uint32_t reserved;
  char name[96]; /* what its maker calls it, or empty */
} nacre_device_info;

/// The first launch that failed: kernel->checks[check - 1].
typedef struct {
  uint32_t size;
  int32_t check;
  const nacre_kernel *kernel; /* null: none failed */
} nacre_fault;

typedef struct {
  uint32_t size;
  uint32_t version; /* NACRE_DEVICE_VERSION */
  const char *name;

  /// Opens device `ordinal`, or with `shared` a further queue of an open one.
  /// `workers` outlives the queue; null for a queue that never launches.
  nacre_status (*open)(uint32_t ordinal, const nacre_workers *workers,
                       nacre_queue *shared, nacre_queue **queue);
  /// Closes a queue after its work is done; the first one comes last.
  void (*close)(nacre_queue *queue);
  /// Fills in what `info->size` covers. NACRE_INCOMPATIBLE: no such device.
  nacre_status (*info)(uint32_t ordinal, nacre_device_info *info);

  /// Takes a block of at least `bytes` (> 0). NACRE_OUT_OF_MEMORY.
  nacre_status (*alloc)(nacre_queue *queue, uint64_t bytes, void **block);
  void (*free)(nacre_queue *queue, void *block);

  /// Prepares a kernel for all queues of this device.
  nacre_status (*load)(nacre_queue *shared, const nacre_kernel *kernel,
                       nacre_code **code);
  void (*unload)(nacre_queue *shared, nacre_code *code);

  /// Copy to, from and within the device. The host's side must stay as it is
  /// until `wait`.
  nacre_status (*upload)(nacre_queue *queue, nacre_place to, const void *from,
                         uint64_t bytes);
  nacre_status (*download)(nacre_queue *queue, void *to, nacre_place from,
                           uint64_t bytes);
  nacre_status (*copy)(nacre_queue *queue, nacre_place to, nacre_place from,
                       uint64_t bytes);
  /// Runs a kernel over [0, grid), grid > 0. If host code reaches this memory
  /// the tensors among `args` are pointers and `places` is null, else they are
  /// `places`. Both are copied if they are needed after the call.
  /// NACRE_DATA_ERROR may be reported here or by `wait`, which has the details;
  /// after it the queue ignores work until `wait`.
  nacre_status (*launch)(nacre_queue *queue, nacre_code *code,
                         const nacre_word *args, const nacre_place *places,
                         int64_t grid);

  /// Returns after all work is done, and clears the fault it reports.
  /// NACRE_DATA_ERROR with `*fault` set, NACRE_DEVICE_LOST.
  nacre_status (*wait)(nacre_queue *queue, nacre_fault *fault);
} nacre_device;

#ifdef __cplusplus
namespace nacre::runtime {
/// Returns the device of that name, or null if this build has none.
const nacre_device *find_device(const char *name);
} // namespace nacre::runtime
#endif

#endif // NACRE_DEVICE_DEVICE_H
