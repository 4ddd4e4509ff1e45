#include "runtime/host/store.h"

#include <cstdlib>

using namespace nacre::runtime;

namespace {
constexpr uint64_t kAlignment = 64;
constexpr uint64_t kLeast = 1 << 16;
} // namespace

struct Store::Chunk {
  Chunk *next;
  uint64_t bytes;
  uint64_t used;
  char *data;
};

Store::Chunk *Store::add(uint64_t bytes) {
  // Twice as much each time, so that there are few.
  if (bytes < held)
    bytes = held;
  if (bytes < kLeast)
    bytes = kLeast;
  if (bytes > SIZE_MAX / 2)
    return nullptr;
  auto *chunk = static_cast<Chunk *>(std::calloc(1, sizeof(Chunk)));
  void *data = nullptr;
  if (!chunk || posix_memalign(&data, kAlignment, bytes) != 0) {
    std::free(chunk);
    return nullptr;
  }
  chunk->data = static_cast<char *>(data);
  chunk->bytes = bytes;
  held += bytes;
  chunk->next = current ? current->next : nullptr;
  if (current)
    current->next = chunk;
  else
    first = chunk;
  return chunk;
}

void *Store::take(uint64_t bytes) {
  if (bytes > SIZE_MAX / 2)
    return nullptr;
  bytes = bytes ? (bytes + kAlignment - 1) & ~(kAlignment - 1) : kAlignment;
  while (!current || current->bytes - current->used < bytes) {
    Chunk *next = current ? current->next : first;
    if (!next)
      next = add(bytes);
    if (!next)
      return nullptr;
    current = next;
  }
  void *piece = current->data + current->used;
  current->used += bytes;
  return piece;
}

void Store::reset() {
  // Chunks that this round has not reached go.
  Chunk **link = current ? &current->next : &first;
  while (Chunk *chunk = *link) {
    *link = chunk->next;
    held -= chunk->bytes;
    std::free(chunk->data);
    std::free(chunk);
  }
  for (Chunk *chunk = first; chunk; chunk = chunk->next)
    chunk->used = 0;
  current = first;
}

void Store::destroy() {
  current = nullptr;
  reset();
}
