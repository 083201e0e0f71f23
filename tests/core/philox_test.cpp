#include "vqalign/core/philox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace vqalign {
namespace {

using Words = std::array<uint32_t, 4>;

// Known answers published with Random123 (Salmon et al., SC 2011).
TEST(Philox, KnownAnswers) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, {0xffffffff, 0xffffffff}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, StreamsAndSeedsDiffer) {
  Random a(1, 0), b(1, 1), c(2, 0), again(1, 0);
  const uint32_t first = a();
  EXPECT_EQ(first, again());
  EXPECT_NE(first, b());
  EXPECT_NE(first, c());
}

TEST(Random, PositionCountsWords) {
  Random random(3);
  EXPECT_EQ(random.position(), 0u);
  for (uint64_t i = 1; i < 20; ++i) {
    random();
    EXPECT_EQ(random.position(), i);
  }
}

TEST(Random, BelowIsUniform) {
  Random random(7);
  std::vector<int> counts(10);
  for (int i = 0; i < 100000; ++i) ++counts[random.below(10)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 400);
}

TEST(Random, UniformStaysInRange) {
  Random random(8);
  double sum = 0;
  for (int i = 0; i < 100000; ++i) {
    const double value = random.uniform(-2, 4);
    ASSERT_GE(value, -2);
    ASSERT_LT(value, 4);
    sum += value;
  }
  EXPECT_NEAR(sum / 100000, 1.0, 0.03);
}

TEST(Random, ShuffleKeepsEveryItemAndMovesThem) {
  std::vector<int> items(100);
  std::iota(items.begin(), items.end(), 0);
  const std::vector<int> before = items;
  Random random(9);
  random.shuffle(items);
  EXPECT_NE(items, before);
  std::sort(items.begin(), items.end());
  EXPECT_EQ(items, before);
}

TEST(Random, SamplesAreTheFirstOfAShuffle) {
  std::vector<std::size_t> all(50);
  std::iota(all.begin(), all.end(), std::size_t{0});
  Random(4, 7).shuffle(all);
  EXPECT_EQ(Random(4, 7).sample(50, 12), std::vector<std::size_t>(all.begin(), all.begin() + 12));
  EXPECT_EQ(Random(4, 7).sample(50, 0), all);
  EXPECT_EQ(Random(4, 7).sample(50, 51), all);
  EXPECT_TRUE(Random(4, 7).sample(0, 3).empty());
}

}  // namespace
}  // namespace vqalign
