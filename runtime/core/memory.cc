#include "runtime/core/memory.h"

using namespace nacre::runtime;

namespace {
/// Runs that a block may go unused before it is given back: more than a prefill
/// between decodes, less than a memory leak.
constexpr uint64_t kIdleRuns = 16;
} // namespace

struct BlockCache::Block {
  Block *next;
  uint64_t bytes;
  uint64_t last_run;
  void *data;
  bool in_use;
};

/// Rounds up to 1/8 of a power of two, at least 64: at most 12 % is lost.
static uint64_t size_class(uint64_t bytes) {
  if (bytes <= 512)
    return bytes <= 64 ? 64 : (bytes + 63) & ~uint64_t(63);
  uint64_t step = uint64_t(1) << (63 - __builtin_clzll(bytes) - 3);
  return (bytes + step - 1) & ~(step - 1);
}

void BlockCache::init(const nacre_device *d, nacre_queue *q) {
  *this = {};
  device = d;
  queue = q;
}

void BlockCache::destroy() {
  while (Block *block = blocks) {
    blocks = block->next;
    device->free(queue, block->data);
    std::free(block);
  }
}

void *BlockCache::take(uint64_t bytes) {
  if (bytes > SIZE_MAX / 2)
    return nullptr;
  bytes = size_class(bytes);
  for (Block *block = blocks; block; block = block->next) {
    if (block->in_use || block->bytes != bytes)
      continue;
    block->in_use = true;
    block->last_run = run;
    return block->data;
  }
  Block *block = allocate<Block>(1);
  if (!block)
    return nullptr;
  if (device->alloc(queue, bytes, &block->data) != NACRE_OK) {
    std::free(block);
    return nullptr;
  }
  block->next = blocks;
  block->bytes = bytes;
  block->last_run = run;
  block->in_use = true;
  blocks = block;
  held += bytes;
  return block->data;
}

bool BlockCache::give(void *data) {
  for (Block *block = blocks; block; block = block->next) {
    if (block->data != data || !block->in_use)
      continue;
    block->in_use = false;
    block->last_run = run;
    return true;
  }
  return false;
}

void BlockCache::end_run() {
  ++run;
  for (Block **link = &blocks; *link;) {
    Block *block = *link;
    if (block->in_use || block->last_run + kIdleRuns >= run) {
      link = &block->next;
      continue;
    }
    *link = block->next;
    held -= block->bytes;
    device->free(queue, block->data);
    std::free(block);
  }
}
