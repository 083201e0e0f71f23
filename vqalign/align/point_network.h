#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

namespace vqalign {

/// Who a network works for. An adversary's parameters climb the loss that all others descend: they
/// pass through gradient_reversal(). The gradient to its inputs keeps the true sign either way.
enum class Role { kAlly, kAdversary };

/// The parameters of a point network, in the order of the computation; the first four are undefined
/// where there is no highway layer.
struct PointNetworkWeights {
  torch::Tensor gate_weight, gate_bias;            ///< [d, d], [d]
  torch::Tensor candidate_weight, candidate_bias;  ///< [d, d], [d]
  torch::Tensor first_weight, first_bias;          ///< [hidden, d], [hidden]
  torch::Tensor second_weight, second_bias;        ///< [outputs, hidden], [outputs]
  double negative_slope = 0.0;                     ///< Of the leaky ReLU; 0 is ReLU.
};

/// The small network that looks at the points of a head, one by one:
///
///     x' = g * relu(W_h x + b_h) + (1 - g) * x,   g = sigmoid(W_t x + b_t)      (highway layer)
///     y  = W_2 leaky_relu(W_1 x' + b_1) + b_2
///
/// points [B, H, n, d], mask bool [B, n] or undefined -> [B, H, n, outputs], zero where masked.
/// float32 on the CPU runs as one fused pass over tiles of points that never leaves the cache and
/// recomputes its inner values in the backward pass; anything else runs through LibTorch.
torch::Tensor point_network(const torch::Tensor& points, const torch::Tensor& mask,
                            const PointNetworkWeights& weights);

/// A point network with parameters of its own, shared by all heads that it is shown.
class PointNetwork : public torch::nn::Module {
 public:
  struct Shape {
    int64_t width;    ///< d of the points.
    int64_t hidden;   ///< Width between the two linear layers.
    int64_t outputs;  ///< Width of the result.
    bool highway;
    double negative_slope;
  };

  PointNetwork(const Shape& shape, Role role);

  /// This module's parameters as point_network() takes them, reversed for an adversary.
  PointNetworkWeights weights() const;

  /// point_network() with weights().
  torch::Tensor forward(const torch::Tensor& points, const torch::Tensor& mask);

  torch::nn::Linear gate = nullptr;       ///< W_t; null without highway.
  torch::nn::Linear candidate = nullptr;  ///< W_h; null without highway.
  torch::nn::Linear first = nullptr;
  torch::nn::Linear second = nullptr;

 private:
  Role role_;
  double negative_slope_;
};

}  // namespace vqalign
