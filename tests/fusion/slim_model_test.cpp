// Model files that leave out the weights of their pretrained encoders.
#include "tests/fusion/slim_file.h"
#include "vqalign/core/formats/safetensors.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

TEST_F(SlimFile, AnswersAsTheWholeOneAndNamesWhatItNeeds) {
  save_model(whole_, bundle_);
  save_slim();
  const std::vector<LeftOut> needs = summarise_model(slim_).left_out;
  ASSERT_EQ(needs.size(), 3u);
  EXPECT_EQ(needs[0].file, "efficientnet-lite0.safetensors");
  EXPECT_EQ(needs[0].part.encoder, "efficientnet-lite0");
  EXPECT_EQ(needs[1].file, "tiny_picodet.onnx");
  EXPECT_EQ(needs[1].sha256, kTinyDetectorHash);
  EXPECT_EQ(needs[2].file, "model.safetensors");
  EXPECT_EQ(needs[2].sha256, kTinyBertHash);
  for (const auto& [name, tensor] : read_safetensors(slim_).tensors) {
    EXPECT_FALSE(name.starts_with("language.") || name.starts_with("vision.backbone."));
    EXPECT_NE(name, "vision.detector_file");
  }
  EXPECT_LT(fs::file_size(slim_), fs::file_size(whole_) / 10);
  ModelBundle slim = load_model(slim_), whole = load_model(whole_);
  EXPECT_TRUE(torch::equal(logits(slim), logits(whole)));
  EXPECT_TRUE(torch::equal(logits(slim), logits(bundle_)));
  EXPECT_TRUE(summarise_model(whole_).left_out.empty());
  EXPECT_EQ(summarise_model(slim_).parameters, summarise_model(whole_).parameters);
}

TEST_F(SlimFile, IsCalibratedWithoutWhatItLeavesOut) {
  save_slim();
  const std::vector<LeftOut> needs = summarise_model(slim_).left_out;
  ::setenv("VQALIGN_PRETRAINED", "/nowhere", 1);
  write_calibration(slim_, {1.5, 1, 0, 12, "val2014"});
  ::setenv("VQALIGN_PRETRAINED", folder_.c_str(), 1);
  EXPECT_EQ(left_out_json(summarise_model(slim_).left_out), left_out_json(needs));
  ModelBundle slim = load_model(slim_);
  EXPECT_EQ(slim.calibration.temperature, 1.5);
  EXPECT_TRUE(torch::equal(logits(slim), logits(bundle_)));
}

TEST_F(SlimFile, HasFloat32EncodersWhereAWholeOneHasRoundedOnes) {
  save_model(whole_, bundle_, /*half=*/true);
  save_slim(/*half=*/true);
  ModelBundle slim = load_model(slim_), whole = load_model(whole_);
  const std::string weight = "language.encoder.layer.0.output.dense.weight";
  const NamedTensors stored = read_bert(folder_ / "minilm/model.safetensors");
  EXPECT_TRUE(torch::equal(find_tensor(state_of(*slim.model), weight),
                           find_tensor(stored, weight.substr(9))));
  EXPECT_FALSE(torch::equal(find_tensor(state_of(*slim.model), weight),
                            find_tensor(state_of(*whole.model), weight)));
  EXPECT_LT((logits(slim) - logits(whole)).abs().max().item<double>(), 2e-2);
}

TEST_F(SlimFile, AWholeFileBecomesSlimAndWholeAgain) {
  for (const bool half : {false, true}) {
    save_model(whole_, bundle_, half);
    const ModelBundle from_whole = load_model(whole_);
    save_model(slim_, from_whole, half, left_out(from_whole));
    EXPECT_EQ(summarise_model(slim_).left_out.size(), 3u);
    EXPECT_EQ(summarise_model(slim_).half, half);
    EXPECT_EQ(load_model(slim_).half, half);
    save_model(folder_ / "again", load_model(slim_), half);
    EXPECT_TRUE(bytes(folder_ / "again") == bytes(whole_)) << half;
  }
}

TEST_F(SlimFile, TakesWeightsFromBesideTheModelWhateverTheyAreCalled) {
  save_slim();
  ::unsetenv("VQALIGN_PRETRAINED");
  fs::rename(picture_weights_, slim_.parent_path() / "a.safetensors");
  fs::rename(folder_ / "minilm/model.safetensors", slim_.parent_path() / "b.safetensors");
  fs::rename(folder_ / "tiny_picodet.onnx", slim_.parent_path() / "c");
  ModelBundle slim = load_model(slim_);
  EXPECT_TRUE(torch::equal(logits(slim), logits(bundle_)));
}

TEST_F(SlimFile, MissingWeightsAreNamedWithWhatToDo) {
  save_slim();
  fs::remove(folder_ / "tiny_picodet.onnx");
  expect_said(
      {"slim.safetensors: is slim and needs the weights of the detector "
       "(tiny_picodet.onnx, SHA-256 ",
       kTinyDetectorHash, "), which are not there; put tiny_picodet.onnx back",
       "VQALIGN_PRETRAINED"});
  EXPECT_EQ(message().find('\n'), std::string::npos);
  EXPECT_EQ(summarise_model(slim_).left_out.size(), 3u);
}

TEST_F(SlimFile, ChangedWeightsAreNamedWithBothHashes) {
  save_slim();
  const fs::path file = folder_ / "minilm/model.safetensors";
  flip_last_byte(file);
  expect_said({"slim.safetensors: is slim and needs the weights of minilm", kTinyBertHash,
               file.string() + " has SHA-256 " + file_sha256(file), "scripts/setup --pretrained"});
  // Of another size, but where the weights would be.
  std::ofstream(file, std::ios::binary) << "abc";
  expect_said({file.string() + " has SHA-256 "
                               "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"});
}

TEST_F(SlimFile, WhatTrainingChangedIsStored) {
  ModelConfig tuned = config();
  tuned.vision.tune = tuned.language.tune = true;
  ModelBundle other = ModelBundle::create(tuned, pieces(), bundle_.answers, bundle_.priors);
  // By the file's own weights, which a rate of zero would leave.
  load_bert(other.model->language(), kTestFolder / "language/bert/model.safetensors");
  dynamic_cast<DetectorRegionsImpl&>(*other.model->vision())
      .use(read_detector_file(tuned.vision.detector));
  ASSERT_EQ(left_out(other).size(), 1u);
  EXPECT_EQ(left_out(other)[0].part.name, "detector");
  // A start from a model whose encoder was tuned changes an encoder that is not.
  {
    const torch::NoGradGuard no_grad;
    bundle_.model->language()->parameters().back().add_(1e-3);
  }
  const std::vector<LeftOut> needs = left_out(bundle_);
  ASSERT_EQ(needs.size(), 2u);
  EXPECT_EQ(needs[1].part.name, "detector");
  save_slim();
  ModelBundle slim = load_model(slim_);
  EXPECT_TRUE(torch::equal(logits(slim), logits(bundle_)));
}

}  // namespace
}  // namespace vqalign
