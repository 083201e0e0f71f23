#include "vqalign/align/conditional_transport.h"

#include "vqalign/align/blockwise.h"
#include "vqalign/align/composite.h"
#include "vqalign/align/cuda/cuda_kernels.h"
#include "vqalign/align/cuda/fused_transport.h"
#include "vqalign/align/kernels/dispatch.h"
#include "vqalign/align/kernels/per_head.h"
#include "vqalign/align/standardise.h"

namespace vqalign {

namespace {

torch::Tensor fused(const HeadSets& critic, const torch::Tensor& query_navigator,
                    const torch::Tensor& key_navigator, double rho) {
  const int64_t r = critic.queries.size(3), s = query_navigator.size(3);
  const auto scratch = [&](int64_t queries, int64_t keys) {
    return kernels::conditional_transport_scratch(queries, keys, r, s);
  };
  const auto run = [&](const kernels::HeadTask& head) {
    return kernels::kernels().conditional_transport(
        {head.queries, head.keys, r, s, head.points[0], head.points[1], head.points[2],
         head.points[3], static_cast<float>(rho), head.gradients, head.scratch});
  };
  return kernels::for_each_head({critic.queries, critic.keys, query_navigator, key_navigator},
                                critic.query_mask, critic.key_mask, {scratch, run});
}

}  // namespace

torch::Tensor conditional_transport(const HeadSets& critic, const torch::Tensor& query_navigator,
                                    const torch::Tensor& key_navigator, double rho, int64_t block) {
  const HeadSets features = checked(critic);
  const HeadSets navigator =
      checked({query_navigator, key_navigator, critic.query_mask, critic.key_mask});
  const auto& distance =
      has_fused_kernel(features.queries) ? fused : composite::conditional_transport;
  block = blockwise::block_of(block, features.queries.size(2), features.keys.size(2));
  if (block > 0) {
    return blockwise::conditional_transport(features, navigator.queries, navigator.keys, rho, block,
                                            distance);
  }
  return distance(features, navigator.queries, navigator.keys, rho);
}

torch::Tensor conditional_transport(const HeadSets& sets, Critic& critic, Navigator& navigator,
                                    double rho, int64_t block, bool standardise) {
  HeadSets points = checked(sets);
  const cuda::CudaKernels* kernels = cuda::cuda_kernels();
  if (kernels != nullptr && points.queries.is_cuda()) {
    const cuda::FusedTransport fused{critic->weights(), navigator->weights(), rho, standardise};
    if (fused.fits(points, kernels->transport)) return fused(points, kernels->transport);
  }
  if (standardise) points = standardised(points);
  const auto& [queries, keys, query_mask, key_mask] = points;
  return conditional_transport(
      {critic->forward(queries, query_mask), critic->forward(keys, key_mask), query_mask, key_mask},
      navigator->forward(queries, query_mask), navigator->forward(keys, key_mask), rho, block);
}

}  // namespace vqalign
