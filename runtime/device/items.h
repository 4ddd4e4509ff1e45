/// What devices share whose kernels are functions of codegen-map-items: how a
/// grid is spread over work items, scratch, and the record of failed checks.
#ifndef NACRE_DEVICE_ITEMS_H
#define NACRE_DEVICE_ITEMS_H

#include "runtime/device/device.h"

namespace nacre::runtime {

/// The arguments of a launch that follow tensors, offsets and sizes.
struct ItemLaunch {
  void *scratch;   // a block of the device, or null
  uint64_t stride; // bytes of it per work item
  void *record;    // a block of the device, or null
  uint32_t number; // of the launch
  int64_t grid;
  int64_t each; // points per work item

  int64_t items() const { return (grid + each - 1) / each; }
};

/// The part of a queue that belongs to all its launches.
class ItemQueue {
public:
  /// `largest` is the most bytes of a block.
  void init(const nacre_device *device, nacre_queue *queue, uint64_t largest);
  void destroy();

  /// Spreads `grid` so that the scratch of all work items fits, and numbers the
  /// launch if it can fail.
  nacre_status prepare(const nacre_kernel &kernel, const nacre_word *args,
                       int64_t grid, ItemLaunch *launch);
  /// Asks for the record, as the last work before a wait.
  nacre_status begin_wait();
  /// NACRE_DATA_ERROR with `*fault` set if a launch before the wait failed.
  nacre_status end_wait(nacre_fault *fault);

private:
  nacre_status spread(const nacre_kernel &kernel, const nacre_word *args,
                      ItemLaunch *launch);
  nacre_status number(const nacre_kernel &kernel, ItemLaunch *launch);
  nacre_status grow_record(uint32_t checks);
  uint64_t record_bytes() const { return (1 + num_checks) * sizeof(uint32_t); }

  const nacre_device *device;
  nacre_queue *queue;
  uint64_t largest;
  /// For all work items of a launch; grows, and is kept.
  void *scratch;
  uint64_t scratch_bytes;
  /// On the device, and as it was asked for: the first launch that failed a
  /// check, then per check the lowest point at which it failed. All ones where
  /// nothing did.
  void *record;
  uint32_t *words;
  uint64_t num_checks;
  /// Launches with checks since the last wait.
  const nacre_kernel **launches;
  uint32_t num_launches, max_launches;
};

} // namespace nacre::runtime

#endif // NACRE_DEVICE_ITEMS_H
