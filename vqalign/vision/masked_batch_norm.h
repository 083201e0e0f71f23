#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

namespace vqalign {

/// Batch normalisation, an optional residual and ReLU in one pass, with padding left out:
///
///     out = max(0, gamma * (x - mean) / sqrt(var + 1e-5) + beta + residual)   at valid positions
///     out = 0                                                                 at padded ones
///
/// The batch's mean and (biased) variance are of the valid positions alone, so a picture's features
/// do not depend on the shapes of the pictures beside it in evaluation, and padding never shifts
/// the statistics in training (Ioffe and Szegedy 2015; the masking is ours). x and residual are
/// [P, C, H, W] float32; valid is bool [P, H, W], true = a position of the picture (undefined: all
/// are). Running statistics follow with momentum 0.1, unbiased variance, as torch's BatchNorm2d.
/// On other devices than the CPU a training step goes through composed_norm_relu.
class MaskedBatchNormImpl : public torch::nn::Module {
 public:
  explicit MaskedBatchNormImpl(int64_t channels);

  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& valid,
                        const torch::Tensor& residual = {});

  torch::Tensor weight;        ///< gamma [C]
  torch::Tensor bias;          ///< beta [C]
  torch::Tensor running_mean;  ///< [C]
  torch::Tensor running_var;   ///< [C]

 private:
  /// mean and biased variance [C] of so many valid positions.
  void follow(const torch::Tensor& mean, const torch::Tensor& variance, int64_t count);
};
TORCH_MODULE(MaskedBatchNorm);

/// What the module computes in training, from LibTorch's own operations: the oracle of its kernel,
/// for any device and for double. gamma and beta are [C]; fills the valid positions' mean and
/// biased variance [C], detached.
torch::Tensor composed_norm_relu(const torch::Tensor& x, const torch::Tensor& valid,
                                 const torch::Tensor& residual, const torch::Tensor& gamma,
                                 const torch::Tensor& beta, torch::Tensor& mean,
                                 torch::Tensor& variance);

}  // namespace vqalign
