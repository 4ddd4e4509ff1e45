#include "runtime/device/items.h"

#include "runtime/core/memory.h"

#include <cstring>

using namespace nacre::runtime;

namespace {
/// Bytes of scratch of all work items that run at once.
constexpr uint64_t kScratchBytes = uint64_t(256) << 20;
/// More than any memory has.
constexpr uint64_t kScratchLimit = uint64_t(1) << 40;
} // namespace

void ItemQueue::init(const nacre_device *of, nacre_queue *own,
                     uint64_t most_bytes) {
  *this = {};
  device = of;
  queue = own;
  largest = most_bytes;
}

void ItemQueue::destroy() {
  if (scratch)
    device->free(queue, scratch);
  if (record)
    device->free(queue, record);
  std::free(words);
  std::free(launches);
}

nacre_status ItemQueue::spread(const nacre_kernel &kernel,
                               const nacre_word *args, ItemLaunch *launch) {
  uint64_t bytes =
      kernel.open_scratch ? kernel.open_scratch(args) : kernel.scratch_bytes;
  if (bytes >= kScratchLimit)
    return NACRE_OUT_OF_MEMORY;
  launch->stride = (bytes + 63) & ~uint64_t(63);
  launch->each = 1;
  if (launch->stride == 0)
    return NACRE_OK;
  int64_t items =
      (kScratchBytes < largest ? kScratchBytes : largest) / launch->stride;
  if (items == 0)
    items = 1;
  launch->each = (launch->grid + items - 1) / items;
  uint64_t all = uint64_t(launch->items()) * launch->stride;
  if (all > scratch_bytes) {
    if (scratch)
      device->free(queue, scratch);
    scratch = nullptr;
    scratch_bytes = 0;
    if (nacre_status status = device->alloc(queue, all, &scratch))
      return status;
    scratch_bytes = all;
  }
  launch->scratch = scratch;
  return NACRE_OK;
}

/// Makes room for `checks` checks, and keeps what the record says. This waits;
/// it is done as often as a kernel has more checks than any before.
nacre_status ItemQueue::grow_record(uint32_t checks) {
  uint64_t bytes = (1 + uint64_t(checks)) * sizeof(uint32_t);
  auto *larger_words = allocate<uint32_t>(1 + checks);
  if (!larger_words)
    return NACRE_OUT_OF_MEMORY;
  std::memset(larger_words, 0xff, bytes);
  nacre_fault none = {sizeof(none), 0, nullptr};
  void *larger = nullptr;
  nacre_status status = device->alloc(queue, bytes, &larger);
  if (!status)
    status = device->upload(queue, {larger, 0}, larger_words, bytes);
  if (!status && record)
    status = device->copy(queue, {larger, 0}, {record, 0}, record_bytes());
  // The words that go there may be changed only after a wait; launches that
  // failed are still noted in what was copied.
  uint32_t kept = num_launches;
  num_launches = 0;
  if (!status)
    status = device->wait(queue, &none);
  num_launches = kept;
  if (status) {
    std::free(larger_words);
    if (larger)
      device->free(queue, larger);
    return status;
  }
  if (record)
    device->free(queue, record);
  std::free(words);
  record = larger;
  words = larger_words;
  num_checks = checks;
  return NACRE_OK;
}

nacre_status ItemQueue::number(const nacre_kernel &kernel, ItemLaunch *launch) {
  if (kernel.num_checks == 0)
    return NACRE_OK;
  if (kernel.num_checks > num_checks)
    if (nacre_status status = grow_record(kernel.num_checks))
      return status;
  if (num_launches == max_launches) {
    uint32_t wanted = max_launches ? 2 * max_launches : 64;
    void *larger = std::realloc(launches, wanted * sizeof(*launches));
    if (!larger)
      return NACRE_OUT_OF_MEMORY;
    launches = static_cast<const nacre_kernel **>(larger);
    max_launches = wanted;
  }
  launch->record = record;
  launch->number = num_launches;
  launches[num_launches++] = &kernel;
  return NACRE_OK;
}

nacre_status ItemQueue::prepare(const nacre_kernel &kernel,
                                const nacre_word *args, int64_t grid,
                                ItemLaunch *launch) {
  *launch = {};
  launch->grid = grid;
  nacre_status status = spread(kernel, args, launch);
  return status ? status : number(kernel, launch);
}

nacre_status ItemQueue::begin_wait() {
  if (num_launches == 0)
    return NACRE_OK;
  return device->download(queue, words, {record, 0}, record_bytes());
}

nacre_status ItemQueue::end_wait(nacre_fault *fault) {
  uint32_t count = num_launches;
  num_launches = 0;
  if (count == 0 || words[0] == UINT32_MAX)
    return NACRE_OK;
  uint32_t first = 1;
  for (uint32_t i = 2; i <= num_checks; ++i)
    first = words[i] < words[first] ? i : first;
  fault->kernel = launches[words[0]];
  fault->check = int32_t(first);
  std::memset(words, 0xff, record_bytes());
  nacre_status status =
      device->upload(queue, {record, 0}, words, record_bytes());
  nacre_fault none = {sizeof(none), 0, nullptr};
  if (!status)
    status = device->wait(queue, &none);
  return status ? status : NACRE_DATA_ERROR;
}
