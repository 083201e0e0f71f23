#include "vqalign/fusion/model_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/fusion/helpers.h"
#include "vqalign/core/error.h"
#include "vqalign/core/formats/safetensors.h"
#include "vqalign/vision/detector_regions.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

class ModelFile : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              ("model_file_" +
               std::string(testing::UnitTest::GetInstance()->current_test_info()->name()));
    fs::create_directories(folder_);
    path_ = folder_ / "model.safetensors";
    bundle_ = ModelBundle::create(oracle_config(),
                                  Vocabulary({"is", "the", "cat", "on", "a", "mat", "now"}),
                                  {"yes", "no", "2", ""}, {0.4f, 0.3f, 0.2f, 0.1f});
    fill_oracle_weights(bundle_.model);
    bundle_.model->eval();
    bundle_.domain = Json::object().set("kind", "drawn");
    bundle_.trained = Json::object().set("epochs", 3);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string message() {
    try {
      load_model(path_);
    } catch (const UsageError&) {
      return "usage error: a file's fault must not be one";
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  /// Rewrites the saved file with a change.
  template <typename Change>
  void edit(const Change& change) {
    edit_other(bundle_, change);
  }

  template <typename Change>
  void edit_other(const ModelBundle& bundle, const Change& change) {
    save_model(path_, bundle);
    Safetensors file = read_safetensors(path_);
    for (auto& [name, tensor] : file.tensors) tensor = tensor.clone();
    change(file);
    write_safetensors(path_, file);
  }

  fs::path folder_, path_;
  ModelBundle bundle_;
};

TEST_F(ModelFile, ComesBackWhole) {
  save_model(path_, bundle_);
  ModelBundle back = load_model(path_);
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(
      torch::equal(back.model(oracle_input()).logits, bundle_.model(oracle_input()).logits));
  EXPECT_EQ(back.answers, bundle_.answers);
  EXPECT_EQ(back.priors, bundle_.priors);
  EXPECT_EQ(back.vocabulary.words(), bundle_.vocabulary.words());
  EXPECT_EQ(back.domain, bundle_.domain);
  EXPECT_EQ(back.trained, bundle_.trained);
  EXPECT_EQ(back.config.model.hidden, 8);
  EXPECT_FALSE(back.model->is_training());
}

TEST_F(ModelFile, HalfIsHalfTheSizeAndClose) {
  save_model(path_, bundle_);
  save_model(folder_ / "half", bundle_, /*half=*/true);
  const torch::NoGradGuard no_grad;
  ModelBundle half = load_model(folder_ / "half");
  const torch::Tensor difference =
      half.model(oracle_input()).logits - bundle_.model(oracle_input()).logits;
  EXPECT_LT(difference.abs().max().item<double>(), 5e-3);
  EXPECT_LT(fs::file_size(folder_ / "half"), 0.75 * double(fs::file_size(path_)));
}

TEST_F(ModelFile, GridModelsKeepTheirRunningStatistics) {
  ModelConfig config = oracle_config();
  config.vision.encoder = "grid";
  config.vision.channels = {"4", "4", "8", "8"};
  ModelBundle grid =
      ModelBundle::create(config, bundle_.vocabulary, bundle_.answers, bundle_.priors);
  for (auto& buffer : grid.model->named_buffers()) buffer.value().fill_(0.75);
  save_model(path_, grid);
  ModelBundle back = load_model(path_);
  ASSERT_GT(back.model->named_buffers().size(), 0u);
  for (const auto& buffer : back.model->named_buffers()) {
    EXPECT_TRUE(buffer.value().eq(0.75).all().item<bool>()) << buffer.key();
  }
}

TEST_F(ModelFile, PretrainedEncodersLieInTheFile) {
  ModelConfig config = oracle_config();
  config.vision.encoder = "efficientnet-lite0";
  config.vision.stages = 2;
  ModelBundle made =
      ModelBundle::create(config, bundle_.vocabulary, bundle_.answers, bundle_.priors);
  for (auto& buffer : made.model->named_buffers()) buffer.value().fill_(0.75);
  made.model->eval();
  save_model(path_, made);
  ModelBundle back = load_model(path_);
  ModelInput input;
  input.tokens = oracle_input().tokens.slice(0, 0, 1);
  torch::manual_seed(3);
  const ScaledPicture picture{torch::randint(256, {32, 64, 3}, torch::kUInt8), 128, 64};
  input.pictures = collate_pictures({picture}, 32);
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(torch::equal(back.model(input).logits, made.model(input).logits));
  EXPECT_EQ(back.model(input).boxes.size(1), 2);
  edit_other(made, [](Safetensors& file) {
    for (auto& [name, tensor] : file.tensors) {
      if (name == "vision.network._conv_head.weight") tensor = torch::zeros({1280, 3, 1, 1});
    }
  });
  EXPECT_NE(message().find("vision.network._conv_head.weight has shape [1280, 3, 1, 1]"),
            std::string::npos)
      << message();
}

TEST_F(ModelFile, APretrainedEncoderOfQuestionsAndItsPiecesLieInTheFile) {
  ModelBundle made = pretrained_bundle(/*tune=*/false);
  save_model(path_, made);
  ModelBundle back = load_model(path_);
  const torch::NoGradGuard no_grad;
  EXPECT_TRUE(torch::equal(back.model(oracle_input()).logits, made.model(oracle_input()).logits));
  EXPECT_EQ(back.vocabulary.encode("Cats, a mat", 9), (std::vector<int64_t>{6, 7, 8, 5, 3}));
  EXPECT_EQ(back.config.marks.begin, 2);
  EXPECT_EQ(back.config.marks.end, 4);
  EXPECT_EQ(summarise_model(path_).words, 9);
  for (const auto& [name, said] : {std::pair{"word_embeddings.weight", "has shape [2, 8]"},
                                   {"position_embeddings.weight", "has shape [2, 8]"}}) {
    edit_other(made, [&](Safetensors& file) {
      for (auto& [key, tensor] : file.tensors) {
        if (key == concat("language.embeddings.", name)) tensor = torch::zeros({2, 8});
      }
    });
    EXPECT_NE(message().find(said), std::string::npos) << message();
  }
  edit_other(made, [](Safetensors& file) {
    file.metadata["words"] = R"(["[PAD]", "a", "b", "c", "d", "e", "f", "g", "h"])";
  });
  EXPECT_NE(message().find("metadata \"words\": has no [UNK]"), std::string::npos) << message();
}

TEST_F(ModelFile, ADetectorLiesInTheFile) {
  ModelConfig config = oracle_config();
  const fs::path detectors = fs::path(VQALIGN_SOURCE_DIR) / "tests/vision/detector";
  config.vision.encoder = "detector";
  config.vision.backbone = "efficientnet-lite0";
  config.vision.detector = (detectors / "tiny_picodet.onnx").string();
  config.vision.classes = {"red", "green", "blue"};
  ModelBundle made =
      ModelBundle::create(config, bundle_.vocabulary, bundle_.answers, bundle_.priors);
  const DetectorFile detector = read_detector_file(config.vision.detector);
  dynamic_cast<DetectorRegionsImpl&>(*made.model->vision()).use(detector);
  made.model->eval();
  ModelInput input;
  input.tokens = oracle_input().tokens.slice(0, 0, 1);
  torch::Tensor pixels = torch::full({64, 64, 3}, 20, torch::kUInt8);
  pixels.slice(0, 8, 40).slice(1, 16, 56).select(2, 0).fill_(255);
  input.pictures = collate_pictures({{pixels, 64, 64}}, 32);
  const torch::NoGradGuard no_grad;
  for (const bool half : {false, true}) {
    save_model(path_, made, half);
    EXPECT_EQ(read_safetensors(path_).find("vision.detector_file").numel(),
              int64_t(detector.network.size()));
    ModelBundle back = load_model(path_);
    EXPECT_EQ(back.config.vision.class_names(), config.vision.classes);
    const ModelOutput output = back.model(input);
    EXPECT_GT(output.boxes.size(1), 2);
    EXPECT_TRUE(torch::equal(output.boxes, made.model(input).boxes));
    EXPECT_TRUE(half || torch::equal(output.logits, made.model(input).logits));
  }
  int64_t parameters = 0;
  for (const auto& item : made.model->named_parameters()) parameters += item.value().numel();
  EXPECT_EQ(summarise_model(path_).parameters, parameters);
  edit_other(made, [](Safetensors& file) {
    for (auto& [name, tensor] : file.tensors) {
      if (name == "vision.detector_file") tensor = tensor.slice(0, 0, 500).clone();
    }
  });
  EXPECT_NE(message().find("model.safetensors: its detector: is no ONNX file"), std::string::npos)
      << message();
  edit_other(made, [](Safetensors& file) {
    for (auto& [name, tensor] : file.tensors) {
      if (name == "vision.detector_file") tensor = torch::zeros({3000});
    }
  });
  EXPECT_NE(message().find("vision.detector_file has shape [3000], the network asks for"),
            std::string::npos)
      << message();
}

TEST_F(ModelFile, Summary) {
  save_model(path_, bundle_);
  const ModelSummary summary = summarise_model(path_);
  int64_t parameters = 0;
  for (const auto& item : bundle_.model->named_parameters()) parameters += item.value().numel();
  EXPECT_EQ(summary.parameters, parameters);
  EXPECT_EQ(summary.format, kModelFormat);
  EXPECT_EQ(summary.config.words, 9);
  EXPECT_EQ(summary.answers.size(), 4u);
  EXPECT_TRUE(is_model_file(path_));
}

TEST_F(ModelFile, AnyOtherFileIsRefused) {
  EXPECT_NE(message().find("model.safetensors"), std::string::npos);
  std::ofstream(path_) << "not a model";
  EXPECT_NE(message(), "no error");
  EXPECT_FALSE(is_model_file(path_));
  write_safetensors(path_, {.tensors = {{"x", torch::ones({2})}}, .metadata = {}});
  EXPECT_NE(message().find("no model of this program"), std::string::npos);
}

TEST_F(ModelFile, CutShortAnywhereItIsRefused) {
  save_model(path_, bundle_);
  const auto size = fs::file_size(path_);
  for (const double share : {0.0, 0.01, 0.3, 0.6, 0.9, 0.999}) {
    save_model(path_, bundle_);
    fs::resize_file(path_, static_cast<uintmax_t>(double(size) * share));
    EXPECT_NE(message().find("model.safetensors"), std::string::npos) << share;
  }
}

TEST_F(ModelFile, AnotherVersionIsNamed) {
  edit([](Safetensors& file) { file.metadata["vqalign.format"] = "2"; });
  EXPECT_NE(message().find("version \"2\""), std::string::npos);
}

TEST_F(ModelFile, TensorsMustFit) {
  edit([](Safetensors& file) { file.tensors.pop_back(); });
  EXPECT_NE(message().find("is missing"), std::string::npos) << message();
  edit([](Safetensors& file) { file.tensors.emplace_back("extra", torch::ones({1})); });
  EXPECT_NE(message().find("extra has no place"), std::string::npos) << message();
  edit([](Safetensors& file) {
    for (auto& [name, tensor] : file.tensors) {
      if (name == "proj.weight") tensor = torch::ones({4, 11});
    }
  });
  EXPECT_NE(message().find("[4, 11]"), std::string::npos) << message();
  edit([](Safetensors& file) {
    for (auto& [name, tensor] : file.tensors) {
      if (name == "proj.bias") tensor[1] = std::nan("");
    }
  });
  EXPECT_NE(message().find("proj.bias holds NaN"), std::string::npos) << message();
}

TEST_F(ModelFile, AHugeConfigurationIsRefusedBeforeItIsBuilt) {
  edit([](Safetensors& file) {
    std::string& config = file.metadata["config"];
    const auto at = config.find("\"hidden\":8");
    ASSERT_NE(at, std::string::npos);
    config.replace(at, 10, "\"hidden\":8192");
  });
  EXPECT_NE(message().find("its metadata asks for"), std::string::npos) << message();
}

TEST_F(ModelFile, BadMetadataIsNamed) {
  edit([](Safetensors& file) { file.metadata["config"] = "{\"model\": {\"layers\": 1e9}}"; });
  EXPECT_NE(message().find("config"), std::string::npos) << message();
  edit([](Safetensors& file) { file.metadata["words"] = "[\"a\", \"a\"]"; });
  EXPECT_NE(message().find("names a word twice"), std::string::npos) << message();
  edit([](Safetensors& file) { file.metadata["answers"] = "[]"; });
  EXPECT_NE(message().find("answers"), std::string::npos) << message();
  edit([](Safetensors& file) { file.metadata["priors"] = "[1]"; });
  EXPECT_NE(message().find("1 priors"), std::string::npos) << message();
}

}  // namespace
}  // namespace vqalign
