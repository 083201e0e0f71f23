#include "vqalign/bench/timing.h"

#include <gtest/gtest.h>

#include <map>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

TEST(Quantile, InterpolatesBetweenSortedNeighbours) {
  EXPECT_DOUBLE_EQ(quantile({7}, 0.25), 7);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3}, 0.5), 3);
  EXPECT_DOUBLE_EQ(quantile({4, 1, 3, 2}, 0.5), 2.5);
  EXPECT_DOUBLE_EQ(quantile({10, 40, 20, 30}, 0.25), 17.5);
  EXPECT_DOUBLE_EQ(quantile({5, 9, 1}, 0), 1);
  EXPECT_DOUBLE_EQ(quantile({5, 9, 1}, 1), 9);
}

TEST(Summary, RatiosAreTakenWithinARound) {
  // The machine slows down tenfold in the second round: medians of seconds would say 20 / 10.
  const std::vector<Timing> timings =
      summarise({{{1, 2}, {1.5, 2}}, {{10, 2}, {20, 3}}, {{10, 1}, {15, 4}}});
  EXPECT_DOUBLE_EQ(timings[0].seconds, 10);
  EXPECT_DOUBLE_EQ(timings[0].ratio, 1);
  EXPECT_DOUBLE_EQ(timings[1].seconds, 15);
  EXPECT_DOUBLE_EQ(timings[1].ratio, 1.5);
  EXPECT_DOUBLE_EQ(timings[1].ratio_low, 1.5);
  EXPECT_DOUBLE_EQ(timings[1].ratio_high, 1.75);
  EXPECT_DOUBLE_EQ(timings[0].cpu_ratio, 1);
  EXPECT_DOUBLE_EQ(timings[1].cpu_ratio, 1.5);
}

TEST(SideBySide, EveryContenderRunsOnceARoundAndOnceToWarmUp) {
  std::vector<char> runs;
  const std::vector<Contender> contenders = {{"a", [&] { runs.push_back('a'); }},
                                             {"b", [&] { runs.push_back('b'); }},
                                             {"c", [&] { runs.push_back('c'); }}};
  SilentProgress progress;
  const auto timings = time_side_by_side(contenders, 40, "test", progress, CancelToken());
  EXPECT_EQ(timings.size(), 3u);
  ASSERT_EQ(runs.size(), 3u * 41);
  std::map<std::string, int> orders;
  for (std::size_t i = 0; i < runs.size(); i += 3) {
    std::string order(runs.begin() + i, runs.begin() + i + 3);
    ++orders[order];
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, "abc");
  }
  EXPECT_EQ(orders.size(), 6u);  // nobody always runs after the same one
}

TEST(SideBySide, StopsBetweenTwoRuns) {
  CancelToken cancel;
  int runs = 0;
  const std::vector<Contender> contenders = {{"a", [&] {
                                                ++runs;
                                                cancel.request();
                                              }}};
  SilentProgress progress;
  EXPECT_THROW(time_side_by_side(contenders, 5, "test", progress, cancel), Cancelled);
  EXPECT_EQ(runs, 1);
}

TEST(ThoseThatRun, WhatThrowsIsLeftOutAndTold) {
  int runs = 0;
  const std::vector<Contender> contenders = {
      {"a", [] { throw std::runtime_error("too much\nException raised from there"); }},
      {"b", [&] { ++runs; }},
      {"c", [] { throw std::bad_alloc(); }},
      {"d", [] {}}};
  SilentProgress progress;
  const auto outcomes = time_those_that_run(contenders, 3, "test", progress, CancelToken());
  ASSERT_EQ(outcomes.size(), 4u);
  EXPECT_EQ(outcomes[0].problem, "too much");
  EXPECT_NE(outcomes[2].problem, "");
  for (const std::size_t i : {0, 2}) EXPECT_FALSE(outcomes[i].timing.has_value()) << i;
  for (const std::size_t i : {1, 3}) {
    EXPECT_EQ(outcomes[i].problem, "") << i;
    EXPECT_TRUE(outcomes[i].timing.has_value()) << i;
  }
  EXPECT_EQ(runs, 5);
  EXPECT_DOUBLE_EQ(outcomes[1].timing->ratio, 1);

  const auto none = time_those_that_run({contenders.data(), 1}, 3, "test", progress, CancelToken());
  EXPECT_FALSE(none.at(0).timing.has_value());
}

TEST(ThoseThatRun, AStopIsNoProblemOfAContender) {
  const std::vector<Contender> contenders = {{"a", [] { throw Cancelled(); }}};
  SilentProgress progress;
  EXPECT_THROW(time_those_that_run(contenders, 1, "test", progress, CancelToken()), Cancelled);
}

}  // namespace
}  // namespace vqalign
