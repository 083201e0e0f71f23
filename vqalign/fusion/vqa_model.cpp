#include "vqalign/fusion/vqa_model.h"

#include <torch/nn/init.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cassert>
#include <numbers>

#include "vqalign/attention/at_least_float.h"
#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr int64_t kFourierOctaves = 4;
/// Coordinates are small numbers next to features: scaled up at the start, places are learned
/// early.
constexpr double kBoxGain = 12.0;
/// Of a pretrained encoder while it is tuned: what it was trained with.
constexpr double kBertDropout = 0.1;

int64_t description_width(const std::string& kind) {
  return kind == "fourier" ? 5 + 4 * kFourierOctaves : 5;
}

/// Every linear map: Xavier-uniform weights, zero bias.
void initialise_xavier(torch::nn::Module& model) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : model.modules(/*include_self=*/false)) {
    auto* linear = dynamic_cast<torch::nn::LinearImpl*>(module.get());
    if (!linear) continue;
    torch::nn::init::xavier_uniform_(linear->weight);
    linear->bias.zero_();
  }
}

}  // namespace

OptionTree ModelConfig::options() {
  return {{"vision", vision.fields()}, {"language", language.fields()}, {"model", model.fields()}};
}

void ModelConfig::check() const {
  model.check();
  vision.channel_counts();
  vision.block_counts();
  vision.check();
  language.check();
}

bool ModelConfig::has_dropout() const {
  return model.dropout > 0 || model.region_dropout > 0 || language.tune;
}

FamilyShape ModelConfig::heads_of(AttentionFamily family) const {
  if (family != AttentionFamily::kQuestionPretrained) return {model.layers, model.heads};
  return language.pretrained() ? FamilyShape{language.layers, language.heads} : FamilyShape{};
}

torch::Tensor box_description(const torch::Tensor& boxes, const torch::Tensor& sizes,
                              const std::string& kind) {
  const torch::Tensor scale = torch::cat({sizes, sizes}, 1).unsqueeze(1);  // w h w h
  const torch::Tensor share = boxes / scale;
  const auto corner = [&](int64_t i) { return share.select(2, i); };
  const torch::Tensor area = (corner(2) - corner(0)) * (corner(3) - corner(1));
  std::vector<torch::Tensor> parts = {share, area.unsqueeze(2)};
  if (kind == "fourier") {
    const torch::Tensor centre = (share.slice(2, 0, 2) + share.slice(2, 2, 4)) * 0.5;
    for (int64_t octave = 0; octave < kFourierOctaves; ++octave) {
      const torch::Tensor angle = centre * (std::numbers::pi * double(int64_t{1} << octave));
      parts.push_back(angle.sin());
      parts.push_back(angle.cos());
    }
  }
  return torch::cat(parts, 2);
}

VqaModelImpl::VqaModelImpl(const ModelConfig& config) : config_(config) {
  const ModelOptions& options = config.model;
  options.check();
  add_question_encoder();
  int64_t region_width = config.vision.feature_width;
  vision_ = make_grid_encoder(config.vision);
  if (vision_) {
    register_module("vision", vision_);
    region_width = vision_->width();
  }
  img_feat_linear_ = register_module("img_feat_linear", Linear(region_width, options.hidden));
  if (options.boxes != "none") {
    box_linear_ =
        register_module("box_linear", Linear(description_width(options.boxes), options.hidden));
  }
  backbone_ = register_module("backbone", CoAttention(options));
  attflat_img_ = register_module("attflat_img", AttentionalPooling(options));
  attflat_lang_ = register_module("attflat_lang", AttentionalPooling(options));
  proj_norm_ = register_module("proj_norm", LayerNorm(options.pooled));
  proj_ = register_module("proj", Linear(options.pooled, config.answers));
  if (options.init == "xavier") {
    initialise_xavier(*this);
    const torch::NoGradGuard no_grad;
    if (box_linear_) box_linear_->weight.mul_(kBoxGain);
  }
}

void VqaModelImpl::add_question_encoder() {
  const LanguageOptions& language = config_.language;
  const int64_t hidden = config_.model.hidden;
  if (language.pretrained()) {
    language.check();
    language_ = register_module("language", Bert(BertShape{.words = config_.words,
                                                           .positions = language.positions,
                                                           .layers = language.layers,
                                                           .width = language.width,
                                                           .heads = language.heads,
                                                           .feed_forward = language.feed_forward}));
    for (torch::Tensor& parameter : language_->parameters()) {
      parameter.requires_grad_(language.tune);
    }
    language_linear_ = register_module("language_linear", Linear(language.width, hidden));
    return;
  }
  question_encoder_ =
      QuestionEncoder(config_.words, language.word_width, hidden, language.shortcut);
  register_module("embedding", question_encoder_->embedding);
  register_module("lstm", question_encoder_->lstm);
  if (language.shortcut) register_module("word_linear", question_encoder_->word_linear);
}

