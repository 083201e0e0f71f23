#include "vqalign/train/stepper.h"

#include <torch/types.h>

#include <cmath>

namespace vqalign {

Stepper::Stepper(TrainingSetup& setup, const RunOptions& options, torch::Device device,
                 uint64_t seed)
    : setup_(setup),
      options_(options),
      device_(device),
      adam_(setup.parameters(), options.train),
      average_(setup.model_weights(), options.train.average),
      streams_(seed) {}

StepResult Stepper::take(const Batch& batch, const StepSettings& settings) {
  const StepLosses losses =
      settings.objects_only
          ? object_losses(setup_, options_, batch, device_)
          : sample_losses(setup_, options_, batch, settings.relevance_weight, device_, streams_);
  adam_.zero_grad();
  const torch::Tensor& minimised = losses.minimised;
  (options_.train.reduction == "sum" ? minimised.sum() : minimised.mean()).backward();
  StepResult result = losses.read(adam_.gradient_norms());
  result.learning_rate = settings.learning_rate;
  if (!result.finite()) report_divergence(result, settings.number);
  if (!std::isfinite(result.gradient_norm)) report_divergence(result, settings.number);
  const double clip = options_.train.gradient_clip;
  if (clip > 0 && result.gradient_norm > clip) adam_.scale_gradients(clip / result.gradient_norm);
  adam_.step(settings.learning_rate);
  average_.update(settings.number);
  return result;
}

NamedTensors Stepper::state() const {
  NamedTensors state;
  for (auto& [name, tensor] : adam_.state()) state.emplace_back("adam." + name, tensor);
  for (auto& [name, tensor] : average_.state()) state.emplace_back("average." + name, tensor);
  return state;
}

void Stepper::check_weights(int64_t step) const {
  for (const NamedTensors& tensors : {setup_.state_tensors(), state()}) {
    for (const auto& [name, tensor] : tensors) {
      if (!torch::isfinite(tensor).all().item<bool>()) report_divergence(name, step);
    }
  }
}

}  // namespace vqalign
