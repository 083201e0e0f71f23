#include "vqalign/train/training_state.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

TEST(TrainingStateFile, ComesBackAndRefusesDamage) {
  const fs::path path = fs::path(testing::TempDir()) / "state_test.state";
  TrainingState state;
  state.tensors = {{"model.w", torch::randn({3, 2})}};
  state.progress = {.epoch = 3,
                    .step_in_epoch = 7,
                    .step = 99,
                    .total_steps = 200,
                    .object_steps = 50,
                    .unscored = true,
                    .dropout_stream = 123456,
                    .best_epoch = 2,
                    .best_overall = 61.25,
                    .seconds = 12.5,
                    .threads = 2,
                    .device = "cuda",
                    .loss_scale = {4096, 17}};
  state.setting = Json::object().set("seed", 4);
  save_state(path, state);
  const TrainingState back = load_state(path);
  EXPECT_EQ(back.progress, state.progress);
  EXPECT_EQ(back.setting, state.setting);
  EXPECT_TRUE(torch::equal(back.tensors[0].second, state.tensors[0].second));
  state.progress.loss_scale.scale = 0.5;
  save_state(path, state);
  EXPECT_THROW(load_state(path), Error);
  const auto size = fs::file_size(path);
  fs::resize_file(path, size / 2);
  EXPECT_THROW(load_state(path), Error);
  fs::remove(path);
  EXPECT_THROW(load_state(path), Error);
}

}  // namespace
}  // namespace vqalign
