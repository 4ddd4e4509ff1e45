#include "runtime/core/pool.h"

#include "runtime/core/error.h"

#include <cstdlib>
#include <new>
#include <sched.h>

#ifndef NACRE_NO_THREADS
#include <csignal>
#include <ctime>
#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

using namespace nacre::runtime;

uint32_t nacre::runtime::available_cpus() {
#ifdef NACRE_NO_THREADS
  return 1;
#else
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0)
    return 1;
  int count = CPU_COUNT(&set);
  return count < 1 ? 1 : count > int(kMaxThreads) ? kMaxThreads : count;
#endif
}

#ifdef NACRE_NO_THREADS

namespace nacre::runtime {
struct Worker {};
} // namespace nacre::runtime

static bool start_workers(nacre_pool &pool) {
  pool.num_threads = 1;
  return true;
}
static void stop_workers(nacre_pool &) {}
static void fork_join(nacre_pool &pool, size_t count) {
  for (size_t i = 0; i < count; ++i)
    pool.task(pool.argument, i);
}

#else

namespace nacre::runtime {
/// On a cache line of its own: the caller writes it, one worker spins on it.
struct alignas(64) Worker {
  std::atomic<uint32_t> state;
  uint32_t index;
  nacre_pool *pool;
  pthread_t thread;
};
} // namespace nacre::runtime

namespace {

enum State : uint32_t { kIdle, kAsleep, kBusy, kWork, kStop };

constexpr uint32_t kCallerSleeps = 1u << 31;
/// Kernels of a run follow each other within microseconds; a futex wake costs
/// about as much as this spin, so spinning longer only burns the CPU.
constexpr long kSpinNanoseconds = 30000;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

void futex_wait(std::atomic<uint32_t> &word, uint32_t expected) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, expected, nullptr, nullptr, 0);
}

void futex_wake(std::atomic<uint32_t> &word) {
  syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, nullptr, nullptr, 0);
}

long now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000L + time.tv_nsec;
}

/// Spins until done() or the time is over; returns done().
template <typename Done>
bool spin(Done done) {
  long end = 0;
  for (;;) {
    for (int i = 0; i < 64; ++i) {
      if (done())
        return true;
      relax();
    }
    long time = now();
    if (end == 0)
      end = time + kSpinNanoseconds;
    else if (time > end)
      return false;
  }
}

/// Waits for a job and begins it; false: the pool stops.
bool begin(Worker &worker) {
  auto ready = [&] {
    return worker.state.load(std::memory_order_acquire) >= kWork;
  };
  for (;;) {
    while (!spin(ready)) {
      uint32_t idle = kIdle;
      worker.state.compare_exchange_strong(idle, kAsleep);
      while (worker.state.load(std::memory_order_acquire) == kAsleep)
        futex_wait(worker.state, kAsleep);
    }
    uint32_t state = kWork;
    if (worker.state.compare_exchange_strong(state, kBusy))
      return true;
    if (state == kStop)
      return false;
    // The caller has taken the job back.
  }
}

void *work(void *argument) {
  auto &worker = *static_cast<Worker *>(argument);
  nacre_pool &pool = *worker.pool;
  while (begin(worker)) {
    pool.task(pool.argument, worker.index);
    // Idle before done: the next job may come as soon as the last one is done.
    worker.state.store(kIdle, std::memory_order_relaxed);
    if (pool.pending.fetch_sub(1, std::memory_order_acq_rel) ==
        (kCallerSleeps | 1))
      futex_wake(pool.pending);
  }
  return nullptr;
}

void post(Worker &worker, State state) {
  if (worker.state.exchange(state, std::memory_order_acq_rel) == kAsleep)
    futex_wake(worker.state);
}

/// Takes task `i` back from a worker that has not begun it.
bool take_back(nacre_pool &pool, size_t i) {
  uint32_t state = kWork;
  if (!pool.workers[i].state.compare_exchange_strong(state, kIdle))
    return false;
  pool.pending.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

void fork_join(nacre_pool &pool, size_t count) {
  pool.pending.store(uint32_t(count - 1), std::memory_order_relaxed);
  for (size_t i = 1; i < count; ++i)
    post(pool.workers[i], kWork);
  pool.task(pool.argument, 0);
  // A worker that is still waking up is not worth waiting for.
  for (size_t i = 1; i < count; ++i)
    if (take_back(pool, i))
      pool.task(pool.argument, i);
  auto done = [&] { return pool.pending.load(std::memory_order_acquire) == 0; };
  if (spin(done))
    return;
  uint32_t left = pool.pending.fetch_or(kCallerSleeps) | kCallerSleeps;
  while (left != kCallerSleeps) {
    futex_wait(pool.pending, left);
    left = pool.pending.load(std::memory_order_acquire);
  }
}

void stop_workers(nacre_pool &pool) {
  for (uint32_t i = 1; i < pool.num_threads; ++i) {
    post(pool.workers[i], kStop);
    pthread_join(pool.workers[i].thread, nullptr);
  }
  std::free(pool.workers);
}

/// Starts workers 1 to num_threads - 1; stops them all if one cannot start.
bool start_workers(nacre_pool &pool) {
  uint32_t count = pool.num_threads;
  pool.num_threads = 1;
  if (count == 1)
    return true;
  pool.workers =
      static_cast<Worker *>(std::aligned_alloc(64, count * sizeof(Worker)));
  if (!pool.workers)
    return false;
  // Signals are for the program's own threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  bool ok = true;
  for (uint32_t i = 1; ok && i < count; ++i) {
    Worker *worker = new (&pool.workers[i]) Worker{{kIdle}, i, &pool, {}};
    ok = pthread_create(&worker->thread, nullptr, work, worker) == 0;
    pool.num_threads += ok;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (!ok)
    stop_workers(pool);
  return ok;
}

} // namespace

#endif // NACRE_NO_THREADS

void nacre_pool::run(void *user, size_t count, void (*task)(void *, size_t),
                     void *argument) {
  auto &pool = *static_cast<nacre_pool *>(user);
  if (count <= 1 || pool.busy.exchange(true, std::memory_order_acquire)) {
    for (size_t i = 0; i < count; ++i)
      task(argument, i);
    return;
  }
  pool.task = task;
  pool.argument = argument;
  fork_join(pool, count);
  pool.busy.store(false, std::memory_order_release);
}

nacre_status nacre_pool_create(uint32_t num_threads, nacre_pool **result) {
  if (!result)
    return fail(NACRE_INVALID_ARGUMENT, "pool is null");
  *result = nullptr;
  if (num_threads > kMaxThreads)
    return fail(NACRE_INVALID_ARGUMENT,
                "num_threads is %u, expected at most %u", num_threads,
                kMaxThreads);
  void *memory = std::aligned_alloc(64, sizeof(nacre_pool));
  if (!memory)
    return fail(NACRE_OUT_OF_MEMORY, "no memory for a thread pool");
  auto *pool = new (memory) nacre_pool{};
  pool->num_threads = num_threads ? num_threads : available_cpus();
  if (!start_workers(*pool)) {
    std::free(pool);
    return fail(NACRE_OUT_OF_MEMORY, "cannot start %u threads", num_threads);
  }
  *result = pool;
  return NACRE_OK;
}

void nacre_pool_destroy(nacre_pool *pool) {
  if (!pool)
    return;
  if (pool->num_threads > 1)
    stop_workers(*pool);
  std::free(pool);
}
