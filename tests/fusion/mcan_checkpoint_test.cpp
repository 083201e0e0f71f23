// Checkpoints of the public Python code against the logits that PyTorch gives for them
// (tests/oracle/mcan_checkpoint.py), and back.
#include "vqalign/fusion/mcan_checkpoint.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <filesystem>
#include <functional>

#include "tests/core/formats/temporary_files.h"
#include "vqalign/core/error.h"
#include "vqalign/fusion/mcan_export.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;
using testing_files::error_of;
using testing_files::fresh_path;

const std::vector<std::string> kWords = {"what", "colour", "is",   "the",
                                         "cat",  "how",    "many", "dogs"};
const std::vector<std::string> kAnswers = {"yes", "no", "2", "", "red"};
constexpr int64_t kHeads = 2;
constexpr int64_t kWidth = 12;

fs::path checkpoint_path(const std::string& name) {
  const fs::path root = VQALIGN_SOURCE_DIR;
  return name == "epoch13" ? root / "examples/mcan/epoch13.pkl"
                           : root / "tests/fusion/fixtures" / (name + ".pkl");
}

Vocabulary vocabulary_of(const std::string& name) {
  std::vector<std::string> words = kWords;
  if (name == "openvqa") words.insert(words.begin(), "CLS");
  return Vocabulary(words);
}

ModelBundle imported(const std::string& name) {
  return import_mcan(read_mcan_checkpoint(checkpoint_path(name)), vocabulary_of(name), kAnswers,
                     kHeads);
}

/// The oracle's pictures as FeatureFolder gives them: regions of zeros are left out.
RegionBatch oracle_regions(const std::vector<int64_t>& pictures) {
  const int64_t regions[] = {5, 3, 4, 0, 5};
  std::vector<RegionFeatures> all;
  for (const int64_t b : pictures) {
    std::vector<torch::Tensor> rows;
    for (int64_t m = 0; m < regions[b]; ++m) {
      if (b == 4 && m == 2) continue;
      const torch::Tensor k =
          torch::arange(kWidth).to(torch::kDouble) + static_cast<double>(1000 * b + kWidth * m);
      rows.push_back((k * 0.61).sin().to(torch::kFloat));
    }
    const auto count = static_cast<int64_t>(rows.size());
    all.push_back({count > 0 ? torch::stack(rows) : torch::zeros({0, kWidth}),
                   torch::zeros({count, 4}), 10, 10});
  }
  return collate_regions(all);
}

/// The oracle's questions, padded to `width`.
torch::Tensor oracle_tokens(const std::vector<int64_t>& questions, int64_t width) {
  const std::vector<int64_t> ids[] = {{2, 5, 3, 4}, {7}, {}, {3, 2}, {1, 6, 9}};
  torch::Tensor tokens =
      torch::zeros({static_cast<int64_t>(questions.size()), width}, torch::kLong);
  for (std::size_t row = 0; row < questions.size(); ++row) {
    const std::vector<int64_t>& words = ids[questions[row]];
    for (std::size_t t = 0; t < words.size(); ++t) {
      tokens[static_cast<int64_t>(row)][static_cast<int64_t>(t)] = words[t];
    }
  }
  return tokens;
}

torch::Tensor logits_of(ModelBundle& bundle, const std::vector<int64_t>& rows, int64_t width) {
  const torch::NoGradGuard no_grad;
  ModelInput input;
  input.tokens = oracle_tokens(rows, width);
  input.regions = oracle_regions(rows);
  return bundle.model(input).logits;
}

torch::Tensor expected_logits(const std::string& name) {
  const Json all = read_json(fs::path(VQALIGN_SOURCE_DIR) / "tests/fusion/fixtures/logits.json");
  std::vector<double> numbers;
  for (const Json& row : all.at(name).as_array()) {
    for (const Json& number : row.as_array()) numbers.push_back(number.as_double());
  }
  return torch::tensor(numbers, torch::kDouble).view({5, 5});
}

double largest_difference(const torch::Tensor& found, const torch::Tensor& expected) {
  return (found.to(torch::kDouble) - expected).abs().max().item<double>();
}

TEST(McanCheckpoint, LogitsAreTheReferences) {
  for (const char* name : {"epoch13", "legacy", "openvqa", "bare"}) {
    SCOPED_TRACE(name);
    ModelBundle bundle = imported(name);
    EXPECT_FALSE(bundle.model->is_training());
    const torch::Tensor expected = expected_logits(name);
    EXPECT_GT(expected.std(0).min().item<double>(), 1e-3);  // the questions tell apart
    EXPECT_LT(largest_difference(logits_of(bundle, {0, 1, 2, 3, 4}, 14), expected), 1e-5);
    // Each by itself, cut to its own length: padding makes no difference, except of the question
    // without a word (2), whose width is the answer's.
    const int64_t widths[] = {4, 1, 14, 2, 3};
    for (int64_t row = 0; row < 5; ++row) {
      EXPECT_LT(largest_difference(logits_of(bundle, {row}, widths[row])[0], expected[row]), 1e-5)
          << row;
    }
  }
}

