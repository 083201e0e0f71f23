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
      streams_(seed) {
  if (options.train.precision == "float16") scale_ = LossScale(LossScale::State());
}

StepResult Stepper::take(const Batch& batch, const StepSettings& settings) {
  const StepLosses losses =
      settings.objects_only
          ? object_losses(setup_, options_, batch, device_)
          : sample_losses(setup_, options_, batch, settings.relevance_weight, device_, streams_);
  adam_.zero_grad();
  const torch::Tensor& minimised = losses.minimised;
  const torch::Tensor whole =
      options_.train.reduction == "sum" ? minimised.sum() : minimised.mean();
  if (scale_.dynamic()) {
    (whole * scale_.value()).backward();
    adam_.scale_gradients(1 / scale_.value());
  } else {
    whole.backward();
  }
  StepResult result = losses.read(adam_.gradient_norms());
  result.learning_rate = settings.learning_rate;
  if (!result.finite()) report_divergence(result, settings.number);
  const bool finite = std::isfinite(result.gradient_norm);
  if (scale_.dynamic()) result.loss_scale = scale_.value();
  result.skipped = scale_.to_blame(finite);
  if (result.skipped) return result;
  if (!finite) report_divergence(result, settings.number);
  const double clip = options_.train.gradient_clip;
  if (clip > 0 && result.gradient_norm > clip) adam_.scale_gradients(clip / result.gradient_norm);
  adam_.step(settings.learning_rate);
  average_.update(settings.number);
  return result;
}

void Stepper::keep(TrainingProgress& progress) const {
  progress.dropout_stream = streams_.next();
  progress.loss_scale = scale_.state();
}

void Stepper::restore(const TrainingProgress& progress) {
  streams_ = DropoutStreams(streams_.seed(), progress.dropout_stream);
  if (scale_.dynamic()) scale_ = LossScale(progress.loss_scale);
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
