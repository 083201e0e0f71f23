// What info tells of files that others made: pictures, detectors, published weights.
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/cli/failures.h"
#include "tests/vision/detector_fixtures.h"
#include "tests/vision/drawn_weights.h"
#include "vqalign/core/digest.h"
#include "vqalign/core/formats/torch_checkpoint.h"
#include "vqalign/core/json.h"

namespace vqalign::test {
namespace {

namespace fs = std::filesystem;

const fs::path kBert = fs::path(VQALIGN_SOURCE_DIR) / "tests/language/bert";

Json told_of(const fs::path& path) {
  const ProgramRun run = run_vqalign({"info", path, "--json"});
  EXPECT_EQ(run.status, 0) << run.err;
  return run.status == 0 ? Json::parse(run.out) : Json::object();
}

TEST(Info, ADetectorByItsOutputs) {
  const auto expect = [](const char* file, const char* profile, const char* sha256) {
    const Json told = told_of(detector_fixture(file));
    EXPECT_EQ(told.dump(), std::string(R"({"kind":"detector","profile":")") + profile +
                               R"(","width":64,"height":64,"classes":3,"sha256":")" + sha256 +
                               R"("})");
  };
  // Hashes by coreutils' sha256sum; of Darknet's two files that of the weights.
  expect("tiny_picodet.onnx", "picodet",
         "88174c8880388ecac5ee8ebc7837d972e1d73517d287bb42b6053d213c5006d6");
  expect("tiny_nanodet.onnx", "nanodet",
         "a1fb332c075dfe2a0d3d80be766270089be61e6cb8ead1034be8278aae25d1c9");
  for (const char* file : {"tiny_yolo.cfg", "tiny_yolo.weights"}) {
    expect(file, "yolo-fastest",
           "97cf9c50ce3958a1f556605b696662e6378041bee89d9a0ebb340e5bdb1bdcf0");
  }
  expect_failure({"info", detector_fixture("other.onnx")}, {"other.onnx", "heat [1, 2, 64, 64]"});
  const fs::path lonely = fresh_folder("info_detector") / "lonely.weights";
  fs::copy_file(detector_fixture("tiny_yolo.weights"), lonely);
  expect_failure({"info", lonely}, {"lonely.cfg", "cannot open"});
}

TEST(Info, ASentenceModelByItsTensors) {
  constexpr const char* kOfWeights =  // counted in the file's header by a line of Python
      R"({"kind":"weights","network":"bert","layers":2,"width":32,"feed_forward":48,)"
      R"("positions":32,"words":63,"tensors":37,"parameters":18176,"sha256":")"
      "988abb7aec468ed8497b23f2f386f86106ed90956c5f8cbee92b6573d7b278d3\"";
  EXPECT_EQ(told_of(kBert / "model.safetensors").dump(), std::string(kOfWeights) + "}");
  EXPECT_EQ(told_of(kBert).dump(), std::string(kOfWeights) + R"(,"vocabulary":63})");
  EXPECT_EQ(told_of(kBert / "vocab.txt").dump(), R"({"kind":"vocabulary","entries":63})");
  const fs::path other = fresh_folder("info_sentences") / "other.safetensors";
  write_safetensors(other, {{{"weight", torch::zeros({2, 3})}}, {}});
  const Json told = told_of(other);
  EXPECT_EQ(told.at("parameters").as_int(), 6);
  EXPECT_EQ(told.find("network"), nullptr);
}

TEST(Info, APublishedNetworkByItsTensors) {
  const fs::path folder = fresh_folder("info_networks");
  const fs::path weights = drawn_weights(folder, "efficientnet-lite1");
  const Json told = told_of(weights);
  EXPECT_EQ(told.at("kind").as_string(), "weights");
  EXPECT_EQ(told.at("network").as_string(), "efficientnet-lite1");
  // The package's own number, its classifier of 1000 classes left out.
  EXPECT_EQ(told.at("parameters").as_int(), 5416680 - 1281000);
  NamedTensors tensors = read_safetensors(weights).tensors;
  tensors.emplace_back("_fc.weight", torch::zeros({1000, 1280}));
  tensors.emplace_back("_bn0.num_batches_tracked", torch::zeros({}, torch::kInt64));
  write_torch_checkpoint(folder / "whole.pth", tensors, {});
  const Json whole = told_of(folder / "whole.pth");
  EXPECT_EQ(whole.at("network").as_string(), "efficientnet-lite1");
  EXPECT_EQ(whole.at("sha256").as_string(), file_sha256(folder / "whole.pth"));
  tensors.erase(tensors.begin());
  write_torch_checkpoint(folder / "part.pth", tensors, {});
  EXPECT_EQ(told_of(folder / "part.pth").find("network"), nullptr);
}

TEST(Info, APictureByItsBytes) {
  const fs::path folder = fresh_folder("info_pictures");
  const fs::path stars = fs::path(VQALIGN_SOURCE_DIR) / "examples/scenes/stars.png";
  EXPECT_EQ(told_of(stars).dump(), R"({"kind":"picture","format":"PNG","width":128,"height":160})");
  fs::copy_file(stars, folder / "stars.txt");
  EXPECT_EQ(told_of(folder / "stars.txt").at("kind").as_string(), "picture");
  const std::string bytes = file_text(stars);
  write_text(folder / "cut.png", bytes.substr(0, bytes.size() / 2));
  expect_failure({"info", folder / "cut.png"}, {"cut.png", "truncated"});
  write_text(folder / "photo.heic", std::string("\0\0\0\x18", 4) + "ftypheic" + bytes);
  expect_failure({"info", folder / "photo.heic"}, {"a HEIC picture", "save it as JPEG or PNG"});
}

}  // namespace
}  // namespace vqalign::test
