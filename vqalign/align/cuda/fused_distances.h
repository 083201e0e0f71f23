#pragma once

#include <torch/types.h>

#include "vqalign/align/cuda/cuda_kernels.h"
#include "vqalign/align/head_sets.h"
#include "vqalign/align/optimal_transport.h"

/// The launches of distances.h for tensors: [B, H], with gradients for the points, on the current
/// stream of the points' device. Throw Error when the tensors lie on several devices, when a launch
/// fails, and in a backward pass that builds a graph of its own.
namespace vqalign::cuda {

/// Whether the kernels serve these sets: float32, and of sizes whose tiles fit a block.
bool fused_mmd_fits(const HeadSets& sets, const DistanceKernels& kernels);
bool fused_sinkhorn_fits(const HeadSets& sets, const DistanceKernels& kernels);

torch::Tensor fused_mmd(const HeadSets& sets, const DistanceKernels& kernels);
torch::Tensor fused_sinkhorn(const HeadSets& sets, const SinkhornOptions& options,
                             const DistanceKernels& kernels);

}  // namespace vqalign::cuda
