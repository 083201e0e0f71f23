#pragma once

#include <torch/types.h>

#include <functional>
#include <vector>

namespace vqalign::kernels {

/// One head, ready for a kernel.
struct HeadTask {
  int64_t queries, keys;       ///< Points of either set, padding left out; at least 1.
  std::vector<float*> points;  ///< Of each input, [count, padded(width)], one after the other in
                               ///< memory. A kernel leaves the gradients here.
  bool gradients;              ///< Whether they are wanted.
  float* scratch;
};

/// A distance made of independent heads.
struct HeadKernel {
  /// Floats of scratch memory for a head with these numbers of queries and keys.
  std::function<int64_t(int64_t queries, int64_t keys)> scratch;
  /// The value of one head.
  std::function<double(const HeadTask&)> run;
};

/// Runs a kernel on every head of a batch, heads in parallel: [B, H] float32, with gradients for
/// the `inputs`. These are float32 on the CPU, [B, H, n or m, any width], first one of queries,
/// then one of keys, and so on in turn; masks as in HeadSets. A head without queries or without
/// keys is left out: value 0, gradient 0. The result does not depend on the number of threads.
torch::Tensor for_each_head(const std::vector<torch::Tensor>& inputs,
                            const torch::Tensor& query_mask, const torch::Tensor& key_mask,
                            const HeadKernel& kernel);

}  // namespace vqalign::kernels
