#include "runtime/core/mirror.h"

#include <cstring>

using namespace nacre::runtime;

void Mirror::init(const nacre_device *device, nacre_queue *queue) {
  *this = {};
  blocks.init(device, queue);
}

void Mirror::destroy() {
  blocks.destroy();
  std::free(bindings);
}

Mirror::Binding *Mirror::at(const void *host) const {
  uint32_t low = 0, high = count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (bindings[middle].host <= host)
      low = middle + 1;
    else
      high = middle;
  }
  return low ? &bindings[low - 1] : nullptr;
}

bool Mirror::covers(const void *host, uint64_t bytes) const {
  Binding *binding = at(host);
  if (!binding)
    return false;
  uint64_t offset = static_cast<const char *>(host) - binding->host;
  return offset <= binding->bytes && bytes <= binding->bytes - offset;
}

bool Mirror::bind(const void *host, uint64_t bytes, Life life, void *block) {
  Binding *before = at(host);
  if (before && before->host == host) {
    // Two names of the same bytes share what stands for them.
    if (before->bytes >= bytes)
      return true;
    unbind(host);
    before = at(host);
  }
  if (count == capacity) {
    uint32_t wanted = capacity ? 2 * capacity : 32;
    uint32_t index = before ? uint32_t(before - bindings) : 0;
    void *larger = std::realloc(bindings, wanted * sizeof(Binding));
    if (!larger)
      return false;
    bindings = static_cast<Binding *>(larger);
    before = before ? bindings + index : nullptr;
    capacity = wanted;
  }
  Binding *place = before ? before + 1 : bindings;
  std::memmove(place + 1, place, (bindings + count - place) * sizeof(Binding));
  *place = {static_cast<const char *>(host), bytes, block, life, !block};
  ++count;
  return true;
}

void Mirror::release(const Binding &binding) {
  if (binding.is_owned && binding.block)
    blocks.give(binding.block);
}

void Mirror::unbind(const void *host) {
  Binding *binding = at(host);
  if (!binding || binding->host != host)
    return;
  release(*binding);
  std::memmove(binding, binding + 1,
               (bindings + count - binding - 1) * sizeof(Binding));
  --count;
}

bool Mirror::find(const void *host, nacre_place *place) {
  *place = {nullptr, 0};
  Binding *binding = at(host);
  if (!binding)
    return true;
  uint64_t offset = static_cast<const char *>(host) - binding->host;
  if (offset > binding->bytes)
    return true;
  if (!binding->block)
    binding->block = blocks.take(binding->bytes);
  *place = {binding->block, offset};
  return binding->block;
}

void Mirror::begin_run() {
  uint32_t kept = 0;
  for (uint32_t i = 0; i < count; ++i) {
    if (bindings[i].life == Run)
      release(bindings[i]);
    else
      bindings[kept++] = bindings[i];
  }
  count = kept;
}
