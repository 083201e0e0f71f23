#pragma once

#include <torch/types.h>

#include <vector>

#include "vqalign/align/kernels/kernels.h"
#include "vqalign/align/kernels/memory.h"
#include "vqalign/align/point_network.h"

namespace vqalign::kernels {

/// The tensors of a network in the order of their declaration, without those that it lacks.
std::vector<torch::Tensor> members(const PointNetworkWeights& weights);
/// And back.
PointNetworkWeights from_members(at::TensorList tensors, double negative_slope);

/// A copy of the parameters in the layout of the kernels.
class NetworkParameters {
 public:
  explicit NetworkParameters(const PointNetworkWeights& weights);
  Network network;

 private:
  Buffer memory_;
};

/// Gradients of the parameters, summed chunk by chunk.
class NetworkGradientSums {
 public:
  NetworkGradientSums(const Network& network, int64_t chunks);
  NetworkGradients of_chunk(int64_t chunk);
  /// Their sum over the chunks, in the order of members().
  std::vector<torch::Tensor> total();

 private:
  Network network_;
  torch::Tensor sums_;  // [chunks, all arrays of NetworkGradients]
  float* data_;
};

}  // namespace vqalign::kernels
