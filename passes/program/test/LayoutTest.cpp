#include "passes/program/Layout.h"

#include <gtest/gtest.h>
#include <random>

using namespace nacre::program;

static std::vector<Lifetime> randomLifetimes(unsigned seed) {
  std::mt19937 random(seed);
  std::vector<Lifetime> values(1 + random() % 60);
  for (Lifetime &value : values) {
    value.first = random() % 40;
    value.last = value.first + random() % 12;
    value.size = 64 * (random() % 30);
  }
  return values;
}

// Values that live at the same time never share bytes.
TEST(Layout, OffsetsAreDisjoint) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::vector<Lifetime> values = randomLifetimes(seed);
    int64_t total;
    auto offsets = assignOffsets(values, total);
    EXPECT_GE(total, lowerBound(values));
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_EQ(offsets[i] % 64, 0);
      EXPECT_LE(offsets[i] + values[i].size, total);
      for (size_t k = 0; k < i; ++k)
        EXPECT_TRUE(!values[i].overlaps(values[k]) ||
                    offsets[i] + values[i].size <= offsets[k] ||
                    offsets[k] + values[k].size <= offsets[i])
            << "seed " << seed << ": " << i << " and " << k;
    }
  }
}

TEST(Layout, SlotsAreExclusive) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::vector<Lifetime> values = randomLifetimes(seed);
    unsigned numSlots;
    auto slots = assignSlots(values, numSlots);
    for (size_t i = 0; i < values.size(); ++i) {
      EXPECT_LT(slots[i], numSlots);
      for (size_t k = 0; k < i; ++k)
        EXPECT_TRUE(slots[i] != slots[k] || !values[i].overlaps(values[k]))
            << "seed " << seed << ": " << i << " and " << k;
    }
  }
}

// A chain needs its two largest neighbours, whatever its length.
TEST(Layout, ChainReachesBound) {
  std::vector<Lifetime> values;
  for (int64_t i = 0; i < 50; ++i)
    values.push_back({i, i + 1, 64 * (1 + i % 7)});
  int64_t total;
  assignOffsets(values, total);
  EXPECT_EQ(lowerBound(values), 64 * 13);
  EXPECT_LE(total, 64 * 14);
}

TEST(Layout, Empty) {
  int64_t total;
  unsigned numSlots;
  EXPECT_TRUE(assignOffsets({}, total).empty());
  EXPECT_EQ(total, 0);
  EXPECT_TRUE(assignSlots({}, numSlots).empty());
  EXPECT_EQ(numSlots, 0u);
}
