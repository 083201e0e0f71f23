#include "vqalign/align/standardise.h"

#include <torch/types.h>

#include "vqalign/align/composite.h"
#include "vqalign/align/kernels/fused_standardise.h"

namespace vqalign {

namespace {

HeadSets composed(const HeadSets& points) {
  const auto& [queries, keys, query_mask, key_mask] = points;
  const torch::Tensor wq = composite::query_weights(points).unsqueeze(2) / 2;
  const torch::Tensor wk = composite::key_weights(points).unsqueeze(2) / 2;
  const torch::Tensor q = composite::without_padding(queries, query_mask);
  const torch::Tensor k = composite::without_padding(keys, key_mask);
  const torch::Tensor centre = torch::matmul(wq, q) + torch::matmul(wk, k);
  const torch::Tensor from_q = q - centre;
  const torch::Tensor from_k = k - centre;
  const torch::Tensor variance =
      (torch::matmul(wq, from_q.square()) + torch::matmul(wk, from_k.square())).mean(3, true);
  const torch::Tensor scale = (variance + kVarianceSmoothing).rsqrt();
  return {from_q * scale, from_k * scale, query_mask, key_mask};
}

}  // namespace

HeadSets standardised(const HeadSets& sets) {
  const HeadSets points = checked(sets);
  return has_fused_kernel(points.queries) ? kernels::fused_standardise(points) : composed(points);
}

}  // namespace vqalign
