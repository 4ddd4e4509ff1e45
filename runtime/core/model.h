#ifndef NACRE_CORE_MODEL_H
#define NACRE_CORE_MODEL_H

#include "runtime/core/descriptor.h"
#include "runtime/core/memory.h"

#include <atomic>

namespace nacre::runtime {

/// A file mapped for reading; empty if `data` is null.
struct Mapping {
  const char *data = nullptr;
  uint64_t size = 0;

  /// NACRE_IO_ERROR (with `fail`) if it is no readable, regular, non-empty
  /// file.
  nacre_status open(const char *path);
  void close();
};

} // namespace nacre::runtime

struct nacre_model {
  const nacre_descriptor *descriptor;
  const char *path; // owned; the artifact's, or its name: for messages
  void *library;    // of dlopen
  nacre::runtime::Mapping side_file;
  const void *weights;
  /// Per descriptor device: its table, and the queue that loaded the kernels.
  const nacre_device **devices;
  nacre_queue **queues;
  nacre_code **codes; // per kernel
  /// Per device: the weights in memory that host code cannot reach, and whether
  /// the device has such memory.
  void **weight_blocks;
  bool *is_remote;
  uint64_t scratch_bytes;
  std::atomic<uint32_t> references;

  void retain() { references.fetch_add(1, std::memory_order_relaxed); }
  void release();
};

#endif // NACRE_CORE_MODEL_H
