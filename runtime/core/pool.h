#ifndef NACRE_CORE_POOL_H
#define NACRE_CORE_POOL_H

#include "nacre/runtime.h"

#include <atomic>

namespace nacre::runtime {

constexpr uint32_t kMaxThreads = 256;

/// CPUs that the process may use, in [1, kMaxThreads].
uint32_t available_cpus();

struct Worker;

} // namespace nacre::runtime

/// A fork-join pool. The caller of `run` is worker 0; the others spin shortly
/// for the next job and then sleep. Only the workers that a job needs are
/// woken; the caller does what none of them has begun when it is done itself.
struct nacre_pool {
  uint32_t num_threads;
  nacre::runtime::Worker *workers;
  /// Set while one context uses the workers.
  std::atomic<bool> busy;
  /// Workers that still run the job; the top bit says that the caller sleeps.
  alignas(64) std::atomic<uint32_t> pending;
  void (*task)(void *, size_t);
  void *argument;

  /// task(argument, i) for all i in [0, count), count <= num_threads; without
  /// workers if another thread uses them. A nacre_parallel_for.
  static void run(void *pool, size_t count, void (*task)(void *, size_t),
                  void *argument);
};

#endif // NACRE_CORE_POOL_H
