#include "vqalign/train/weight_average.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

namespace vqalign {
namespace {

/// Steps over which the first weights are forgotten.
constexpr double kForgetting = 9;

}  // namespace

WeightAverage::WeightAverage(NamedTensors weights, double decay) : decay_(decay) {
  if (decay_ == 0) return;
  weights_ = std::move(weights);
  for (const auto& [name, weight] : weights_) {
    averages_.emplace_back(name, weight.detach().clone());
  }
}

void WeightAverage::update(int64_t step) {
  const torch::NoGradGuard no_grad;
  const double t = static_cast<double>(step);
  const double decay = std::min(decay_, t / (t + kForgetting));
  std::vector<torch::Tensor> averages, weights;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    averages.push_back(averages_[i].second);
    weights.push_back(weights_[i].second);
  }
  if (!averages.empty()) at::_foreach_lerp_(averages, weights, 1 - decay);
}

void WeightAverage::exchange() {
  const torch::NoGradGuard no_grad;
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const torch::Tensor live = weights_[i].second.detach().clone();
    weights_[i].second.copy_(averages_[i].second);
    averages_[i].second.copy_(live);
  }
}

NamedTensors WeightAverage::state() const {
  return averages_;
}

}  // namespace vqalign
