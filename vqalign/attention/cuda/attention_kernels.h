#pragma once

#include "vqalign/attention/cuda/rows.h"

namespace vqalign::cuda {

/// The launches of rows.h, as one build has them.
struct AttentionKernels {
  decltype(&drop_out) dropout;
  decltype(&bias_relu) relu;
  decltype(&bias_relu_gradient) relu_gradient;
  decltype(&residual_norm_fits) norm_fits;
  decltype(&residual_norm) norm;
  decltype(&residual_norm_gradient) norm_gradient;
  decltype(&attention_weights_fit) weights_fit;
  decltype(&attention_weights) weights;
  decltype(&attention_weights_gradient) weights_gradient;
  decltype(&partial_sums) sums;
};

/// The launches as declared: nvcc's where they are linked into the programs, cuda_on_cpu's where a
/// test links these.
inline AttentionKernels declared_attention_kernels() {
  return {&drop_out,
          &bias_relu,
          &bias_relu_gradient,
          &residual_norm_fits,
          &residual_norm,
          &residual_norm_gradient,
          &attention_weights_fit,
          &attention_weights,
          &attention_weights_gradient,
          &partial_sums};
}

/// nvcc's; null in a build without nvcc or whose LibTorch has no CUDA.
const AttentionKernels* attention_kernels();

}  // namespace vqalign::cuda
