#include "vqalign/train/experiment/run_times.h"

#include <gtest/gtest.h>

namespace vqalign {
namespace {

TEST(RunTimes, AreNotKnownBeforeARunSucceeded) {
  EXPECT_FALSE(RunTimes().left({10, 20}, 4, 2));
}

TEST(RunTimes, AreThoseOfTheMeanRunSharedByJobs) {
  RunTimes times;
  times.succeeded(100);
  times.succeeded(200);
  EXPECT_DOUBLE_EQ(*times.left({}, 3, 1), 450);
  EXPECT_DOUBLE_EQ(*times.left({50}, 2, 1), 400);
  EXPECT_DOUBLE_EQ(*times.left({50, 100}, 2, 2), 225);
}

TEST(RunTimes, OfALateRunTakeNothingFromTheOthers) {
  RunTimes times;
  times.succeeded(100);
  EXPECT_DOUBLE_EQ(*times.left({1000}, 3, 1), 300);
  EXPECT_DOUBLE_EQ(*times.left({1000}, 0, 1), 0);
}

TEST(RunTimes, AreAtLeastTheLongestRest) {
  RunTimes times;
  times.succeeded(100);
  EXPECT_DOUBLE_EQ(*times.left({10}, 0, 4), 90);
}

}  // namespace
}  // namespace vqalign
