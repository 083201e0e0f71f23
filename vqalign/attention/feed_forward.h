#pragma once

#include <torch/nn/pimpl.h>

#include "vqalign/attention/dropout.h"
#include "vqalign/attention/linear.h"

namespace vqalign {

/// Linear, ReLU, dropout: the reference's "fc", so its parameters are named fc.linear.*.
class FullyConnectedImpl : public torch::nn::Module {
 public:
  FullyConnectedImpl(int64_t in, int64_t out);
  Linear linear = nullptr;
};
TORCH_MODULE(FullyConnected);

/// dropout(relu(x + bias)) of x [.., D], float32, bfloat16 or (CUDA alone) float16, in x's place,
/// which must be nobody else's and not empty; bias float32 [D]. Fused on the CPU and CUDA.
/// `streams` null or a rate of 0: no dropout.
torch::Tensor bias_relu_dropout(const torch::Tensor& x, const torch::Tensor& bias,
                                double dropout_rate, DropoutStreams* streams);

/// Linear(in, hidden), ReLU, dropout, Linear(hidden, out) on every position: [.., in] -> [.., out].
/// Parameters fc.linear.{weight,bias}, linear.{weight,bias}, as in the reference's MLP. Used by the
/// feed-forward sub-layer and by attentional pooling.
class MlpImpl : public torch::nn::Module {
 public:
  MlpImpl(int64_t in, int64_t hidden, int64_t out);

  /// `streams` null: no dropout (evaluation).
  torch::Tensor forward(const torch::Tensor& x, double dropout_rate, DropoutStreams* streams);

  FullyConnected fc = nullptr;
  Linear linear = nullptr;

 private:
  torch::Tensor of_rows(const torch::Tensor& x, double dropout_rate, DropoutStreams* streams);
};
TORCH_MODULE(Mlp);

}  // namespace vqalign
