#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/fusion/helpers.h"
#include "tests/vision/drawn_weights.h"
#include "vqalign/core/digest.h"
#include "vqalign/core/error.h"
#include "vqalign/fusion/model_file.h"
#include "vqalign/language/token_file.h"
#include "vqalign/vision/detector_regions.h"

namespace vqalign {

inline const std::filesystem::path kTestFolder =
    std::filesystem::path(VQALIGN_SOURCE_DIR) / "tests";
// coreutils' sha256sum.
inline constexpr const char* kTinyBertHash =
    "988abb7aec468ed8497b23f2f386f86106ed90956c5f8cbee92b6573d7b278d3";
inline constexpr const char* kTinyDetectorHash =
    "88174c8880388ecac5ee8ebc7837d972e1d73517d287bb42b6053d213c5006d6";

/// A model of all three kinds of encoders, none tuned, and a folder with their weights.
class SlimFile : public testing::Test {
 protected:
  void SetUp() override {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::path(testing::TempDir()) / (std::string("slim_file_") + test->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_ / "out");
    slim_ = folder_ / "out" / "slim.safetensors";
    whole_ = folder_ / "out" / "whole.safetensors";
    picture_weights_ = test::drawn_weights(folder_, "efficientnet-lite0");
    std::filesystem::create_directories(folder_ / "minilm");
    std::filesystem::copy(kTestFolder / "language/bert/model.safetensors", folder_ / "minilm");
    std::filesystem::copy(kTestFolder / "vision/detector/tiny_picodet.onnx", folder_);
    ::setenv("VQALIGN_PRETRAINED", folder_.c_str(), 1);
    bundle_ = ModelBundle::create(config(), pieces(), {"yes", "no", "2", ""}, {0.4F, 0, 0, 0});
    fill_oracle_weights(bundle_.model);
    load_backbone(*bundle_.model->vision()->pretrained_network(), picture_weights_);
    load_bert(bundle_.model->language(), kTestFolder / "language/bert/model.safetensors");
    dynamic_cast<DetectorRegionsImpl&>(*bundle_.model->vision())
        .use(read_detector_file(bundle_.config.vision.detector));
    bundle_.model->eval();
  }
  void TearDown() override {
    ::unsetenv("VQALIGN_PRETRAINED");
    std::filesystem::remove_all(folder_);
  }

  static ModelConfig config() {
    ModelConfig config = oracle_config();
    config.vision.encoder = "detector";
    config.vision.backbone = "efficientnet-lite0";
    config.vision.detector = (kTestFolder / "vision/detector/tiny_picodet.onnx").string();
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
    const std::filesystem::path file = kTestFolder / "language/bert/vocab.txt";
    return word_piece_vocabulary(read_word_lines(file), file.string());
  }

  std::filesystem::path weights_of(const EncoderPart& part) const {
    return part.name == "language" ? folder_ / "minilm/model.safetensors" : picture_weights_;
  }
  std::vector<LeftOut> left_out(const ModelBundle& bundle) const {
    return weights_to_leave_out(bundle.config, state_of(*bundle.model),
                                [this](const EncoderPart& part) { return weights_of(part); });
  }
  std::filesystem::path save_slim(bool half = false) {
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
  static void flip_last_byte(const std::filesystem::path& path) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(-1, std::ios::end);
    const char last = static_cast<char>(file.get() ^ 1);
    file.seekp(-1, std::ios::end);
    file.put(last);
  }
  static std::string bytes(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  std::filesystem::path folder_, picture_weights_, slim_, whole_;
  ModelBundle bundle_;
};

}  // namespace vqalign
