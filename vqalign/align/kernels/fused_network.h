#pragma once

#include "vqalign/align/point_network.h"

namespace vqalign::kernels {

/// point_network() for float32 on the CPU: tiles of points in parallel, padding skipped. Gradients
/// of the parameters are summed over a fixed division of the points, so that the result does not
/// depend on the number of threads.
torch::Tensor fused_network(const torch::Tensor& points, const torch::Tensor& mask,
                            const PointNetworkWeights& weights);

}  // namespace vqalign::kernels
