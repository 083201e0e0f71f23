#pragma once

#include <torch/types.h>

#include "vqalign/align/cuda/sets.h"
#include "vqalign/align/head_sets.h"
#include "vqalign/attention/cuda/stream.h"

/// What stands between tensors and the launches of this folder.
namespace vqalign::cuda {

/// Float32 points [B, H, n, d] of a contiguous last axis.
Points points_of(const torch::Tensor& tensor);

/// The tensors of the sets as kernels want them, copied where need be.
struct SetOperands {
  /// Throws Error when queries, keys and masks do not lie on one device.
  explicit SetOperands(const HeadSets& sets);

  Sets described() const;
  /// Throws Error unless a tensor lies where the queries do.
  void check_device(const torch::Tensor& tensor, const char* what) const;
  torch::Tensor new_floats(at::IntArrayRef sizes) const;

  torch::Tensor points[2];
  torch::Tensor padding[2];
};

}  // namespace vqalign::cuda
