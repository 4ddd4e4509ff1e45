#include "runtime/core/mirror.h"

#include <gtest/gtest.h>

using namespace nacre::runtime;

namespace {

/// A mirror in the host's own memory: what it finds does not matter.
struct MirrorTest : ::testing::Test {
  void SetUp() override {
    device = find_device("cpu");
    ASSERT_EQ(device->open(0, nullptr, nullptr, &queue), NACRE_OK);
    mirror.init(device, queue);
  }
  void TearDown() override {
    mirror.destroy();
    device->close(queue);
  }
  nacre_place place(const void *host) {
    nacre_place result;
    EXPECT_TRUE(mirror.find(host, &result));
    return result;
  }

  const nacre_device *device = nullptr;
  nacre_queue *queue = nullptr;
  Mirror mirror;
  char block[1000];
};

} // namespace

TEST_F(MirrorTest, FindsPartsOfBlocks) {
  ASSERT_TRUE(mirror.bind(block + 500, 100, Mirror::Run));
  ASSERT_TRUE(mirror.bind(block, 500, Mirror::Run));
  nacre_place first = place(block), second = place(block + 500);
  EXPECT_NE(first.block, second.block);
  EXPECT_EQ(first.offset, 0u);
  EXPECT_EQ(place(block + 499).block, first.block);
  EXPECT_EQ(place(block + 499).offset, 499u);
  EXPECT_EQ(place(block + 533).block, second.block);
  EXPECT_EQ(place(block + 533).offset, 33u);
  // An empty tensor may lie at the end.
  EXPECT_EQ(place(block + 600).block, second.block);
}

TEST_F(MirrorTest, FindsNothingForWhatIsNotBound) {
  ASSERT_TRUE(mirror.bind(block + 100, 100, Mirror::Run));
  EXPECT_EQ(place(block).block, nullptr);
  EXPECT_EQ(place(block + 201).block, nullptr);
  mirror.unbind(block + 100);
  EXPECT_EQ(place(block + 100).block, nullptr);
}

TEST_F(MirrorTest, SharesBytesOfTwoNames) {
  ASSERT_TRUE(mirror.bind(block, 100, Mirror::Run));
  nacre_place before = place(block);
  ASSERT_TRUE(mirror.bind(block, 80, Mirror::Run));
  EXPECT_EQ(place(block).block, before.block);
  EXPECT_TRUE(mirror.covers(block, 100));
  EXPECT_TRUE(mirror.covers(block + 40, 60));
  EXPECT_FALSE(mirror.covers(block + 40, 61));
  ASSERT_TRUE(mirror.bind(block, 200, Mirror::Run));
  EXPECT_TRUE(mirror.covers(block, 200));
}

TEST_F(MirrorTest, KeepsWhatStays) {
  int own;
  ASSERT_TRUE(mirror.bind(block, 100, Mirror::Stays, &own));
  ASSERT_TRUE(mirror.bind(block + 100, 100, Mirror::Stays));
  ASSERT_TRUE(mirror.bind(block + 200, 100, Mirror::Run));
  void *stays = place(block + 100).block;
  place(block + 200);
  uint64_t bytes = mirror.bytes();
  for (int run = 0; run < 3; ++run) {
    mirror.begin_run();
    EXPECT_EQ(place(block + 10).block, &own);
    EXPECT_EQ(place(block + 110).block, stays);
    EXPECT_EQ(place(block + 210).block, nullptr);
    // A run that is like the one before takes no memory.
    ASSERT_TRUE(mirror.bind(block + 600, 100, Mirror::Run));
    EXPECT_NE(place(block + 600).block, nullptr);
    EXPECT_EQ(mirror.bytes(), bytes);
    mirror.end_run();
  }
}

TEST_F(MirrorTest, HoldsManyBlocks) {
  for (int i = 99; i >= 0; --i)
    ASSERT_TRUE(mirror.bind(block + 10 * i, 10, Mirror::Run));
  for (int i = 0; i < 100; i += 2)
    mirror.unbind(block + 10 * i);
  for (int i = 1; i < 100; i += 2)
    EXPECT_EQ(place(block + 10 * i + 3).offset, 3u);
}
