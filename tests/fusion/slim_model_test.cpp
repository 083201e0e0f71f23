// Model files that leave out the weights of their pretrained encoders: a drawn EfficientNet, the
// tiny BERT and the tiny detector of tests/.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "tests/fusion/helpers.h"
#include "tests/vision/drawn_lite0.h"
#include "vqalign/core/digest.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/safetensors.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/language/token_file.h"
#include "vqalign/vision/detector_regions.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

const fs::path kTests = fs::path(VQALIGN_SOURCE_DIR) / "tests";
// coreutils' sha256sum.
constexpr const char* kBertHash =
    "988abb7aec468ed8497b23f2f386f86106ed90956c5f8cbee92b6573d7b278d3";
constexpr const char* kDetectorHash =
    "88174c8880388ecac5ee8ebc7837d972e1d73517d287bb42b6053d213c5006d6";

/// A model of all three kinds of encoders, none tuned, and a folder with their weights.
class SlimFile : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("slim_file_") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "out");
    slim_ = folder_ / "out" / "slim.safetensors";
    whole_ = folder_ / "out" / "whole.safetensors";
    picture_weights_ = test::drawn_lite0(folder_);
    fs::create_directories(folder_ / "minilm");
    fs::copy(kTests / "language/bert/model.safetensors", folder_ / "minilm");
    fs::copy(kTests / "vision/detector/tiny_picodet.onnx", folder_);
    ::setenv("VQALIGN_PRETRAINED", folder_.c_str(), 1);
    bundle_ = ModelBundle::create(config(), pieces(), {"yes", "no", "2", ""}, {0.4F, 0, 0, 0});
    fill_oracle_weights(bundle_.model);
    load_efficientnet(*bundle_.model->vision()->pretrained_network(), picture_weights_);
    load_bert(bundle_.model->language(), kTests / "language/bert/model.safetensors");
    dynamic_cast<DetectorRegionsImpl&>(*bundle_.model->vision())
        .use(read_detector_file(bundle_.config.vision.detector));
    bundle_.model->eval();
  }
  void TearDown() override {
    ::unsetenv("VQALIGN_PRETRAINED");
    fs::remove_all(folder_);
  }

  static ModelConfig config() {
    ModelConfig config = oracle_config();
    config.vision.encoder = "detector";
    config.vision.backbone = "efficientnet-lite0";
    config.vision.detector = (kTests / "vision/detector/tiny_picodet.onnx").string();
    config.vision.classes = {"red", "green", "blue"};
    config.language.encoder = "minilm";
    config.language.layers = 2;
    config.language.width = 32;
    config.language.heads = 4;
    config.language.feed_forward = 48;
    config.language.positions = 32;
    return config;
  }
  static Vocabulary pieces() {
    const fs::path file = kTests / "language/bert/vocab.txt";
    return word_piece_vocabulary(read_word_lines(file), file.string());
  }

  fs::path weights_of(const EncoderPart& part) const {
    return part.name == "language" ? folder_ / "minilm/model.safetensors" : picture_weights_;
  }
  std::vector<LeftOut> left_out(const ModelBundle& bundle) const {
    return weights_to_leave_out(bundle.config, state_of(*bundle.model),
                                [this](const EncoderPart& part) { return weights_of(part); });
  }
  fs::path save_slim(bool half = false) {
    save_model(slim_, bundle_, half, left_out(bundle_));
    return slim_;
  }

  torch::Tensor logits(ModelBundle& bundle) const {
    const torch::NoGradGuard no_grad;
    ModelInput input;
    input.tokens = oracle_input().tokens.slice(0, 0, 1);
    torch::Tensor pixels = torch::full({64, 64, 3}, 20, torch::kUInt8);
    pixels.slice(0, 8, 40).slice(1, 16, 56).select(2, 0).fill_(255);
    input.pictures = collate_pictures({{pixels, 64, 64}}, 32);
    return bundle.model(input).logits;
  }

  std::string message() const {
    try {
      load_model(slim_);
    } catch (const UsageError&) {
      return "usage error: a file's fault must not be one";
    } catch (const Error& error) {
      return concat(error.what(), "; ", error.hint());
    }
    return "no error";
  }
  void expect_said(const std::vector<std::string>& parts) const {
    const std::string said = message();
    for (const std::string& part : parts) {
      EXPECT_NE(said.find(part), std::string::npos) << part << " is not in: " << said;
    }
  }
  static void flip_last_byte(const fs::path& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-1, std::ios::end);
    const char last = static_cast<char>(file.get() ^ 1);
    file.seekp(-1, std::ios::end);
    file.put(last);
  }
  static std::string bytes(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path folder_, picture_weights_, slim_, whole_;
  ModelBundle bundle_;
};