torch::Tensor VqaModelImpl::word_states(const ModelInput& input, AttentionContext context) {
  if (!language_) return question_encoder_(input.tokens);
  const bool tuned = config_.language.tune;
  context.dropout_rate = kBertDropout;
  if (!tuned) context.streams = nullptr;
  torch::Tensor states = input.word_states;
  if (!states.defined()) {
    const torch::AutoGradMode gradients(torch::GradMode::is_enabled() && tuned);
    const torch::Tensor tokens = in_each_pass(input.tokens, context.passes());
    states = language_->read(tokens, config_.marks, context);
  }
  return at_least_float(language_linear_(states));
}

torch::Tensor VqaModelImpl::encode_words(const torch::Tensor& tokens) {
  if (!language_ || config_.language.tune) return {};
  const torch::AutoGradMode gradients(false);
  return language_->read(tokens, config_.marks, {});
}

RegionBatch VqaModelImpl::encode_pictures(const ModelInput& input) {
  GridCells grid;
  return encode(input, grid);
}

GridCells VqaModelImpl::encode_cells(const PictureBatch& pictures) {
  assert(vision_);
  return vision_->cells(pictures);
}

void VqaModelImpl::freeze_vision() {
  vision_frozen_ = true;
  if (vision_) vision_->eval();
}

torch::Tensor VqaModelImpl::project_features(const torch::Tensor& features) {
  return img_feat_linear_(features);
}

RegionBatch VqaModelImpl::encode(const ModelInput& input, GridCells& grid) {
  assert(input.pictures.has_value() != input.regions.has_value());
  if (input.regions) return *input.regions;
  const torch::AutoGradMode gradients(torch::GradMode::is_enabled() && !vision_frozen_);
  grid = encode_cells(*input.pictures);
  return vision_->choose(grid);
}

torch::Tensor VqaModelImpl::region_states(const RegionBatch& regions,
                                          const AttentionContext& context) {
  torch::Tensor features = regions.features;
  const bool drops = context.streams && config_.model.region_dropout > 0;
  if (drops) {
    features = dropout(in_each_pass(features, context.passes()), config_.model.region_dropout,
                       *context.streams);
  }
  torch::Tensor states = project_features(features);
  if (box_linear_) {
    const torch::Tensor boxes =
        box_linear_(box_description(regions.boxes, regions.sizes, config_.model.boxes));
    states = states + (drops ? in_each_pass(boxes, context.passes()) : boxes);
  }
  return at_least_float(states);
}

CoAttentionInput VqaModelImpl::opening_states(const ModelInput& input, const RegionBatch& regions,
                                              const AttentionContext& context) {
  CoAttentionInput states;
  states.words = word_states(input, context);
  states.word_mask = input.tokens.eq(0);
  states.regions = region_states(regions, context);
  states.region_mask = regions.mask;
  states.pictures.index = input.picture_index;
  const int64_t passes = context.passes();
  if (passes == 1) return states;
  states.words_alike = states.words.size(0) == states.word_mask.size(0);
  states.regions_alike = states.regions.size(0) == states.region_mask.size(0);
  if (!states.words_alike) states.word_mask = in_each_pass(states.word_mask, passes);
  if (!states.regions_alike) states.region_mask = in_each_pass(states.region_mask, passes);
  return states;
}

ModelOutput VqaModelImpl::forward(const ModelInput& input, const PassOptions& pass) {
  ModelOutput output;
  const RegionBatch regions = encode(input, output.grid);
  AttentionContext context;
  context.dropout_rate = config_.model.dropout;
  context.streams = pass.streams;
  context.request = pass.taps;
  context.taps = pass.taps.any() ? &output.taps : nullptr;
  context.silenced = &pass.silenced;
  const int64_t passes = context.passes();
  assert(passes == 1 || (!context.taps && !torch::GradMode::is_enabled()));

  const CoAttentionInput states = opening_states(input, regions, context);
  CoAttentionOutput fused = backbone_(states, context);
  const torch::Tensor word_mask =
      states.words_alike ? in_each_pass(states.word_mask, passes) : states.word_mask;

  const Pooled words = attflat_lang_(fused.words, word_mask, context);
  const Pooled picture = attflat_img_(fused.regions.back(), fused.region_mask, context);
  const torch::Tensor joint = proj_norm_(words.vector + picture.vector);
  output.logits = at_least_float(proj_(joint));
  output.word_weights = words.weights;
  output.region_weights = picture.weights;
  output.region_mask = fused.region_mask;
  output.region_states = std::move(fused.regions);
  output.boxes = regions.boxes;
  return output;
}

}  // namespace vqalign
