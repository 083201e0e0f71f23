// Stored region features in place of pictures, good and bad.
#include <gtest/gtest.h>

#include <torch/types.h>
#include <torch/utils.h>

#include <limits>

#include "vqalign/core/formats/npz.h"
#include "vqalign/core/json.h"
#include "workbench.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kWidth = 6;

void write_features(const fs::path& file, int64_t regions, int64_t width, float value) {
  torch::Tensor x = torch::rand({width, regions});
  x[0][0] = value;
  write_npz(file,
            {{"x", x, {}},
             {"bbox", torch::tensor({0, 0, 10, 10}).repeat({regions, 1}).to(torch::kFloat), {}},
             {"image_w", torch::tensor(20), {}},
             {"image_h", torch::tensor(20), {}}});
}

/// Features for every picture of the workbench's train and val.
fs::path feature_folder(const std::string& name) {
  const fs::path folder = fresh_folder(name) / "features";
  fs::create_directories(folder);
  torch::manual_seed(1);
  for (const char* subset : {"train2014", "val2014"}) {
    for (const auto& entry : fs::directory_iterator(workbench().data / subset)) {
      write_features(folder / (entry.path().filename().string() + ".npz"), 5, kWidth, 0.5f);
    }
  }
  return folder;
}

std::vector<std::string> with_features(const std::string& verb, const fs::path& features) {
  return {verb, "--quiet", "--json", "--data", workbench().data.string(), "--features", features};
}

TEST(Features, TrainEvaluateAndRefuse) {
  const fs::path folder = feature_folder("features");
  const fs::path model = folder.parent_path() / "m.safetensors";
  std::vector<std::string> train = with_features("train", folder);
  train.insert(train.end(), {"--out", model, "--epochs", "1"});
  // The recipe's grid CNN makes way for what is stored.
  const ProgramRun trained = run_vqalign(with_tiny_network(train));
  ASSERT_EQ(trained.status, 0) << trained.err;

  std::vector<std::string> eval = with_features("eval", folder);
  eval.insert(eval.end(), {"--model", model, "--split", "val"});
  const ProgramRun scored = run_vqalign(eval);
  ASSERT_EQ(scored.status, 0) << scored.err;
  EXPECT_EQ(Json::parse(scored.out).at("questions").as_int(), 32);

  const Json told = Json::parse(run_vqalign({"info", folder, "--json"}).out);
  EXPECT_EQ(told.at("kind").as_string(), "features");
  EXPECT_EQ(told.at("width").as_int(), kWidth);

  const fs::path first = fs::directory_iterator(workbench().data / "val2014")->path();
  const fs::path file = folder / (first.filename().string() + ".npz");
  const auto expect_refused = [&](const std::string& said) {
    const ProgramRun run = run_vqalign(eval);
    EXPECT_EQ(run.status, 1);
    EXPECT_EQ(run.out, "");
    EXPECT_EQ(line_count(run.err), 1u);
    EXPECT_NE(run.err.find(said), std::string::npos) << run.err;
  };
  write_features(file, 5, kWidth, std::numeric_limits<float>::quiet_NaN());
  expect_refused("nan");
  write_features(file, 5, kWidth + 1, 0.5f);
  expect_refused("width 7");
  write_text(file, file_text(file).substr(0, 100));
  expect_refused(file.filename());
  write_text(file, "");
  expect_refused(file.filename());
  fs::remove(file);
  expect_refused("has no features");
}

TEST(Features, PicturesAreNoFeatures) {
  const fs::path folder = feature_folder("features_for_pictures");
  std::vector<std::string> eval = with_features("eval", folder);
  eval.insert(eval.end(), {"--model", workbench().model, "--split", "val"});
  const ProgramRun run = run_vqalign(eval);
  EXPECT_EQ(run.status, 2);
  EXPECT_NE(run.err.find("--features"), std::string::npos) << run.err;
}

}  // namespace
}  // namespace vqalign::test
