#pragma once

#include <gtest/gtest.h>
#include <torch/types.h>

#include <filesystem>

#include "vqalign/core/error.h"
#include "vqalign/data/scenes.h"
#include "vqalign/train/trainer.h"
#include "vqalign/train/training_state.h"

namespace vqalign {

namespace fs = std::filesystem;

/// Asks for a stop once `after` samples were trained on, or when a stage of that name begins.
class StoppingProgress : public SilentProgress {
 public:
  StoppingProgress(CancelToken& token, int64_t after, std::string stage = {})
      : token_(token), after_(after), stage_(std::move(stage)) {}
  void begin(const std::string& stage, int64_t, const std::string&, int64_t) override {
    training_ = stage == "training" || stage == "objects";
    if (stage == stage_) token_.request();
  }
  void update(int64_t done, const std::string&) override {
    if (training_ && done >= after_) token_.request();
  }

 private:
  CancelToken& token_;
  int64_t after_;
  std::string stage_;
  bool training_ = false;
};

/// A dataset of drawn scenes and requests to train tiny models on it.
class TrainingTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    data_ =
        fs::path(testing::TempDir()) /
        concat("training_scenes_", testing::UnitTest::GetInstance()->current_test_suite()->name());
    SilentProgress progress;
    CancelToken cancel;
    SceneOptions options;
    options.max_objects = 3;
    write_scenes(data_, 96, 32, 0, options, 5, progress, cancel);
  }
  static void TearDownTestSuite() { fs::remove_all(data_); }

  void SetUp() override {
    folder_ =
        fs::path(testing::TempDir()) /
        (std::string("training_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  TrainRequest request(const std::string& name) const {
    TrainRequest request;
    request.options = load_recipe("scenes");
    const OptionTree tree = request.options.options();
    for (const char* setting :
         {"vision.channels=4,4,8,8", "vision.pixels=4096", "model.layers=2", "model.hidden=16",
          "model.heads=2", "model.feed_forward=16", "model.pooling_hidden=8", "model.pooled=16",
          "model.dropout=0.2", "language.word_width=8", "train.batch_size=16", "align.kind=ct",
          "train.half=false", "data.questions_per_picture=2"}) {
      set_option(tree, setting);
    }
    request.train.directory = data_;
    request.train.split = "train";
    request.validation = request.train;
    request.validation->split = "val";
    request.out = folder_ / name;
    request.epochs = 2;
    return request;
  }

  static TrainSummary train(const TrainRequest& request) {
    SilentProgress progress;
    CancelToken cancel;
    return train_model(request, progress, cancel);
  }

  /// What the training's state holds when it was stopped after so many samples,
  /// or as a stage began.
  static TrainingState state_after(TrainRequest request, int64_t samples,
                                   const std::string& stage = {}) {
    CancelToken cancel;
    StoppingProgress stopping(cancel, samples, stage);
    EXPECT_THROW(train_model(request, stopping, cancel), Cancelled);
    return load_state(state_path(request.out));
  }

  static void expect_same_tensors(const fs::path& a, const fs::path& b) {
    const TrainingState first = load_state(state_path(a)), second = load_state(state_path(b));
    ASSERT_EQ(first.tensors.size(), second.tensors.size());
    for (std::size_t i = 0; i < first.tensors.size(); ++i) {
      EXPECT_EQ(first.tensors[i].first, second.tensors[i].first);
      EXPECT_TRUE(torch::equal(first.tensors[i].second, second.tensors[i].second))
          << first.tensors[i].first;
    }
  }

  static inline fs::path data_;
  fs::path folder_;
};

}  // namespace vqalign
