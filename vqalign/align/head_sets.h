#pragma once

#include <torch/types.h>

namespace vqalign {

/// The query set and the key set of every head of a batch: two clouds of points a head, each point
/// with equal weight in its set. The sets may differ in size, from each other and from sample to
/// sample: a mask says which rows are padding. Padding rows are no points; whatever they hold
/// (infinities included) changes no value and receives a zero gradient. A sample whose query or
/// key set is empty has distance 0 and no gradient.
struct HeadSets {
  torch::Tensor queries;          ///< [B, H, n, d], float32, float64 or bfloat16, any strides.
  torch::Tensor keys;             ///< [B, H, m, d], as queries.
  torch::Tensor query_mask = {};  ///< bool [B, n], true = padding; undefined when there is none.
  torch::Tensor key_mask = {};    ///< bool [B, m], true = padding; undefined when there is none.
};

/// The same sets in the type that distances are computed in: float64 stays, all else becomes
/// float32. Throws Error naming the shapes when they do not fit together as above.
HeadSets checked(const HeadSets& sets);

/// Whether the fused kernels serve these tensors: float32 on the CPU. Everything else (float64,
/// other devices) takes the composition of LibTorch's own operators, see composite.h.
bool has_fused_kernel(const torch::Tensor& points);

}  // namespace vqalign
