#include "runtime/core/memory.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

using nacre::runtime::BlockCache;

namespace {

struct BlockCacheTest : ::testing::Test {
  void SetUp() override {
    device = nacre::runtime::find_device("cpu");
    ASSERT_EQ(device->open(0, nullptr, nullptr, &queue), NACRE_OK);
    cache.init(device, queue);
  }
  void TearDown() override {
    cache.destroy();
    device->close(queue);
  }
  const nacre_device *device;
  nacre_queue *queue;
  BlockCache cache;
};

} // namespace

TEST_F(BlockCacheTest, AlignsAndHasRoom) {
  for (uint64_t bytes : {0, 1, 63, 64, 65, 511, 513, 1000, 4097, 1 << 20}) {
    void *block = cache.take(bytes);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(block) % 64, 0u);
    std::memset(block, 0xab, bytes);
  }
}

TEST_F(BlockCacheTest, RefusesWhatCannotBe) {
  EXPECT_EQ(cache.take(UINT64_MAX), nullptr);
  EXPECT_EQ(cache.take(uint64_t(1) << 62), nullptr);
}

TEST_F(BlockCacheTest, GivesOnlyWhatItTook) {
  char other;
  EXPECT_FALSE(cache.give(&other));
  void *block = cache.take(100);
  EXPECT_TRUE(cache.give(block));
  EXPECT_FALSE(cache.give(block));
}

TEST_F(BlockCacheTest, SecondRunTakesNothingNew) {
  const std::vector<uint64_t> sizes = {100,  60, 100,     5000,
                                       4900, 60, 1 << 20, 90};
  auto run = [&] {
    std::vector<void *> held;
    for (size_t i = 0; i < sizes.size(); ++i) {
      held.push_back(cache.take(sizes[i]));
      if (i % 3 == 2) {
        cache.give(held[i - 1]);
        held[i - 1] = nullptr;
      }
    }
    for (void *block : held)
      if (block)
        cache.give(block);
    cache.end_run();
  };
  run();
  uint64_t bytes = cache.bytes();
  for (int i = 0; i < 50; ++i)
    run();
  EXPECT_EQ(cache.bytes(), bytes);
}

TEST_F(BlockCacheTest, DropsWhatIsLongUnused) {
  for (uint64_t i = 1; i < 200; ++i) {
    cache.give(cache.take(i * 4096));
    cache.end_run();
  }
  EXPECT_LT(cache.bytes(), 20u * 220 * 4096);
  for (int i = 0; i < 20; ++i)
    cache.end_run();
  EXPECT_EQ(cache.bytes(), 0u);
}
