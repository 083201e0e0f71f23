#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include "vqalign/fusion/model_file.h"
#include "vqalign/language/word_piece.h"

namespace vqalign {

/// The small model of tests/oracle/mcan_model.py.
inline ModelConfig oracle_config() {
  ModelConfig config;
  config.vision.encoder = "features";
  config.vision.feature_width = 7;
  config.language.word_width = 5;
  config.model.layers = 2;
  config.model.hidden = 8;
  config.model.heads = 2;
  config.model.feed_forward = 12;
  config.model.pooling_hidden = 6;
  config.model.pooled = 10;
  config.words = 9;
  config.answers = 4;
  return config;
}

/// w[i] = cos(0.37 i^2 + phase) * 0.6, as the script makes them.
inline void fill_oracle_weights(VqaModel& model) {
  const torch::NoGradGuard no_grad;
  for (auto& item : model->named_parameters()) {
    int64_t phase = 0;
    for (const char c : item.key()) phase += static_cast<unsigned char>(c);
    const torch::Tensor i = torch::arange(item.value().numel(), torch::kFloat64);
    torch::Tensor values = torch::cos(0.37 * i * i + double(phase % 97)) * 0.6;
    if (item.key().ends_with("a_2")) values = values + 1.0;
    item.value().copy_(values.view(item.value().sizes()));
  }
}

/// The script's three questions about three pictures; padded regions have zero features.
inline ModelInput oracle_input() {
  ModelInput input;
  input.tokens = torch::tensor({{2, 5, 8, 0}, {3, 1, 0, 0}, {4, 6, 7, 2}}, torch::kInt64);
  RegionBatch regions;
  regions.features = torch::sin(0.61 * torch::arange(3 * 5 * 7, torch::kFloat64))
                         .view({3, 5, 7})
                         .to(torch::kFloat32);
  regions.features[0][4].zero_();
  regions.features[1].slice(0, 2).zero_();
  regions.mask = regions.features.abs().sum(2).eq(0);
  regions.boxes = torch::zeros({3, 5, 4});
  regions.sizes = torch::ones({3, 2});
  input.regions = regions;
  return input;
}

/// That model with a pretrained encoder of questions, three layers of four heads, and the nine
/// pieces that it reads; its weights are drawn.
inline ModelBundle pretrained_bundle(bool tune) {
  ModelConfig config = oracle_config();
  config.language.encoder = "minilm";
  config.language.tune = tune;
  config.language.layers = 3;
  config.language.width = 8;
  config.language.heads = 4;
  config.language.feed_forward = 6;
  config.language.positions = 16;
  config.model.dropout = 0;
  torch::manual_seed(5);
  ModelBundle bundle = ModelBundle::create(
      config,
      word_piece_vocabulary({"[PAD]", "[UNK]", "[CLS]", "mat", "[SEP]", "a", "cat", "##s", ","},
                            "pieces"),
      {"yes", "no", "2", ""}, {0.4F, 0.3F, 0.2F, 0.1F});
  bundle.model->eval();
  return bundle;
}

}  // namespace vqalign
