#ifndef NACRE_CORE_MEMORY_H
#define NACRE_CORE_MEMORY_H

#include "runtime/device/device.h"

namespace nacre::runtime {

/// Zeroed array of `count` trivial T, for `std::free`; null if there is no
/// memory. Never null for count 0.
template <typename T>
T *allocate(size_t count);

/// Blocks of sizes known only during a run. A freed block is kept and serves
/// only requests of its own size class, so a second run with equal shapes finds
/// for each class as many blocks as the first run took: it allocates nothing.
class BlockCache {
public:
  void init(const nacre_device *device, nacre_queue *queue);
  /// Gives all blocks back to the device.
  void destroy();

  /// 64-byte aligned, at least `bytes` (0 is fine); null if there is no memory.
  void *take(uint64_t bytes);
  /// Keeps a block for later. False if it is not a block in use of this cache.
  bool give(void *block);
  /// Ends a run: blocks that no recent run used go back to the device, so that
  /// a context whose shapes vary does not grow for ever.
  void end_run();

  uint64_t bytes() const { return held; }

private:
  struct Block;

  const nacre_device *device;
  nacre_queue *queue;
  Block *blocks; // all of them, in use or not
  uint64_t held;
  uint64_t run;
};

} // namespace nacre::runtime

#include <cstdlib>

template <typename T>
T *nacre::runtime::allocate(size_t count) {
  return static_cast<T *>(std::calloc(count ? count : 1, sizeof(T)));
}

#endif // NACRE_CORE_MEMORY_H
