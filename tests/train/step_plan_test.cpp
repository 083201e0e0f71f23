#include "vqalign/train/step_plan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace vqalign {
namespace {

/// Feeds steps of `seconds` each until the plan is fixed; returns the steps that took.
int64_t measure_until_fixed(StepPlan& plan, double seconds) {
  int64_t steps = 0;
  while (plan.total_steps() == 0 && steps < 10000) {
    ++steps;
    plan.measure(seconds, static_cast<double>(steps) * seconds, steps);
  }
  return steps;
}

TEST(StepPlan, EpochsAloneFixTheNumberAtOnce) {
  const StepPlan plan({.steps_per_epoch = 7, .epochs = 3, .minutes = {}});
  EXPECT_EQ(plan.total_steps(), 21);
  EXPECT_FALSE(plan.out_of_time(1e9, 0));
}

TEST(StepPlan, MinutesAreFilledAndNotOverrun) {
  StepPlan plan({.steps_per_epoch = 50, .epochs = {}, .minutes = 10, .evaluation_share = 0.2});
  const int64_t measured = measure_until_fixed(plan, 1.0);
  EXPECT_LT(measured, 20);
  const double epochs = static_cast<double>(plan.total_steps()) / 50.0;
  const double cost = static_cast<double>(plan.total_steps()) + (epochs + 1) * 10.0;
  EXPECT_LE(cost, 612);  // an evaluation after the unfinished epoch is counted generously here
  EXPECT_GE(cost, 0.85 * 600);
}

TEST(StepPlan, AScoringMayTakeLongerThanItsShareOfSteps) {
  StepPlan plan({.steps_per_epoch = 50, .epochs = {}, .minutes = 10, .evaluation_share = 0.2});
  int64_t steps = 0;
  while (plan.total_steps() == 0) {
    ++steps;
    plan.measure(1.0, static_cast<double>(steps), steps, 40.0);
  }
  // 0.94 * 600 - 2 seconds less those spent, in epochs of 50 steps and 10 + 40 seconds of scoring.
  const double left = 562.0 - static_cast<double>(steps);
  const double whole = std::floor(left / 100);
  const double rest = std::floor(std::max(0.0, left - whole * 100 - 50));
  EXPECT_EQ(plan.total_steps(), steps + static_cast<int64_t>(whole * 50 + rest));
}

TEST(StepPlan, ObjectsHaveTheirShareOfTheSteps) {
  const StepPlan plan({.steps_per_epoch = 50, .epochs = 4, .minutes = {}, .object_share = 0.25});
  EXPECT_EQ(plan.total_steps(), 200);
  EXPECT_TRUE(plan.objects_only(49));
  EXPECT_FALSE(plan.objects_only(50));
  EXPECT_FALSE(StepPlan({.steps_per_epoch = 50, .epochs = 4, .minutes = {}}).objects_only(0));
}

TEST(StepPlan, ObjectsHaveTheirShareOfTheMinutes) {
  StepPlan plan({.steps_per_epoch = 1000, .epochs = {}, .minutes = 10, .object_share = 0.25});
  double spent = 0;
  int64_t steps = 0;
  while (plan.objects_only(steps)) plan.measure(0.5, spent += 0.5, ++steps);
  EXPECT_NEAR(spent, 150, 1);
  EXPECT_EQ(plan.total_steps(), 0);
  while (plan.total_steps() == 0) plan.measure(2.0, spent += 2.0, ++steps);
  EXPECT_NEAR(static_cast<double>(plan.total_steps() - *plan.object_steps()) * 2, 450, 40);
  StepPlan resumed({.steps_per_epoch = 1000, .epochs = {}, .minutes = 10, .object_share = 0.25});
  resumed.fix_object_steps(30);
  EXPECT_TRUE(resumed.objects_only(29));
  EXPECT_FALSE(resumed.objects_only(30));
}

TEST(StepPlan, WithBothLimitsTheFirstToEndCounts) {
  StepPlan few_epochs({.steps_per_epoch = 10, .epochs = 2, .minutes = 1000});
  measure_until_fixed(few_epochs, 1.0);
  EXPECT_EQ(few_epochs.total_steps(), 20);
  StepPlan few_minutes({.steps_per_epoch = 1000, .epochs = 50, .minutes = 2});
  measure_until_fixed(few_minutes, 1.0);
  EXPECT_LT(few_minutes.total_steps(), 120);
  EXPECT_GT(few_minutes.total_steps(), 80);
}

TEST(StepPlan, EpochsBoundObjectsAndQuestionsBesideMinutes) {
  for (const int64_t steps_per_epoch : {1, 3, 10, 100, 1000}) {
    StepPlan plan(
        {.steps_per_epoch = steps_per_epoch, .epochs = 2, .minutes = 1000, .object_share = 0.25});
    int64_t steps = 0;
    while (plan.total_steps() == 0 || steps < plan.total_steps()) {
      ++steps;
      plan.measure(0.01, 0.01 * static_cast<double>(steps), steps);
      ASSERT_LE(steps, 2 * steps_per_epoch);
    }
    EXPECT_EQ(steps, 2 * steps_per_epoch);
    EXPECT_EQ(plan.object_steps(), steps_per_epoch / 2) << steps_per_epoch;
  }
}

TEST(StepPlan, TooLittleTimeStillEndsAfterTheMeasuredSteps) {
  StepPlan plan({.steps_per_epoch = 100, .epochs = {}, .minutes = 0.05});
  const int64_t measured = measure_until_fixed(plan, 2.0);
  EXPECT_EQ(plan.total_steps(), measured);
}

TEST(StepPlan, AResumedPlanKeepsItsNumber) {
  StepPlan plan({.steps_per_epoch = 100, .epochs = {}, .minutes = 60});
  plan.fix(1234);
  plan.measure(5.0, 5.0, 1);
  EXPECT_EQ(plan.total_steps(), 1234);
}

TEST(StepPlan, ASlowedMachineIsStopped) {
  const StepPlan plan({.steps_per_epoch = 100, .epochs = {}, .minutes = 1});
  EXPECT_FALSE(plan.out_of_time(40, 5));
  EXPECT_TRUE(plan.out_of_time(56, 5));
}

}  // namespace
}  // namespace vqalign
