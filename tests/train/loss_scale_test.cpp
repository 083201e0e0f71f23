#include "vqalign/train/loss_scale.h"

#include <gtest/gtest.h>

namespace vqalign {
namespace {

TEST(LossScale, IsOneAndNeverToBlameUnlessDynamic) {
  LossScale scale;
  EXPECT_FALSE(scale.to_blame(false));
  for (int64_t i = 0; i < LossScale::kCleanSteps; ++i) EXPECT_FALSE(scale.to_blame(true));
  EXPECT_EQ(scale.value(), 1);
}

TEST(LossScale, HalvesAtOverflowAndDoublesAfterEnoughCleanSteps) {
  LossScale scale((LossScale::State()));
  EXPECT_TRUE(scale.to_blame(false));
  EXPECT_EQ(scale.value(), LossScale::kFirst / 2);
  for (int64_t i = 1; i < LossScale::kCleanSteps; ++i) EXPECT_FALSE(scale.to_blame(true));
  EXPECT_EQ(scale.value(), LossScale::kFirst / 2);
  EXPECT_FALSE(scale.to_blame(true));
  EXPECT_EQ(scale.state(), LossScale::State{});
  for (int64_t i = 1; i < LossScale::kCleanSteps; ++i) scale.to_blame(true);
  EXPECT_TRUE(scale.to_blame(false));
  EXPECT_FALSE(scale.to_blame(true));
  EXPECT_EQ(scale.state(), (LossScale::State{LossScale::kFirst / 2, 1}));
}

TEST(LossScale, AScaleOfOneIsNotToBlame) {
  LossScale scale({3, 0});
  EXPECT_TRUE(scale.to_blame(false));
  EXPECT_EQ(scale.value(), 1.5);
  EXPECT_TRUE(scale.to_blame(false));
  EXPECT_EQ(scale.value(), 1);
  EXPECT_FALSE(scale.to_blame(false));
}

TEST(LossScale, HasABound) {
  LossScale scale({0x1p100, LossScale::kCleanSteps - 1});
  scale.to_blame(true);
  EXPECT_EQ(scale.value(), 0x1p100);
}

}  // namespace
}  // namespace vqalign
