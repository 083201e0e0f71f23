#include "vqalign/inspect/attention_map.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vqalign::test {
namespace {

AttentionMap two_by_three() {
  return {{AttentionFamily::kGuided, 1, 0}, 2, 3, {0.5F, 0.5F, 0, 0.25F, 0.25F, 0.5F}};
}

TEST(AttentionMap, WhatAQueryGivesIsItsRow) {
  EXPECT_EQ(given(two_by_three(), 1), (std::vector<double>{0.25, 0.25, 0.5}));
}

TEST(AttentionMap, WhatAKeyReceivesIsItsColumnAsShares) {
  double total = 0;
  const std::vector<double> shares = received(two_by_three(), 0, &total);
  EXPECT_EQ(total, 0.75);
  EXPECT_DOUBLE_EQ(shares[0], 2.0 / 3);
  EXPECT_DOUBLE_EQ(shares[1], 1.0 / 3);
  EXPECT_EQ(received(two_by_three(), 2), (std::vector<double>{0, 1}));
}

TEST(AttentionMap, AKeyThatNothingLooksAtReceivesNothing) {
  AttentionMap map = two_by_three();
  map.weights = {1, 0, 0, 1, 0, 0};
  double total = 7;
  EXPECT_EQ(received(map, 1, &total), (std::vector<double>{0, 0}));
  EXPECT_EQ(total, 0);
}

TEST(AttentionMap, HeadsAreTakenTogetherElementByElement) {
  const AttentionMap one = two_by_three();
  AttentionMap other = one;
  other.site.head = 1;
  other.weights = {0, 0, 1, 1, 0, 0};
  const AttentionMap mean = aggregate({&one, &other}, HeadAggregate::kMean);
  EXPECT_EQ(mean.weights, (std::vector<float>{0.25F, 0.25F, 0.5F, 0.625F, 0.125F, 0.25F}));
  EXPECT_TRUE(mean.rows_are_shares);
  EXPECT_EQ(mean.site, (HeadSite{AttentionFamily::kGuided, 1, AttentionMap::kAllHeads}));
  const AttentionMap most = aggregate({&one, &other}, HeadAggregate::kMax);
  EXPECT_EQ(most.weights, (std::vector<float>{0.5F, 0.5F, 1, 1, 0.25F, 0.5F}));
  EXPECT_FALSE(most.rows_are_shares);
  EXPECT_TRUE(aggregate({&one}, HeadAggregate::kMax).rows_are_shares);
}

TEST(AttentionMap, StatisticsAreMeansOverRows) {
  const HeadStatistics statistics = map_statistics(two_by_three());
  const double first = std::log(2), second = 2 * 0.25 * std::log(4) + 0.5 * std::log(2);
  EXPECT_NEAR(statistics.entropy, (first + second) / 2 / std::log(3), 1e-7);
  EXPECT_NEAR(statistics.peak, 0.5, 1e-7);
}

TEST(AttentionMap, EntropyEndsAtNoughtAndOne) {
  AttentionMap map = two_by_three();
  map.weights = {0, 1, 0, 0, 0, 1};
  EXPECT_EQ(map_statistics(map).entropy, 0);
  EXPECT_EQ(map_statistics(map).peak, 1);
  map.weights.assign(6, 1.0F / 3);
  EXPECT_NEAR(map_statistics(map).entropy, 1, 1e-6);
  const AttentionMap narrow{{}, 2, 1, {1, 1}};
  EXPECT_EQ(map_statistics(narrow).entropy, 0);
  EXPECT_EQ(map_statistics({}).peak, 0);
}

}  // namespace
}  // namespace vqalign::test
