/// The host's processor as a device: a launch runs the kernel's function over
/// the grid on the context's workers, and is done when it returns.

#include "runtime/core/float_environment.h"
#include "runtime/device/device.h"

#include <atomic>
#include <cstdlib>
#include <cstring>

struct nacre_queue {
  const nacre_workers *workers;
  nacre_fault fault;
};

namespace {

constexpr uint64_t kAlignment = 64;

struct Launch {
  const nacre_kernel *kernel;
  const nacre_word *args;
  int64_t grid;
  int64_t parts;
  const nacre_workers *workers;
  /// Part and check of the failure with the lowest begin. Parts are in grid
  /// order, so the failure reported is the same for any number of threads.
  std::atomic<uint64_t> first;
};

/// Begin of part `i` when [0, grid) is split as evenly as possible.
int64_t part_begin(const Launch &launch, int64_t i) {
  int64_t each = launch.grid / launch.parts, more = launch.grid % launch.parts;
  return each * i + (i < more ? i : more);
}

void run_part(void *argument, size_t i) {
  auto &launch = *static_cast<Launch *>(argument);
  nacre::runtime::FloatEnvironment environment;
  int32_t check = launch.kernel->run(
      launch.args, part_begin(launch, i), part_begin(launch, i + 1),
      launch.workers->scratch + i * launch.workers->stride);
  if (check == 0)
    return;
  uint64_t mine = uint64_t(i) << 32 | uint32_t(check);
  uint64_t seen = launch.first.load(std::memory_order_relaxed);
  while (mine < seen && !launch.first.compare_exchange_weak(
                            seen, mine, std::memory_order_relaxed)) {
  }
}

nacre_status cpu_open(uint32_t ordinal, const nacre_workers *workers,
                      nacre_queue *, nacre_queue **queue) {
  if (ordinal != 0)
    return NACRE_INCOMPATIBLE;
  *queue = static_cast<nacre_queue *>(std::calloc(1, sizeof(nacre_queue)));
  if (!*queue)
    return NACRE_OUT_OF_MEMORY;
  (*queue)->workers = workers;
  return NACRE_OK;
}

void cpu_close(nacre_queue *queue) { std::free(queue); }

nacre_status cpu_info(uint32_t ordinal, nacre_device_info *info) {
  if (ordinal != 0)
    return NACRE_INCOMPATIBLE;
  info->alignment = kAlignment;
  info->host_visible = 1;
  return NACRE_OK;
}

nacre_status cpu_alloc(nacre_queue *, uint64_t bytes, void **block) {
  *block = nullptr;
  if (bytes <= SIZE_MAX / 2)
    *block = std::aligned_alloc(kAlignment,
                                (bytes + kAlignment - 1) & ~(kAlignment - 1));
  return *block ? NACRE_OK : NACRE_OUT_OF_MEMORY;
}

void cpu_free(nacre_queue *, void *block) { std::free(block); }

// The kernel in the descriptor is all there is to know about it.
nacre_status cpu_load(nacre_queue *, const nacre_kernel *kernel,
                      nacre_code **code) {
  *code = reinterpret_cast<nacre_code *>(const_cast<nacre_kernel *>(kernel));
  return NACRE_OK;
}

void cpu_unload(nacre_queue *, nacre_code *) {}

nacre_status cpu_copy(nacre_queue *queue, void *to, const void *from,
                      uint64_t bytes) {
  if (!queue->fault.kernel && bytes != 0)
    std::memcpy(to, from, bytes);
  return NACRE_OK;
}

nacre_status cpu_launch(nacre_queue *queue, nacre_code *code,
                        const nacre_word *args, int64_t grid) {
  if (queue->fault.kernel)
    return NACRE_DATA_ERROR;
  const nacre_workers *workers = queue->workers;
  Launch launch{reinterpret_cast<const nacre_kernel *>(code),
                args,
                grid,
                grid < workers->count ? grid : int64_t(workers->count),
                workers,
                {UINT64_MAX}};
  if (launch.parts == 1)
    run_part(&launch, 0);
  else
    workers->parallel_for(workers->user, launch.parts, run_part, &launch);
  uint64_t first = launch.first.load(std::memory_order_relaxed);
  if (first == UINT64_MAX)
    return NACRE_OK;
  queue->fault = {sizeof(nacre_fault), int32_t(first), launch.kernel};
  return NACRE_DATA_ERROR;
}

nacre_status cpu_wait(nacre_queue *queue, nacre_fault *fault) {
  *fault = queue->fault;
  queue->fault = {};
  return fault->kernel ? NACRE_DATA_ERROR : NACRE_OK;
}

} // namespace

extern "C" const nacre_device nacre_device_cpu = {sizeof(nacre_device),
                                                  NACRE_DEVICE_VERSION,
                                                  "cpu",
                                                  cpu_open,
                                                  cpu_close,
                                                  cpu_info, //
                                                  cpu_alloc,
                                                  cpu_free,
                                                  cpu_load,
                                                  cpu_unload,
                                                  /*upload=*/cpu_copy,
                                                  /*download=*/cpu_copy,
                                                  cpu_copy,
                                                  cpu_launch, //
                                                  cpu_wait};
