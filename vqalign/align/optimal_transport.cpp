#include "vqalign/align/optimal_transport.h"

#include "vqalign/align/blockwise.h"
#include "vqalign/align/composite.h"
#include "vqalign/align/cuda/fused_distances.h"
#include "vqalign/align/kernels/dispatch.h"
#include "vqalign/align/kernels/per_head.h"

namespace vqalign {

namespace {

torch::Tensor fused(const HeadSets& sets, const SinkhornOptions& options) {
  const int64_t width = sets.queries.size(3);
  const auto scratch = [&](int64_t queries, int64_t keys) {
    return kernels::optimal_transport_scratch(queries, keys, width);
  };
  const auto run = [&](const kernels::HeadTask& head) {
    return kernels::kernels().optimal_transport(
        {head.queries, head.keys, width, head.points[0], head.points[1],
         static_cast<float>(options.epsilon), options.iterations, head.gradients, head.scratch});
  };
  return kernels::for_each_head({sets.queries, sets.keys}, sets.query_mask, sets.key_mask,
                                {scratch, run});
}

}  // namespace

torch::Tensor optimal_transport(const HeadSets& sets, const SinkhornOptions& options) {
  const HeadSets points = checked(sets);
  const cuda::CudaKernels* kernels = cuda::cuda_kernels();
  if (kernels != nullptr && points.queries.is_cuda() &&
      cuda::fused_sinkhorn_fits(points, kernels->distances)) {
    return cuda::fused_sinkhorn(points, options, kernels->distances);
  }
  const int64_t block =
      blockwise::block_of(options.block, points.queries.size(2), points.keys.size(2));
  if (block > 0) return blockwise::optimal_transport(points, options, block);
  return has_fused_kernel(points.queries) ? fused(points, options)
                                          : composite::optimal_transport(points, options);
}

}  // namespace vqalign
