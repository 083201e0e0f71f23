// A ResNet-50 as encoder through the real program; its weights, which a user brings, are drawn.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/cli/failures.h"
#include "tests/cli/workbench.h"
#include "tests/vision/detector_fixtures.h"
#include "tests/vision/drawn_weights.h"
#include "vqalign/core/error.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

class ResNetEncoder : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    shared_ = fresh_folder("resnet_weights");
    weights_ = drawn_weights(shared_, "resnet50");
  }

  static std::vector<std::string> with_options(std::vector<std::string> arguments,
                                               const std::vector<std::string>& options) {
    for (const std::string& option : options) arguments.insert(arguments.end(), {"--set", option});
    return arguments;
  }
  static std::string weights(const fs::path& file) {
    return concat("vision.weights=", file.string());
  }

  std::vector<std::string> extraction(const std::string& encoder,
                                      const std::vector<std::string>& options) const {
    return with_options({"extract", "--data", data_, "--split", "val", "--encoder", encoder,
                         "--out", store_, "--quiet", "--json"},
                        options);
  }
  std::vector<std::string> training(const fs::path& model, std::vector<std::string> options) const {
    options.insert(options.end(),
                   {"vision.encoder=resnet50", "vision.pixels=4096", "vision.longest=64",
                    "vision.keep=0", "vision.stages=2", "train.half=false", "train.object_weight=0",
                    "train.relevance_weight=0"});
    return with_options(
        with_tiny_network({"train", "--data", data_, "--out", model, "--epochs", "1"}), options);
  }

  static fs::path shared_, weights_;
  const fs::path folder_ = fresh_folder("resnet_encoder");
  const std::string data_ = workbench().data.string();
  const fs::path store_ = folder_ / "f.vqf";
  const std::vector<std::string> vision_ = {"vision.pixels=4096", "vision.longest=64",
                                            "vision.keep=0", "vision.stages=2"};
};

fs::path ResNetEncoder::shared_, ResNetEncoder::weights_;

TEST_F(ResNetEncoder, AModelCarriesItsWeights) {
  const fs::path own = folder_ / "own.safetensors";
  fs::copy_file(weights_, own);
  const fs::path model = folder_ / "m.safetensors";
  const ProgramRun trained = run_vqalign(training(model, {weights(own)}));
  ASSERT_EQ(trained.status, 0) << trained.err;
  std::vector<std::string> options = vision_;
  options.push_back(weights(own));
  const ProgramRun published = run_vqalign(extraction("resnet50", options));
  ASSERT_EQ(published.status, 0) << published.err;
  EXPECT_EQ(Json::parse(published.out).at("width").as_int(), 2048 + 4 * 1024);
  fs::remove(own);

  const fs::path again = folder_ / "again.vqf";
  const ProgramRun run = run_vqalign({"extract", "--data", data_, "--split", "val", "--model",
                                      model, "--encoder", "resnet50", "--out", again, "--quiet"});
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_TRUE(file_text(again) == file_text(store_));
  const std::string picture = std::string(VQALIGN_SOURCE_DIR) + "/docs/scene.png";
  const ProgramRun asked =
      run_vqalign({"ask", picture, "what is red?", "--model", model, "--json"});
  ASSERT_EQ(asked.status, 0) << asked.err;
  EXPECT_FALSE(Json::parse(asked.out).at("answers").as_array().empty());
  EXPECT_EQ(run_vqalign(evaluation(data_, model)).status, 0);
}

TEST_F(ResNetEncoder, TuningMovesWeightsAndNoStatistic) {
  const fs::path model = folder_ / "m.safetensors";
  const ProgramRun trained =
      run_vqalign(training(model, {weights(weights_), "vision.tune=true", "train.vision_rate=1"}));
  ASSERT_EQ(trained.status, 0) << trained.err;
  const Safetensors before = read_safetensors(weights_), after = read_safetensors(model);
  for (const auto& [name, tensor] : before.tensors) {
    const bool statistic = name.find("running_") != std::string::npos;
    EXPECT_EQ(torch::equal(after.find("vision.network." + name), tensor), statistic) << name;
  }
}

TEST_F(ResNetEncoder, DescribesWhatADetectorFinds) {
  const ProgramRun run = run_vqalign(extraction(
      "detector", {weights(weights_), "vision.backbone=resnet50", "vision.pixels=4096",
                   concat("vision.detector=", detector_fixture("tiny_picodet.onnx").string()),
                   concat("vision.detector_names=", detector_fixture("tiny.names").string())}));
  ASSERT_EQ(run.status, 0) << run.err;
  EXPECT_EQ(Json::parse(run.out).at("width").as_int(), 2048 + 3);
}

TEST_F(ResNetEncoder, AsksForWeights) {
  std::vector<std::vector<std::string>> runs = {
      extraction("resnet101", {}), extraction("detector", {"vision.backbone=resnet50"}),
      training(folder_ / "m.safetensors", {})};
  for (const std::vector<std::string>& arguments : runs) {
    const ProgramRun run = run_vqalign(arguments);
    EXPECT_EQ(run.status, 2);
    EXPECT_EQ(line_count(run.err), 1u) << run.err;
    EXPECT_NE(run.err.find("vision.weights names no file"), std::string::npos) << run.err;
    EXPECT_NE(run.err.find("--set vision.weights=FILE"), std::string::npos) << run.err;
  }
  EXPECT_FALSE(fs::exists(store_));
}

TEST_F(ResNetEncoder, OtherNetworksWeightsAreNamed) {
  const fs::path lite = drawn_weights(folder_, "efficientnet-lite0");
  expect_failure(extraction("resnet50", {weights(lite)}),
                 {lite.string(), "tensor conv1.weight is missing", "weights of resnet50"});
  expect_failure(extraction("resnet101", {weights(weights_)}),
                 {weights_.string(), "tensor layer3.6.conv1.weight is missing"});
  expect_failure(extraction("efficientnet-lite0", {weights(weights_)}),
                 {weights_.string(), "tensor _conv_stem.weight is missing"});
  Safetensors content = read_safetensors(weights_);
  for (auto& [name, tensor] : content.tensors) {
    if (name == "layer1.0.conv1.weight") tensor = torch::zeros({64, 64, 3, 3});  // ResNet-34's
  }
  const fs::path changed = folder_ / "changed.safetensors";
  write_safetensors(changed, content);
  expect_failure(extraction("resnet50", {weights(changed)}),
                 {changed.string(),
                  "tensor layer1.0.conv1.weight has shape [64, 64, 3, 3], the "
                  "network asks for [64, 64, 1, 1]"});
  EXPECT_FALSE(fs::exists(store_));
}

}  // namespace
}  // namespace vqalign::test
