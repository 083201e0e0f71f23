#include "vqalign/fusion/model_shapes.h"

#include "vqalign/core/error.h"
#include "vqalign/vision/detector_regions.h"
#include "vqalign/vision/pretrained_grid.h"

namespace vqalign {
namespace {

using Shapes = std::vector<std::pair<std::string, std::vector<int64_t>>>;

/// Adds the grid CNN's; returns the width of its regions.
int64_t add_vision(const VisionOptions& options, Shapes& shapes) {
  const std::vector<int64_t> channels = options.channel_counts();
  const std::vector<int64_t> blocks = options.block_counts();
  int64_t in = 3, block = 0;
  for (std::size_t stage = 0; stage < channels.size(); ++stage) {
    const int64_t out = channels[stage];
    shapes.push_back({concat("vision.convs.", stage, ".weight"), {out, in, 3, 3}});
    for (int64_t i = 0; i < blocks[stage]; ++i) {
      shapes.push_back({concat("vision.blocks.", block++, ".conv1.weight"), {out, out, 3, 3}});
    }
    in = out;
  }
  return in;
}

void add_language(const ModelConfig& config, Shapes& shapes) {
  const LanguageOptions& language = config.language;
  const int64_t hidden = config.model.hidden;
  if (!language.pretrained()) {
    shapes.push_back({"embedding.weight", {config.words, language.word_width}});
    shapes.push_back({"lstm.weight_hh_l0", {4 * hidden, hidden}});
    return;
  }
  const std::string embeddings = "language.embeddings.";
  shapes.push_back({embeddings + "word_embeddings.weight", {config.words, language.width}});
  shapes.push_back(
      {embeddings + "position_embeddings.weight", {language.positions, language.width}});
  for (int64_t layer = 0; layer < language.layers; ++layer) {
    const std::string name = concat("language.encoder.layer.", layer, ".");
    shapes.push_back({name + "attention.self.query.weight", {language.width, language.width}});
    shapes.push_back({name + "intermediate.dense.weight", {language.feed_forward, language.width}});
  }
  shapes.push_back({"language_linear.weight", {hidden, language.width}});
}

}  // namespace

Shapes telling_shapes(const ModelConfig& config) {
  const ModelOptions& model = config.model;
  Shapes shapes;
  int64_t width = config.vision.feature_width;
  if (config.vision.pretrained()) {  // its own sizes are no options
    width =
        config.vision.detects() ? detector_width(config.vision) : pretrained_width(config.vision);
  } else if (config.vision.takes_pictures()) {
    width = add_vision(config.vision, shapes);
  }
  add_language(config, shapes);
  shapes.push_back({"img_feat_linear.weight", {model.hidden, width}});
  for (int64_t layer = 0; layer < model.layers; ++layer) {
    shapes.push_back({concat("backbone.dec_list.", layer, ".mhatt1.linear_v.weight"),
                      {model.hidden, model.hidden}});
    shapes.push_back({concat("backbone.dec_list.", layer, ".ffn.mlp.fc.linear.weight"),
                      {model.feed_forward, model.hidden}});
  }
  shapes.push_back({"attflat_img.mlp.fc.linear.weight", {model.pooling_hidden, model.hidden}});
  shapes.push_back(
      {"attflat_img.linear_merge.weight", {model.pooled, model.hidden * model.glimpses}});
  shapes.push_back({"proj.weight", {config.answers, model.pooled}});
  return shapes;
}

}  // namespace vqalign