TEST_F(SlimFile, AnswersAsTheWholeOneAndNamesWhatItNeeds) {
  save_model(whole_, bundle_);
  save_slim();
  const std::vector<LeftOut> needs = summarise_model(slim_).left_out;
  ASSERT_EQ(needs.size(), 3u);
  EXPECT_EQ(needs[0].file, "lite0.safetensors");
  EXPECT_EQ(needs[0].part.encoder, "efficientnet-lite0");
  EXPECT_EQ(needs[1].file, "tiny_picodet.onnx");
  EXPECT_EQ(needs[1].sha256, kDetectorHash);
  EXPECT_EQ(needs[2].file, "model.safetensors");
  EXPECT_EQ(needs[2].sha256, kBertHash);
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
       kDetectorHash, "), which are not there; put tiny_picodet.onnx back", "VQALIGN_PRETRAINED"});
  EXPECT_EQ(message().find('\n'), std::string::npos);
  EXPECT_EQ(summarise_model(slim_).left_out.size(), 3u);
}

TEST_F(SlimFile, ChangedWeightsAreNamedWithBothHashes) {
  save_slim();
  const fs::path file = folder_ / "minilm/model.safetensors";
  flip_last_byte(file);
  expect_said({"slim.safetensors: is slim and needs the weights of minilm", kBertHash,
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
  load_bert(other.model->language(), kTests / "language/bert/model.safetensors");
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

TEST_F(SlimFile, HostileFilesAreRefused) {
  save_slim();
  const Safetensors good = read_safetensors(slim_);
  const std::string needs = good.metadata.at("left_out");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string text = needs;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  const std::string bytes = concat("\"bytes\":", fs::file_size(picture_weights_));
  const std::pair<std::string, std::string> cases[] = {
      {"[]", "left_out"},
      {"{", "left_out"},
      {R"({"vision": 3})", "vision"},
      {R"({"vision": {}})", "vision"},
      {R"({"proj": {}})", "names \"proj\", which this model has not"},
      {changed("\"lite0.safetensors\"", "\"../lite0.safetensors\""), "file is no name of a file"},
      {changed("\"lite0.safetensors\"", "\"/etc/passwd\""), "file is no name of a file"},
      {changed("\"lite0.safetensors\"", "\"a\\u001b[2J\""), "file is no name of a file"},
      {changed("\"lite0.safetensors\"", "\"\""), "file is no name of a file"},
      {changed(kBertHash, std::string(64, 'g')), "sha256 is no 64 hexadecimal digits"},
      {changed(kBertHash, "988abb"), "sha256 is no 64 hexadecimal digits"},
      {changed(kBertHash, kDetectorHash), "is slim and needs the weights of minilm"},
      {changed("efficientnet-lite0", "efficientnet-lite2"), "the model has efficientnet-lite0"},
      {changed(bytes, "\"bytes\":0"), "has 0 bytes"},
      {changed(bytes, "\"bytes\":-7"), "has -7 bytes"},
      {changed(bytes, "\"bytes\":9223372036854775807"), "allowed is 1 to 4294967296"},
      {changed(bytes, "\"bytes\":1e99"), "left_out"},
      {changed("\"parameters\":0", "\"parameters\":99999999999"), "parameters in"},
      {R"({"vision": )" + Json::parse(needs).at("vision").dump() + R"(, "vision": )" +
           Json::parse(needs).at("vision").dump() + "}",
       "twice"}};
  for (const auto& [json, said] : cases) {
    SCOPED_TRACE(json);
    Safetensors file = good;
    file.metadata["left_out"] = json;
    for (auto& [name, tensor] : file.tensors) tensor = tensor.clone();
    write_safetensors(slim_, file);
    expect_said({"slim.safetensors", said});
  }
}

TEST_F(SlimFile, OtherFilesOfTheRightHashAreNoEncoders) {
  // A slim file whose hash is that of some file of the search places, which then is none.
  Safetensors file = read_safetensors(save_slim());
  for (auto& [name, tensor] : file.tensors) tensor = tensor.clone();
  const fs::path other = folder_ / "other.safetensors";
  write_safetensors(other, {.tensors = {{"x", torch::ones({2})}}, .metadata = {}});
  Json needs = Json::parse(file.metadata["left_out"]);
  for (const char* part : {"vision", "language", "detector"}) {
    Json changed = needs, entry = needs.at(part);
    entry.set("bytes", static_cast<int64_t>(fs::file_size(other)))
        .set("sha256", file_sha256(other))
        .set("parameters", 0);
    changed.set(part, entry);
    file.metadata["left_out"] = changed.dump();
    write_safetensors(slim_, file);
    expect_said({"slim.safetensors: "});
  }
  // Sizes that the metadata asks for are checked against what was found, before a model is made.
  file.metadata["left_out"] = needs.dump();
  std::string& text = file.metadata["config"];
  const std::string width = "\"positions\":32";
  ASSERT_NE(text.find(width), std::string::npos);
  text.replace(text.find(width), width.size(), "\"positions\":65536");
  write_safetensors(slim_, file);
  expect_said({"position_embeddings.weight has shape [32, 32], its metadata asks for"});
}

TEST_F(SlimFile, TensorsThatAreThereAllTheSameAreRefused) {
  save_model(whole_, bundle_);
  Safetensors file = read_safetensors(whole_);
  file.metadata["left_out"] = read_safetensors(save_slim()).metadata.at("left_out");
  write_safetensors(slim_, file);
  expect_said({"is there, metadata \"left_out\" says that it is not"});
}

}  // namespace
}  // namespace vqalign
