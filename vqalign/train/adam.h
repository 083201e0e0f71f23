#pragma once

#include <torch/types.h>

#include <string>
#include <utility>
#include <vector>

#include "vqalign/train/train_options.h"

namespace vqalign {

using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// The norm of all gradients, of their norms on whatever device: summed in double.
double total_norm(const torch::Tensor& norms);

/// Adam (Kingma and Ba 2015) with decoupled weight decay, through LibTorch's fused kernel: one pass
/// over each parameter and its moments, on a GPU few launches for all of them. Holds its state as
/// plain named tensors, so that a training state file can keep it.
class Adam {
 public:
  Adam(NamedTensors parameters, const TrainOptions& options);

  /// One update with the gradients that backward left; a parameter without a gradient is left
  /// alone. The grid CNN's ("model.vision.") move at train.vision_rate times the rate, those of a
  /// pretrained encoder of questions ("model.language.") at train.language_rate times it,
  /// those of critics and discriminators at train.adversary_rate times it, with
  /// train.adversary_beta1.
  void step(double learning_rate);
  void zero_grad();
  /// Euclidean norms of the gradients, one a parameter that has one: float32 on their device, which
  /// is not waited for.
  torch::Tensor gradient_norms() const;
  /// Multiplies all gradients.
  void scale_gradients(double factor);

  /// "exp_avg.NAME", "exp_avg_sq.NAME", "step.NAME", sharing memory with the optimiser.
  NamedTensors state() const;

 private:
  std::vector<torch::Tensor> gradients() const;
  void step_some(const std::vector<std::size_t>& which, double rate, double beta1);

  NamedTensors parameters_;
  std::vector<torch::Tensor> exp_avg_, exp_avg_sq_, steps_;
  TrainOptions options_;
};

}  // namespace vqalign