TEST(McanCheckpoint, SizesComeFromTheTensors) {
  const McanCheckpoint checkpoint = read_mcan_checkpoint(checkpoint_path("epoch13"));
  EXPECT_EQ(checkpoint.format, "zip");
  EXPECT_EQ(checkpoint.layout, "mcan-vqa");
  EXPECT_EQ(checkpoint.learning_rate, 4e-6);
  EXPECT_FALSE(checkpoint.epoch.has_value());
  const ModelConfig& config = checkpoint.config;
  EXPECT_EQ(config.words, 10);
  EXPECT_EQ(config.answers, 5);
  EXPECT_EQ(config.language.word_width, 5);
  EXPECT_EQ(config.language.max_tokens, 14);
  EXPECT_EQ(config.vision.encoder, "features");
  EXPECT_EQ(config.vision.feature_width, kWidth);
  EXPECT_EQ(config.vision.max_regions, 100);
  EXPECT_EQ(config.model.layers, 2);
  EXPECT_EQ(config.model.hidden, 8);
  EXPECT_EQ(config.model.feed_forward, 32);
  EXPECT_EQ(config.model.pooling_hidden, 4);
  EXPECT_EQ(config.model.pooled, 6);
  EXPECT_EQ(config.model.glimpses, 1);
  EXPECT_EQ(config.model.heads, 8);

  const McanCheckpoint openvqa = read_mcan_checkpoint(checkpoint_path("openvqa"));
  EXPECT_EQ(openvqa.layout, "openvqa");
  EXPECT_EQ(openvqa.epoch, 13);
  EXPECT_EQ(openvqa.config.words, 11);
  EXPECT_EQ(read_mcan_checkpoint(checkpoint_path("legacy")).format, "legacy");
  EXPECT_FALSE(read_mcan_checkpoint(checkpoint_path("bare")).learning_rate.has_value());
}

TEST(McanCheckpoint, AnImportedModelIsAModelFile) {
  const ModelBundle bundle = imported("openvqa");
  const auto path = fresh_path("imported.safetensors");
  save_model(path, bundle);
  ModelBundle back = load_model(path);
  EXPECT_EQ(back.vocabulary.words()[2], "CLS");
  EXPECT_EQ(back.priors, std::vector<float>(5, 0.0f));
  EXPECT_EQ(back.trained.at("layout").as_string(), "openvqa");
  EXPECT_EQ(back.trained.at("epochs").as_int(), 13);
  EXPECT_LT(largest_difference(logits_of(back, {0, 1, 2, 3, 4}, 14), expected_logits("openvqa")),
            1e-5);
}

/// A checkpoint of the example's tensors with a change.
template <typename Change>
std::string message_after(const Change& change) {
  const TorchCheckpoint whole(checkpoint_path("epoch13"));
  NamedTensors tensors = state_dict_of(whole);
  change(tensors);
  const auto path = fresh_path("changed.pkl");
  write_torch_checkpoint(path, tensors, {});
  const std::string message = error_of([&] {
    const McanCheckpoint checkpoint = read_mcan_checkpoint(path);
    const std::vector<std::string> answers(kAnswers.begin(),
                                           kAnswers.begin() + checkpoint.config.answers);
    import_mcan(checkpoint, vocabulary_of("epoch13"), answers, kHeads);
  });
  EXPECT_EQ(message.rfind(path.string(), 0), message == "no Error" ? std::string::npos : 0u)
      << message;
  return message;
}

void erase(NamedTensors& tensors, const std::string& name) {
  std::erase_if(tensors, [&](const auto& item) { return item.first == name; });
}

void replace(NamedTensors& tensors, const std::string& name, const torch::Tensor& value) {
  for (auto& [key, tensor] : tensors) {
    if (key == name) tensor = value;
  }
}

TEST(McanCheckpoint, EveryTensorIsNeededAndNoOther) {
  EXPECT_EQ(message_after([](NamedTensors&) {}), "no Error");
  const TorchCheckpoint whole(checkpoint_path("epoch13"));
  for (const auto& [name, tensor] : state_dict_of(whole)) {
    const std::string missing = message_after([&](NamedTensors& all) { erase(all, name); });
    EXPECT_NE(missing.find(name + " is missing"), std::string::npos) << missing;
    const std::string wider = message_after([&](NamedTensors& all) {
      replace(all, name, torch::zeros({tensor.size(0), 77, 2}));
    });
    EXPECT_NE(wider, "no Error") << name;
  }
  EXPECT_NE(message_after([](NamedTensors& all) {
              all.emplace_back("more", torch::zeros({1}));
            }).find("tensor more has no place"),
            std::string::npos);
}

