/// The host's processor as a device: a launch runs the kernel's function over
/// the grid on the context's workers, and is done when it returns.

#include "runtime/core/float_environment.h"
#include "runtime/device/device.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {
struct Part;
} // namespace

struct nacre_queue {
  const nacre_workers *workers;
  nacre_fault fault;
  /// One per worker.
  Part *parts;
  /// Scratch of kernels whose need depends on sizes: grows, and is kept.
  char *open_scratch;
  uint64_t open_bytes;
};

namespace {

constexpr uint64_t kAlignment = 64;
/// More than any memory has; times a number of threads still no overflow.
constexpr uint64_t kScratchLimit = uint64_t(1) << 40;
/// Pieces in which a worker does its own part: what is left can be taken by one
/// that is done.
constexpr int64_t kPieces = 8;

/// A range of the grid that one worker does, unless others help.
struct alignas(64) Part {
  std::atomic<int64_t> next;
  int64_t end, piece;
  /// The first point of the piece of this worker that failed, and its check.
  int64_t failed_at;
  int32_t check;
};

struct Launch {
  const nacre_kernel *kernel;
  const nacre_word *args;
  Part *parts;
  int64_t count;
  char *scratch;
  uint64_t stride;
};

/// Splits [0, grid) as evenly as possible.
void split(const Launch &launch, int64_t grid) {
  int64_t each = grid / launch.count, more = grid % launch.count, begin = 0;
  for (int64_t i = 0; i < launch.count; ++i) {
    Part &part = launch.parts[i];
    int64_t size = each + (i < more);
    part.next.store(begin, std::memory_order_relaxed);
    part.end = begin += size;
    part.piece = size < kPieces ? 1 : size / kPieces;
    part.check = 0;
  }
}

/// Does what is left of `part`; `worker` keeps the first failure of its
/// pieces. Pieces of a part begin in order, so those after a failure cannot
/// hold the first one.
void finish(const Launch &launch, Part &part, size_t worker) {
  Part &own = launch.parts[worker];
  for (;;) {
    int64_t begin = part.next.fetch_add(part.piece, std::memory_order_relaxed);
    if (begin >= part.end)
      return;
    int64_t end = begin + part.piece;
    int32_t check =
        launch.kernel->run(launch.args, begin, end < part.end ? end : part.end,
                           launch.scratch + worker * launch.stride);
    if (check == 0)
      continue;
    part.next.store(part.end, std::memory_order_relaxed);
    if (own.check == 0 || begin < own.failed_at) {
      own.failed_at = begin;
      own.check = check;
    }
    return;
  }
}

/// A worker does its own part, then helps with those of others.
void run_parts(void *argument, size_t worker) {
  const auto &launch = *static_cast<const Launch *>(argument);
  nacre::runtime::FloatEnvironment environment;
  for (int64_t i = 0; i < launch.count; ++i)
    finish(launch, launch.parts[(worker + i) % launch.count], worker);
}

/// The check that fails at the lowest point, whoever came there: the same for
/// any number of threads; 0 if none fails.
int32_t first_failure(const Launch &launch) {
  const Part *first = nullptr;
  for (int64_t i = 0; i < launch.count; ++i) {
    const Part &part = launch.parts[i];
    if (part.check != 0 && (!first || part.failed_at < first->failed_at))
      first = &part;
  }
  return first ? first->check : 0;
}

nacre_status cpu_open(uint32_t ordinal, const nacre_workers *workers,
                      nacre_queue *, nacre_queue **queue) {
  if (ordinal != 0)
    return NACRE_INCOMPATIBLE;
  *queue = static_cast<nacre_queue *>(std::calloc(1, sizeof(nacre_queue)));
  if (!*queue)
    return NACRE_OUT_OF_MEMORY;
  (*queue)->workers = workers;
  if (!workers)
    return NACRE_OK;
  (*queue)->parts = static_cast<Part *>(
      std::aligned_alloc(alignof(Part), workers->count * sizeof(Part)));
  if ((*queue)->parts) {
    for (uint32_t i = 0; i < workers->count; ++i)
      new (&(*queue)->parts[i]) Part{};
    return NACRE_OK;
  }
  std::free(*queue);
  return NACRE_OUT_OF_MEMORY;
}

void cpu_close(nacre_queue *queue) {
  std::free(queue->open_scratch);
  std::free(queue->parts);
  std::free(queue);
}

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

char *address(nacre_place place) {
  return static_cast<char *>(place.block) + place.offset;
}

nacre_status move(nacre_queue *queue, void *to, const void *from,
                  uint64_t bytes) {
  if (!queue->fault.kernel && bytes != 0)
    std::memcpy(to, from, bytes);
  return NACRE_OK;
}

nacre_status cpu_upload(nacre_queue *queue, nacre_place to, const void *from,
                        uint64_t bytes) {
  return move(queue, address(to), from, bytes);
}

nacre_status cpu_download(nacre_queue *queue, void *to, nacre_place from,
                          uint64_t bytes) {
  return move(queue, to, address(from), bytes);
}

nacre_status cpu_copy(nacre_queue *queue, nacre_place to, nacre_place from,
                      uint64_t bytes) {
  return move(queue, address(to), address(from), bytes);
}

/// Gives each worker of `launch` the scratch that its sizes ask for.
nacre_status make_open_scratch(nacre_queue *queue, Launch &launch) {
  uint64_t bytes = launch.kernel->open_scratch(launch.args);
  if (bytes >= kScratchLimit)
    return NACRE_OUT_OF_MEMORY;
  launch.stride = (bytes + kAlignment - 1) & ~(kAlignment - 1);
  uint64_t all = launch.stride * uint64_t(launch.count);
  if (all > queue->open_bytes) {
    std::free(queue->open_scratch);
    queue->open_scratch =
        static_cast<char *>(std::aligned_alloc(kAlignment, all));
    queue->open_bytes = queue->open_scratch ? all : 0;
    if (!queue->open_scratch)
      return NACRE_OUT_OF_MEMORY;
  }
  launch.scratch = queue->open_scratch;
  return NACRE_OK;
}

nacre_status cpu_launch(nacre_queue *queue, nacre_code *code,
                        const nacre_word *args, const nacre_place *,
                        int64_t grid) {
  if (queue->fault.kernel)
    return NACRE_DATA_ERROR;
  const nacre_workers *workers = queue->workers;
  Launch launch{reinterpret_cast<const nacre_kernel *>(code),
                args,
                queue->parts,
                grid < workers->count ? grid : int64_t(workers->count),
                workers->scratch,
                workers->stride};
  if (launch.kernel->open_scratch)
    if (nacre_status status = make_open_scratch(queue, launch))
      return status;
  split(launch, grid);
  if (launch.count == 1)
    run_parts(&launch, 0);
  else
    workers->parallel_for(workers->user, launch.count, run_parts, &launch);
  int32_t check = first_failure(launch);
  if (check == 0)
    return NACRE_OK;
  queue->fault = {sizeof(nacre_fault), check, launch.kernel};
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
                                                  cpu_upload,
                                                  cpu_download,
                                                  cpu_copy,
                                                  cpu_launch, //
                                                  cpu_wait};
