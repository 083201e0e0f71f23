#include "vqalign/train/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

namespace vqalign {
namespace {

// The boundaries of the reference on VQA v2's train split: 443,757 questions, batches of 64.
constexpr double kStepsPerEpoch = 443757.0 / 64.0;
constexpr int64_t kEpochSteps = 6933;

double reference(int64_t step) {
  TrainOptions options;
  options.learning_rate = 1e-4;
  return learning_rate(options, step, 13 * kEpochSteps, kStepsPerEpoch);
}

TEST(Schedule, ReferenceWarmsUpInQuarters) {
  EXPECT_DOUBLE_EQ(reference(1), 0.25e-4);
  EXPECT_DOUBLE_EQ(reference(6933), 0.25e-4);
  EXPECT_DOUBLE_EQ(reference(6934), 0.5e-4);
  EXPECT_DOUBLE_EQ(reference(13867), 0.5e-4);
  EXPECT_DOUBLE_EQ(reference(13868), 0.75e-4);
  EXPECT_DOUBLE_EQ(reference(20801), 0.75e-4);
  EXPECT_DOUBLE_EQ(reference(20802), 1e-4);
}

TEST(Schedule, ReferenceDecaysAtZeroBasedEpochs10And12) {
  EXPECT_DOUBLE_EQ(reference(10 * kEpochSteps), 1e-4);
  EXPECT_DOUBLE_EQ(reference(10 * kEpochSteps + 1), 0.2e-4);
  EXPECT_DOUBLE_EQ(reference(12 * kEpochSteps), 0.2e-4);
  EXPECT_NEAR(reference(12 * kEpochSteps + 1), 0.04e-4, 1e-20);
}

TEST(Schedule, CosineRisesLinearlyAndEndsAtZero) {
  TrainOptions options;
  options.schedule = "cosine";
  options.learning_rate = 2.0;
  options.warmup = 0.1;
  EXPECT_DOUBLE_EQ(learning_rate(options, 1, 100, 10), 0.2);
  EXPECT_DOUBLE_EQ(learning_rate(options, 5, 100, 10), 1.0);
  EXPECT_DOUBLE_EQ(learning_rate(options, 10, 100, 10), 2.0);
  EXPECT_NEAR(learning_rate(options, 55, 100, 10), 1.0, 1e-12);
  EXPECT_NEAR(learning_rate(options, 100, 100, 10), 0.0, 1e-12);
}

TEST(Schedule, TheRelevanceGuidesWeightFallsToZeroAndStaysThere) {
  TrainOptions options;
  options.relevance_weight = 40;
  EXPECT_EQ(relevance_weight(options, 1000, 1000), 40);
  options.relevance_share = 0.5;
  EXPECT_EQ(relevance_weight(options, 1, 1000), 40);
  EXPECT_DOUBLE_EQ(relevance_weight(options, 251, 1000), 20);
  EXPECT_EQ(relevance_weight(options, 501, 1000), 0);
  EXPECT_EQ(relevance_weight(options, 1000, 1000), 0);
}

TEST(Schedule, OneStepTrainingHasAPositiveRate) {
  TrainOptions options;
  options.schedule = "cosine";
  EXPECT_GT(learning_rate(options, 1, 1, 0.5), 0.0);
  EXPECT_TRUE(std::isfinite(learning_rate(options, 1, 1, 0.5)));
}

}  // namespace
}  // namespace vqalign
