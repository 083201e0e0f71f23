#pragma once

#include <torch/types.h>

#include "vqalign/align/cuda/cuda_kernels.h"
#include "vqalign/align/head_sets.h"
#include "vqalign/align/point_network.h"

namespace vqalign::cuda {

/// Blocks that sum the parameters' gradients, if there are as many heads: two for each processor of
/// an H100, and the same number everywhere, so that sums are the same everywhere.
constexpr int64_t kTransportBlocks = 264;

/// Conditional transport of points as two networks see them, by the kernels of transport.h: the
/// side that knows tensors, devices, streams and gradients. The equations are those of
/// standardise.h, point_network.h and conditional_transport.h.
struct FusedTransport {
  PointNetworkWeights critic;     ///< With a highway layer; both with ReLU, negative_slope 0.
  PointNetworkWeights navigator;  ///< Without.
  double rho;
  bool standardise;

  /// Whether the kernels serve these sets: float32, and of sizes whose tiles fit a block.
  bool fits(const HeadSets& sets, const TransportKernels& kernels) const;

  /// [B, H], with gradients for the points and all parameters. Runs on the current stream of the
  /// points' device. Throws Error when the tensors lie on several devices, when a launch fails, and
  /// in a backward pass that builds a graph of its own: there are no second derivatives.
  torch::Tensor operator()(const HeadSets& sets, const TransportKernels& kernels) const;
};

}  // namespace vqalign::cuda
