#include "vqalign/align/point_network.h"

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include "vqalign/align/composite.h"
#include "vqalign/align/gradient_reversal.h"
#include "vqalign/align/head_sets.h"
#include "vqalign/align/kernels/fused_network.h"

namespace vqalign {

torch::Tensor point_network(const torch::Tensor& points, const torch::Tensor& mask,
                            const PointNetworkWeights& weights) {
  return has_fused_kernel(points) ? kernels::fused_network(points, mask, weights)
                                  : composite::point_network(points, mask, weights);
}

PointNetwork::PointNetwork(const Shape& shape, Role role)
    : role_(role), negative_slope_(shape.negative_slope) {
  if (shape.highway) {
    gate = register_module("gate", torch::nn::Linear(shape.width, shape.width));
    candidate = register_module("candidate", torch::nn::Linear(shape.width, shape.width));
  }
  first = register_module("first", torch::nn::Linear(shape.width, shape.hidden));
  second = register_module("second", torch::nn::Linear(shape.hidden, shape.outputs));
}

PointNetworkWeights PointNetwork::weights() const {
  const auto seen = [&](const torch::Tensor& parameter) {
    return role_ == Role::kAdversary ? gradient_reversal(parameter) : parameter;
  };
  PointNetworkWeights weights;
  if (gate) {
    weights.gate_weight = seen(gate->weight);
    weights.gate_bias = seen(gate->bias);
    weights.candidate_weight = seen(candidate->weight);
    weights.candidate_bias = seen(candidate->bias);
  }
  weights.first_weight = seen(first->weight);
  weights.first_bias = seen(first->bias);
  weights.second_weight = seen(second->weight);
  weights.second_bias = seen(second->bias);
  weights.negative_slope = negative_slope_;
  return weights;
}

torch::Tensor PointNetwork::forward(const torch::Tensor& points, const torch::Tensor& mask) {
  return point_network(points, mask, weights());
}

}  // namespace vqalign
