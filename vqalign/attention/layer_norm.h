#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>

#include "vqalign/attention/dropout.h"

namespace vqalign {

/// y = a * (x - mean) / (std + eps) + b over the last dimension, as a function: x [.., D], a [D],
/// b [D]. `std` is the unbiased (n - 1) standard deviation and eps (1e-6) is added to it, not to
/// the variance, as in the public MCAN code; [1, 2, 3, 4] gives -1.16189410, -0.38729803, ... . One
/// fused pass forward and one backward on the CPU and CUDA; at a constant row the gradient of std
/// is taken as 0.
torch::Tensor reference_layer_norm(const torch::Tensor& x, const torch::Tensor& a,
                                   const torch::Tensor& b, double eps = 1e-6);

/// The module around it, with the reference's parameter names a_2 (ones) and b_2 (zeros).
class LayerNormImpl : public torch::nn::Module {
 public:
  explicit LayerNormImpl(int64_t width);
  torch::Tensor forward(const torch::Tensor& x);

  torch::Tensor a_2;
  torch::Tensor b_2;
};
TORCH_MODULE(LayerNorm);

/// norm(x + dropout(update)): the end of every sub-layer of the reference (post-norm). `streams`
/// null or a rate of 0 means no dropout; otherwise one stream is taken, and the mask is
/// dropout()'s.
torch::Tensor residual_norm(const torch::Tensor& x, const torch::Tensor& update, LayerNorm& norm,
                            double dropout_rate, DropoutStreams* streams);

}  // namespace vqalign
