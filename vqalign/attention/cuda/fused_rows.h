#pragma once

#include <torch/types.h>

#include "vqalign/attention/cuda/attention_kernels.h"

/// The launches of rows.h for tensors, on the current stream of their device, as dropout.cpp,
/// layer_norm.cpp, feed_forward.cpp and attention_weights.cpp call them forward and backward.
/// Tensors are contiguous, float32, bfloat16 or float16 where a launch takes any, else float32.
/// `parts` see DropoutStreams; `mask` is that of the first part. Throw Error when tensors lie on
/// several devices and when a launch fails.
namespace vqalign::cuda {

/// Whether the kernels know the type.
bool has_element(const torch::Tensor& tensor);

/// Dropout of `in`, which has `parts` equal parts; with `alike` it is one part, and `out` has all.
void fused_dropout(const kernels::Mask& mask, const torch::Tensor& in, const torch::Tensor& out,
                   int64_t parts, bool alike, const AttentionKernels& kernels);

/// x = dropout(relu(x + bias)) in place.
void fused_bias_relu(const kernels::Mask& mask, const torch::Tensor& x, const torch::Tensor& bias,
                     int64_t parts, const AttentionKernels& kernels);
/// Gradients of x, into `d_x`, and of the bias.
torch::Tensor fused_bias_relu_gradient(float scale, const torch::Tensor& y,
                                       const torch::Tensor& d_y, const torch::Tensor& d_x,
                                       const AttentionKernels& kernels);

struct NormTensors {
  torch::Tensor x;           ///< float32 [.., D]
  torch::Tensor update;      ///< as x, of any type; or undefined
  torch::Tensor a, b;        ///< float32 [D]
  torch::Tensor statistics;  ///< float32 [rows, 2], which the forward pass fills
};
void fused_residual_norm(const NormTensors& on, float eps, const kernels::Mask& mask,
                         const torch::Tensor& y, int64_t parts, const AttentionKernels& kernels);
/// Fills d_x, d_update (undefined where that equals d_x), d_a and d_b.
void fused_residual_norm_gradient(const NormTensors& on, float eps, const kernels::Mask& mask,
                                  const torch::Tensor& d_y, const torch::Tensor& d_x,
                                  const torch::Tensor& d_update, torch::Tensor& d_a,
                                  torch::Tensor& d_b, const AttentionKernels& kernels);

/// What is common to both passes of attention weights.
struct WeightTensors {
  torch::Tensor weights;   ///< [B, H, n, m]; the forward pass fills it.
  torch::Tensor key_mask;  ///< bool [B, m], true = padding; or undefined
  double scale;
};
/// `dropped` is undefined where the mask drops nothing.
void fused_attention_weights(const WeightTensors& on, const kernels::Mask& mask,
                             const torch::Tensor& scores, const torch::Tensor& dropped,
                             int64_t parts, const AttentionKernels& kernels);
void fused_attention_weights_gradient(const WeightTensors& on, const kernels::Mask& mask,
                                      const torch::Tensor& d_dropped, const torch::Tensor& d_scores,
                                      const AttentionKernels& kernels);

}  // namespace vqalign::cuda
