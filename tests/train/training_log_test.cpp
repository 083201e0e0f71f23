#include "vqalign/train/training_log.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "vqalign/core/atomic_file.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

TEST(TrainingLog, WritesWhatAStepHadAndNothingElse) {
  const fs::path folder = fs::path(testing::TempDir()) / "training_log_test";
  StepResult objects;
  objects.object_loss = 0.5;
  const auto tags_of = [&folder](const StepResult& result) {
    fs::remove_all(folder);
    TrainingLog(folder, "gan").step(1, result);
    return read_file(fs::directory_iterator(folder)->path(), 1 << 20);
  };
  const std::string first = tags_of(objects);
  EXPECT_NE(first.find("train/object_loss"), std::string::npos);
  EXPECT_NE(first.find("train/gradient_norm"), std::string::npos);
  EXPECT_EQ(first.find("train/loss"), std::string::npos);
  EXPECT_EQ(first.find("align/"), std::string::npos);

  StepResult whole;
  whole.loss = 2;
  whole.distance = -0.25;  // a likelihood's logarithm
  whole.distances = {{"image_self", -0.125}};
  const std::string second = tags_of(whole);
  EXPECT_NE(second.find("train/loss"), std::string::npos);
  EXPECT_NE(second.find("align/gan/image_self"), std::string::npos);
  EXPECT_EQ(second.find("object_loss"), std::string::npos);
  fs::remove_all(folder);
}

TEST(TrainingLog, AStepThatWasLeftOutHasNoNormToDraw) {
  const fs::path folder = fs::path(testing::TempDir()) / "training_log_skipped_test";
  fs::remove_all(folder);
  StepResult result;
  result.gradient_norm = INFINITY;
  result.loss_scale = 1024;
  result.skipped = true;
  TrainingLog(folder, "ct").step(1, result);
  const std::string events = read_file(fs::directory_iterator(folder)->path(), 1 << 20);
  EXPECT_NE(events.find("train/loss_scale"), std::string::npos);
  EXPECT_EQ(events.find("train/gradient_norm"), std::string::npos);
  fs::remove_all(folder);
}

TEST(TrainingLog, TheProgressLineShowsANegativeDistanceToo) {
  StepResult result;
  result.loss = 2;
  result.distance = -0.25;
  EXPECT_EQ(describe(result, 2.5), "  loss 2.5000  distance -0.2500");
}

TEST(TrainingLog, DivergenceNamesTheStepAndItsParts) {
  StepResult result;
  result.loss = std::nan("");
  result.learning_rate = 0.5;
  EXPECT_FALSE(result.finite());
  try {
    report_divergence(result, 7);
  } catch (const Error& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find("step 7"), std::string::npos) << said;
    EXPECT_NE(said.find("loss is nan"), std::string::npos) << said;
    EXPECT_EQ(said.find("distance"), std::string::npos) << said;
  }
}

}  // namespace
}  // namespace vqalign
