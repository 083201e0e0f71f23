#include "vqalign/bench/training_case.h"

#include <torch/nn/functional/loss.h>
#include <torch/nn/module.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "vqalign/train/device.h"
#include "vqalign/train/precision.h"

namespace vqalign {
namespace {

constexpr int64_t kRegions = 100;
// Words and answers of VQA v2 in the public MCAN code, and about as many as drawn scenes have.
constexpr int64_t kVqaWords = 20572;
constexpr int64_t kVqaAnswers = 3129;
constexpr int64_t kSceneWords = 120;
constexpr int64_t kSceneAnswers = 40;
constexpr int64_t kLongestSceneQuestion = 18;

NamedTensors parameters_of(const torch::nn::Module& module) {
  NamedTensors tensors;
  for (const auto& item : module.named_parameters()) tensors.emplace_back(item.key(), item.value());
  return tensors;
}

int64_t parameter_count(const torch::nn::Module& module) {
  int64_t count = 0;
  for (const torch::Tensor& parameter : module.parameters()) count += parameter.numel();
  return count;
}

/// int64 [B, T]; the first question is the longest.
torch::Tensor made_up_tokens(int64_t batch, int64_t longest, int64_t words) {
  torch::Tensor lengths = torch::randint((longest + 2) / 3, longest + 1, {batch}, torch::kInt64);
  lengths[0] = longest;
  const torch::Tensor beyond =
      torch::arange(longest).unsqueeze(0).ge(lengths.unsqueeze(1));  // [B, T]
  return torch::randint(1, words, {batch, longest}, torch::kInt64).masked_fill(beyond, 0);
}

RegionBatch made_up_regions(int64_t batch, const VisionOptions& options) {
  const int64_t count = std::min(kRegions, options.max_regions);
  RegionBatch regions;
  regions.features = torch::randn({batch, count, options.feature_width}).relu_();
  const torch::Tensor corner = torch::rand({batch, count, 2}) * 300;
  regions.boxes = torch::cat({corner, corner + 50}, 2);
  regions.mask = torch::zeros({batch, count}, torch::kBool);
  regions.sizes = torch::full({batch, 2}, 400.0);
  return regions;
}

PictureBatch made_up_pictures(int64_t count, const VisionOptions& options) {
  const auto side = static_cast<int64_t>(std::sqrt(double(options.pixels)));
  std::vector<ScaledPicture> pictures;
  for (int64_t i = 0; i < count; ++i) {
    pictures.push_back({torch::randint(0, 256, {side, side, 3}, torch::kUInt8), side, side});
  }
  return collate_pictures(pictures, picture_scale(options).multiple);
}

}  // namespace

TrainingCase::TrainingCase(const std::string& recipe, const std::vector<std::string>& kinds,
                           const How& how)
    : options_(load_recipe(recipe)), device_(how.device) {
  const int64_t batch = how.batch;
  options_.train.precision = how.precision;
  ModelConfig& config = options_.config;
  const bool pictures = config.vision.takes_pictures();
  config.words = pictures ? kSceneWords : kVqaWords;
  config.answers = pictures ? kSceneAnswers : kVqaAnswers;
  model_ = VqaModel(config);
  model_->to(device_);
  model_->train();
  adam_.emplace(parameters_of(*model_), options_.train);
  for (const std::string& kind : kinds) add_regulariser(kind);

  const int64_t longest = pictures ? std::min(kLongestSceneQuestion, config.language.max_tokens)
                                   : config.language.max_tokens;
  input_.tokens = made_up_tokens(batch, longest, config.words).to(device_);
  if (pictures) {
    const int64_t questions = std::max<int64_t>(1, options_.data.questions_per_picture);
    input_.pictures =
        to_device(made_up_pictures((batch + questions - 1) / questions, config.vision), device_);
    input_.picture_index = torch::arange(batch).div(questions, "floor").to(device_);
  } else {
    input_.regions = to_device(made_up_regions(batch, config.vision), device_);
  }
  // Ten answers: most people agree, three do not.
  const torch::Tensor chosen = torch::randint(0, config.answers, {batch, 2}, torch::kInt64);
  targets_ = torch::zeros({batch, config.answers})
                 .scatter_(1, chosen.slice(1, 1), 0.9)
                 .scatter_(1, chosen.slice(1, 0, 1), 1.0)
                 .to(device_);
}

void TrainingCase::add_regulariser(const std::string& kind) {
  AlignOptions align = options_.align;
  align.kind = kind;
  const ModelOptions& model = options_.config.model;
  const auto alignment =
      std::make_shared<Alignment>(align, model.hidden / model.heads, model.layers);
  alignment->to(device_);
  alignment->train();
  regularisers_.insert_or_assign(
      kind, Regulariser{alignment, Adam(parameters_of(*alignment), options_.train)});
}

torch::Tensor TrainingCase::sample_losses(Regulariser& regulariser) {
  const Autocast autocast(options_.train.precision, device_);
  const bool aligned = regulariser.alignment->active();
  PassOptions pass;
  pass.streams = &streams_;
  pass.taps.queries_keys = aligned;
  const ModelOutput output = model_(input_, pass);
  torch::Tensor samples =
      torch::binary_cross_entropy_with_logits(output.logits, targets_, {}, {}, at::Reduction::None)
          .sum(1);
  if (aligned) {
    samples = samples + options_.align.weight * regulariser.alignment->forward(output.taps);
  }
  return samples;
}

void TrainingCase::step(const std::string& kind) {
  Regulariser& regulariser = regularisers_.at(kind);
  const torch::Tensor samples = sample_losses(regulariser);
  adam_->zero_grad();
  regulariser.adam.zero_grad();
  (options_.train.reduction == "sum" ? samples.sum() : samples.mean()).backward();
  clip_gradients(regulariser);
  adam_->step(options_.train.learning_rate);
  regulariser.adam.step(options_.train.learning_rate);
  finish_work(device_);
}

void TrainingCase::clip_gradients(Regulariser& regulariser) {
  const double norm = std::hypot(total_norm(adam_->gradient_norms()),
                                 total_norm(regulariser.adam.gradient_norms()));
  if (options_.train.gradient_clip == 0 || norm <= options_.train.gradient_clip) return;
  adam_->scale_gradients(options_.train.gradient_clip / norm);
  regulariser.adam.scale_gradients(options_.train.gradient_clip / norm);
}

int64_t TrainingCase::training_parameters(const std::string& kind) const {
  return model_parameters() + parameter_count(*regularisers_.at(kind).alignment);
}

int64_t TrainingCase::model_parameters() const {
  return parameter_count(*model_);
}

}  // namespace vqalign
