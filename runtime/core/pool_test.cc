#include "runtime/core/pool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace {

struct Pool {
  explicit Pool(uint32_t threads) {
    EXPECT_EQ(nacre_pool_create(threads, &pool), NACRE_OK);
  }
  ~Pool() { nacre_pool_destroy(pool); }
  nacre_pool *pool;
};

void count_up(void *argument, size_t i) {
  static_cast<std::atomic<int> *>(argument)[i]++;
}

void run_many(nacre_pool *pool, size_t count, int times) {
  std::vector<std::atomic<int>> calls(count);
  for (int i = 0; i < times; ++i) {
    nacre_pool::run(pool, count, count_up, calls.data());
    // All are done when it returns.
    for (auto &n : calls)
      ASSERT_EQ(n, i + 1);
  }
}

} // namespace

TEST(Pool, CallsEachTaskOnce) {
  for (uint32_t threads : {1, 2, 4, 7}) {
    Pool p(threads);
    for (size_t count = 0; count <= p.pool->num_threads; ++count)
      run_many(p.pool, count, 200);
  }
}

TEST(Pool, WakesWorkersThatSleep) {
  Pool p(4);
  for (int i = 0; i < 5; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    run_many(p.pool, p.pool->num_threads, 3);
  }
}

TEST(Pool, CallerSleepsUntilASlowWorkerIsDone) {
  Pool p(2);
  std::atomic<int> done{0};
  nacre_pool::run(
      p.pool, p.pool->num_threads,
      [](void *argument, size_t i) {
        if (i == 1)
          std::this_thread::sleep_for(std::chrono::milliseconds(5));
        ++*static_cast<std::atomic<int> *>(argument);
      },
      &done);
  EXPECT_EQ(done, int(p.pool->num_threads));
}

TEST(Pool, ServesSeveralCallersAtOnce) {
  Pool p(3);
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&] { run_many(p.pool, p.pool->num_threads, 500); });
  for (std::thread &caller : callers)
    caller.join();
}

TEST(Pool, RefusesBadArguments) {
  nacre_pool *pool;
  EXPECT_EQ(nacre_pool_create(2, nullptr), NACRE_INVALID_ARGUMENT);
  EXPECT_EQ(nacre_pool_create(257, &pool), NACRE_INVALID_ARGUMENT);
  EXPECT_STREQ(nacre_last_error(), "num_threads is 257, expected at most 256");
  EXPECT_EQ(pool, nullptr);
  nacre_pool_destroy(nullptr);
}

TEST(Pool, DefaultsToTheCpusOfTheProcess) {
  Pool p(0);
  EXPECT_EQ(p.pool->num_threads, nacre::runtime::available_cpus());
}