TEST(McanCheckpoint, WhatIsWrongIsNamed) {
  const auto with = [](const std::string& name, const torch::Tensor& value) {
    return message_after([&](NamedTensors& all) { replace(all, name, value); });
  };
  const auto added = [](const std::string& name, const torch::Tensor& value) {
    return message_after([&](NamedTensors& all) { all.emplace_back(name, value); });
  };
  EXPECT_NE(with("lstm.weight_ih_l0", torch::zeros({32, 6}))
                .find("has shape [32, 6], the network asks for [32, 5]"),
            std::string::npos);
  EXPECT_NE(with("backbone.dec_list.0.mhatt1.linear_v.weight", torch::zeros({9, 8}))
                .find("has shape [9, 8], the others ask for [8, 8]"),
            std::string::npos);
  EXPECT_NE(with("proj.bias", torch::full({5}, std::nan(""))).find("NaN"), std::string::npos);
  EXPECT_NE(with("proj.weight", torch::zeros({3})).find("has 1 dimensions"), std::string::npos);
  EXPECT_NE(with("lstm.weight_hh_l0", torch::zeros({4, 1})).find("hidden"), std::string::npos);
  EXPECT_NE(added("module.proj.bias", torch::zeros({5})).find("is there twice"), std::string::npos);
  EXPECT_NE(added("adapter.bbox_linear.weight", torch::zeros({4, 5}))
                .find("bbox_linear is not supported"),
            std::string::npos);
  EXPECT_NE(added("adapter.grid_linear.weight", torch::zeros({4, 5}))
                .find("grid_linear is not supported"),
            std::string::npos);
  const auto path = fresh_path("none.pkl");
  write_torch_checkpoint(path, {{"fc.weight", torch::zeros({2, 2})}}, {});
  EXPECT_NE(error_of([&] { read_mcan_checkpoint(path); }).find("embedding.weight is missing"),
            std::string::npos);
  EXPECT_FALSE(is_mcan({{"fc.weight", torch::zeros({2, 2})}}));
}

TEST(McanExport, BackAgain) {
  for (const std::string layout : {"mcan-vqa", "openvqa"}) {
    const std::string name = layout == "openvqa" ? "openvqa" : "epoch13";
    const ModelBundle bundle = imported(name);
    const auto path = fresh_path("back.pkl");
    export_mcan(path, bundle, layout, "the model");
    const McanCheckpoint back = read_mcan_checkpoint(path);
    EXPECT_EQ(back.layout, layout);
    EXPECT_EQ(back.learning_rate, 1e-4);
    ModelBundle again = import_mcan(back, vocabulary_of(name), kAnswers, kHeads);
    EXPECT_LT(largest_difference(logits_of(again, {0, 1, 2, 3, 4}, 14), expected_logits(name)),
              1e-5);
    // The names and their order are the reference's: resuming matches Adam's state by position.
    const NamedTensors before = state_dict_of(TorchCheckpoint(checkpoint_path(name)));
    const NamedTensors after = state_dict_of(TorchCheckpoint(path));
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t i = 0; i < after.size(); ++i) EXPECT_EQ(after[i].first, before[i].first);
  }
}

TEST(McanExport, RefusesWhatTheReferenceCannotHold) {
  const auto refusal = [](const std::function<void(ModelConfig&)>& change) {
    ModelBundle bundle = imported("epoch13");
    change(bundle.config);
    const auto path = fresh_path("refused.pkl");
    const std::string message =
        error_of([&] { export_mcan(path, bundle, "mcan-vqa", "m.safetensors"); });
    EXPECT_FALSE(fs::exists(path));
    return message;
  };
  EXPECT_EQ(refusal([](ModelConfig& config) { config.vision.encoder = "grid"; }),
            "m.safetensors: vision.encoder is \"grid\", the public MCAN code has only "
            "\"features\"");
  EXPECT_EQ(refusal([](ModelConfig& config) { config.language.shortcut = true; }),
            "m.safetensors: language.shortcut is true, the public MCAN code has only false");
  EXPECT_NE(refusal([](ModelConfig& config) {
              config.model.structure = "stacking";
            }).find("model.structure is \"stacking\""),
            std::string::npos);
  EXPECT_NE(refusal([](ModelConfig& config) { config.model.boxes = "plain"; }).find("model.boxes"),
            std::string::npos);
  EXPECT_NE(refusal([](ModelConfig& config) { config.model.norm = "pre"; }).find("model.norm"),
            std::string::npos);
  EXPECT_NE(refusal([](ModelConfig& config) {
              config.model.feed_forward = 31;
            }).find("model.feed_forward is 31, the public MCAN code has only 32"),
            std::string::npos);
}

TEST(McanExport, SettingsBearTheReferencesNames) {
  const Json settings = mcan_settings(imported("epoch13").config);
  EXPECT_EQ(settings.at("HIDDEN_SIZE").as_int(), 8);
  EXPECT_EQ(settings.at("MULTI_HEAD").as_int(), kHeads);
  EXPECT_EQ(settings.at("FLAT_OUT_SIZE").as_int(), 6);
}

}  // namespace
}  // namespace vqalign
