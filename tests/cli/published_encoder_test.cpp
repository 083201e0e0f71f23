// extract and train with a network that was trained elsewhere; here its weights are drawn.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/cli/failures.h"
#include "tests/cli/workbench.h"
#include "tests/vision/drawn_weights.h"
#include "vqalign/core/error.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kVision = {
    "--set", "vision.pixels=4096", "--set", "vision.longest=64", "--set", "vision.keep=0"};

std::vector<std::string> with(std::vector<std::string> arguments,
                              const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

class PublishedEncoder : public ::testing::Test {
 protected:
  const fs::path folder_ = fresh_folder("published");
  const fs::path weights_ = drawn_weights(folder_, "efficientnet-lite0");
  const std::string data_ = workbench().data.string();
  const fs::path store_ = folder_ / "f.vqf";
  const std::vector<std::string> extract_ =
      with({"extract", "--data", data_, "--split", "val", "--encoder", "efficientnet-lite0",
            "--set", concat("vision.weights=", weights_.string()), "--out", store_, "--quiet"},
           kVision);
};

TEST_F(PublishedEncoder, ExtractsWithoutAModel) {
  const ProgramRun run = run_vqalign(with(extract_, {"--json"}));
  ASSERT_EQ(run.status, 0) << run.err;
  const Json told = Json::parse(run.out);
  EXPECT_EQ(told.at("width").as_int(), 1280);
  EXPECT_GT(told.at("regions").as_int(), told.at("images").as_int());
  EXPECT_EQ(run_vqalign({"info", store_}).status, 0);
}

TEST_F(PublishedEncoder, AModelTrainedOnItExtractsTheSame) {
  const fs::path model = folder_ / "m.safetensors";
  const ProgramRun trained = run_vqalign(
      with(with_tiny_network({"train", "--data", data_, "--out", model, "--epochs", "1", "--set",
                              "vision.encoder=efficientnet-lite0", "--set", "train.half=false",
                              "--set", concat("vision.weights=", weights_.string())}),
           kVision));
  ASSERT_EQ(trained.status, 0) << trained.err;
  ASSERT_EQ(run_vqalign(extract_).status, 0);
  for (const char* encoder : {"efficientnet-lite0", "grid"}) {
    const fs::path own = folder_ / "own.vqf";
    const ProgramRun run = run_vqalign({"extract", "--data", data_, "--split", "val", "--model",
                                        model, "--encoder", encoder, "--out", own, "--quiet"});
    ASSERT_EQ(run.status, 0) << run.err;
    EXPECT_TRUE(file_text(own) == file_text(store_)) << encoder;
  }
}

/// Pictures of scenes have labelled objects, which teach only where pictures are seen in one way.
const std::vector<std::string> kViews = {
    "--set", "data.mirror=true",      "--set", "data.crops=1",
    "--set", "train.object_weight=0", "--set", "train.relevance_weight=0"};

TEST_F(PublishedEncoder, TrainingKeepsRegionsForTheNext) {
  const fs::path kept = folder_ / "kept";
  const auto train = [&](const char* name, const std::vector<std::string>& more) {
    const ProgramRun run = run_vqalign(
        with(with(with_tiny_network({"train", "--data", data_, "--out", folder_ / name, "--epochs",
                                     "1", "--set", "vision.encoder=efficientnet-lite0", "--set",
                                     concat("vision.weights=", weights_.string()), "--set",
                                     concat("data.encodings=", kept.string())}),
                  kVision),
             more));
    EXPECT_EQ(run.status, 0) << run.err;
    return run.err;
  };
  const auto says = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  const std::string first = train("a", {});
  EXPECT_TRUE(says(first, "train2014: regions of 0 of ")) << first;
  EXPECT_TRUE(says(first, "encoding pictures")) << first;
  const std::string second = train("b", {});
  EXPECT_FALSE(says(second, "regions of 0 of ")) << second;
  EXPECT_FALSE(says(second, "encoding pictures")) << second;
  EXPECT_TRUE(file_text(folder_ / "a") == file_text(folder_ / "b"));
  EXPECT_NE(read_safetensors(folder_ / "a").find("vision.network._conv_stem.weight").scalar_type(),
            torch::kFloat);  // float16, of which the encoder would have another digest
  const std::string from_model = train("d", {"--init", folder_ / "a"});
  EXPECT_TRUE(says(from_model, "started from another model")) << from_model;
  EXPECT_FALSE(says(from_model, "encoding pictures")) << from_model;
  const std::string viewed = train("c", kViews);
  EXPECT_TRUE(says(viewed, "encoding pictures")) << viewed;
  EXPECT_FALSE(says(viewed, "regions of 0 of ")) << viewed;
  EXPECT_FALSE(file_text(folder_ / "a") == file_text(folder_ / "c"));
}

TEST_F(PublishedEncoder, ViewsAreFurtherRowsOfAStoreToTrainOn) {
  const std::vector<std::string> views(kViews.begin(), kViews.begin() + 4);
  const auto extract = [&](const char* split, const fs::path& out,
                           const std::vector<std::string>& more) {
    const ProgramRun run = run_vqalign(
        with(with({"extract", "--data", data_, "--split", split, "--encoder", "efficientnet-lite0",
                   "--set", concat("vision.weights=", weights_.string()), "--out", out, "--json"},
                  kVision),
             more));
    EXPECT_EQ(run.status, 0) << run.err;
    return Json::parse(run.out).at("images").as_int();
  };
  const fs::path plain = folder_ / "plain.vqf", viewed = folder_ / "viewed.vqf";
  EXPECT_EQ(4 * extract("train+val", plain, {}), extract("train+val", viewed, views));
  const auto train = [&](const fs::path& features) {
    return run_vqalign(
        with(with_tiny_network({"train", "--data", data_, "--features", features, "--out",
                                folder_ / "m", "--epochs", "1", "--set", "vision.encoder=features",
                                "--set", "vision.feature_width=1280"}),
             kViews));
  };
  const ProgramRun trained = train(viewed);
  EXPECT_EQ(trained.status, 0) << trained.err;
  const ProgramRun refused = train(plain);
  EXPECT_EQ(refused.status, 1);
  EXPECT_NE(refused.err.find("of its view 1"), std::string::npos) << refused.err;
  EXPECT_NE(refused.err.find("data.mirror"), std::string::npos) << refused.err;
}

TEST_F(PublishedEncoder, SaysWhatIsWrong) {
  expect_failure({"extract", "--data", data_, "--split", "val", "--encoder", "efficientnet-lite0",
                  "--out", store_, "--set", "vision.weights=nowhere.pth"},
                 {"nowhere.pth"});
  expect_failure({"extract", "--data", data_, "--split", "val", "--encoder", "efficientnet-lite1",
                  "--out", store_, "--set", concat("vision.weights=", weights_.string())},
                 {"efficientnet-lite0.safetensors", "tensor"});
  for (const auto& [more, said] : {std::pair{std::vector<std::string>{"--model", workbench().model},
                                             "--encoder is efficientnet-lite0, the encoder of"},
                                   {{"--set", "vision.encoder=grid"}, "vision.encoder is grid"}}) {
    const ProgramRun run = run_vqalign(with({"extract", "--data", data_, "--split", "val",
                                             "--encoder", "efficientnet-lite0", "--out", store_},
                                            more));
    EXPECT_EQ(run.status, 2);
    EXPECT_NE(run.err.find(said), std::string::npos) << run.err;
  }
  EXPECT_FALSE(fs::exists(store_));
}

TEST_F(PublishedEncoder, NeverReplacesTheWeightsThatItReads) {
  const std::string before = file_text(weights_);
  const std::string weights = concat("vision.weights=", weights_.string());
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"extract", "--data", data_, "--split", "val", "--encoder",
                                 "efficientnet-lite0", "--out", weights_, "--set", weights},
        with_tiny_network({"train", "--data", data_, "--out", weights_, "--set",
                           "vision.encoder=efficientnet-lite0", "--set", weights})}) {
    const ProgramRun run = run_vqalign(arguments);
    EXPECT_EQ(run.status, 2) << run.err;
    EXPECT_NE(run.err.find("would be replaced"), std::string::npos) << run.err;
  }
  EXPECT_TRUE(file_text(weights_) == before);
}

}  // namespace
}  // namespace vqalign::test
