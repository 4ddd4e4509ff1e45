#ifndef NACRE_CORE_CONTEXT_H
#define NACRE_CORE_CONTEXT_H

#include "runtime/core/error.h"
#include "runtime/core/mirror.h"
#include "runtime/core/model.h"
#include "runtime/core/pool.h"
#include "runtime/host/store.h"

namespace nacre::runtime {

/// One output during and after a run.
struct Output {
  const nacre_value *value;
  nacre_tensor *tensor; // the caller's, during a run
  int64_t *dims;
  void *owned; // block of the context; null: the caller's buffer
  uint64_t owned_bytes;
  /// What the caller got for strings or lists, in the store of that run.
  const void *given;
  bool is_set;
};

struct Profile {
  uint64_t launches;
  uint64_t nanoseconds;
};

/// Bytes of a tensor; false if they do not fit. No dimension is negative.
bool tensor_bytes(uint32_t dtype, uint32_t rank, const int64_t *dims,
                  uint64_t *bytes);

bool overlap(const void *a, uint64_t a_bytes, const void *b, uint64_t b_bytes);

/// The table that models call. One for all contexts.
extern const nacre_host host_table;

} // namespace nacre::runtime

/// Everything a run needs, allocated at creation: a run only fills it in.
struct nacre_context {
  nacre_model *model;
  const nacre_entry *entry;
  nacre_workers workers;
  nacre_pool *own_pool;
  /// Per descriptor device; and the host's, which gives all memory.
  nacre_queue **queues;
  const nacre_device *host;
  nacre_queue *host_queue;
  /// Per descriptor device: what its memory holds of the host's; unused where
  /// host code reaches it.
  nacre::runtime::Mirror *mirrors;
  nacre_place *places; // of the tensors of one launch
  uint32_t last_device;

  void *arena;
  uint64_t arena_bytes;
  bool arena_taken; // in this run
  nacre::runtime::BlockCache blocks;
  /// Where values of host code are: `store` those of this run, the other those
  /// of the last run that succeeded, which may be inputs of this one.
  nacre::runtime::Store stores[2];
  nacre::runtime::Store *store;

  const void **inputs;
  /// Copies: an input's dims may be those of an output of the run before.
  int64_t **dims;
  uint64_t *input_bytes;
  int64_t *symbols;
  nacre::runtime::Output *outputs;
  /// Blocks of outputs of the run before that are inputs of this one; released
  /// after it. At most one per output.
  void **retired;
  nacre::runtime::Profile *profile; // null: not wanted

  std::atomic<bool> running;
  nacre_status status; // first failure of this run
  nacre::runtime::Message message;

  /// Records the first failure of a run; returns the status of that one.
  [[gnu::format(printf, 3, 4)]] nacre_status fail(nacre_status status,
                                                  const char *format, ...);

  /// Waits for all devices; reports a kernel's failed check.
  nacre_status wait();
  nacre_status wait(uint32_t device);

  /// Makes all devices with memory of their own know a block of the host's.
  nacre_status bind(const void *data, uint64_t bytes,
                    nacre::runtime::Mirror::Life life);
  void unbind(const void *data);
};

#endif // NACRE_CORE_CONTEXT_H
