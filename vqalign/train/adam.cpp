#include "vqalign/train/adam.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <numeric>

namespace vqalign {
namespace {

/// Where the encoders' and the adversaries' parameters are in a training.
constexpr const char* kVisionPrefix = "model.vision.";
constexpr const char* kLanguagePrefix = "model.language.";
constexpr const char* kCriticPrefix = "align.critic_";
constexpr const char* kDiscriminatorPrefix = "align.discriminator_";

}  // namespace

double total_norm(const torch::Tensor& norms) {
  const torch::Tensor own = norms.to(torch::kCPU, torch::kFloat64).contiguous();
  const double* values = own.const_data_ptr<double>();
  return std::sqrt(std::inner_product(values, values + own.numel(), values, 0.0));
}

Adam::Adam(NamedTensors parameters, const TrainOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
  for (const auto& [name, parameter] : parameters_) {
    exp_avg_.push_back(torch::zeros_like(parameter));
    exp_avg_sq_.push_back(torch::zeros_like(parameter));
    steps_.push_back(torch::zeros({}, torch::dtype(torch::kFloat32).device(parameter.device())));
  }
}

void Adam::step(double learning_rate) {
  const torch::NoGradGuard no_grad;
  std::vector<std::size_t> vision, language, adversaries, others;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const auto& [name, parameter] = parameters_[i];
    if (!parameter.grad().defined()) continue;
    if (name.starts_with(kVisionPrefix)) {
      vision.push_back(i);
    } else if (name.starts_with(kLanguagePrefix)) {
      language.push_back(i);
    } else if (name.starts_with(kCriticPrefix) || name.starts_with(kDiscriminatorPrefix)) {
      adversaries.push_back(i);
    } else {
      others.push_back(i);
    }
  }
  step_some(vision, learning_rate * options_.vision_rate, options_.beta1);
  step_some(language, learning_rate * options_.language_rate, options_.beta1);
  step_some(adversaries, learning_rate * options_.adversary_rate, options_.adversary_beta1);
  step_some(others, learning_rate, options_.beta1);
}

void Adam::step_some(const std::vector<std::size_t>& which, double rate, double beta1) {
  if (which.empty()) return;
  std::vector<torch::Tensor> parameters, gradients, first, second, steps;
  for (const std::size_t i : which) {
    torch::Tensor parameter = parameters_[i].second;
    torch::Tensor gradient = parameter.grad();
    if (gradient.strides() != parameter.strides()) {
      gradient = torch::empty_like(parameter).copy_(gradient);
    }
    parameters.push_back(parameter);
    gradients.push_back(gradient);
    first.push_back(exp_avg_[i]);
    second.push_back(exp_avg_sq_[i]);
    steps.push_back(steps_[i]);
  }
  at::_foreach_add_(steps, 1);
  if (options_.weight_decay > 0) {
    at::_fused_adamw_(parameters, gradients, first, second, {}, steps, rate, beta1, options_.beta2,
                      options_.weight_decay, options_.epsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
  } else {
    at::_fused_adam_(parameters, gradients, first, second, {}, steps, rate, beta1, options_.beta2,
                     /*weight_decay=*/0.0, options_.epsilon,
                     /*amsgrad=*/false, /*maximize=*/false);
  }
  // The fused operations do not tell that they changed them, which Linear asks.
  for (const torch::Tensor& parameter : parameters) parameter.unsafeGetTensorImpl()->bump_version();
}

void Adam::zero_grad() {
  for (auto& [name, parameter] : parameters_) parameter.mutable_grad().reset();
}

std::vector<torch::Tensor> Adam::gradients() const {
  std::vector<torch::Tensor> gradients;
  for (const auto& [name, parameter] : parameters_) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  return gradients;
}

torch::Tensor Adam::gradient_norms() const {
  const torch::NoGradGuard no_grad;
  const std::vector<torch::Tensor> own = gradients();
  return own.empty() ? torch::zeros({0}) : torch::stack(at::_foreach_norm(own));
}

void Adam::scale_gradients(double factor) {
  const torch::NoGradGuard no_grad;
  const std::vector<torch::Tensor> own = gradients();
  if (!own.empty()) at::_foreach_mul_(own, factor);
}

NamedTensors Adam::state() const {
  NamedTensors state;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const std::string& name = parameters_[i].first;
    state.emplace_back("exp_avg." + name, exp_avg_[i]);
    state.emplace_back("exp_avg_sq." + name, exp_avg_sq_[i]);
    state.emplace_back("step." + name, steps_[i]);
  }
  return state;
}

}  // namespace vqalign
