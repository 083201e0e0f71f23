#include "vqalign/align/optimal_transport.h"

#include <limits>

#include "vqalign/align/blockwise.h"
#include "vqalign/align/composite.h"
#include "vqalign/align/cuda/fused_distances.h"
#include "vqalign/align/kernels/dispatch.h"
#include "vqalign/align/kernels/per_head.h"

namespace vqalign {

namespace {

/// `block` 0: in one piece.
torch::Tensor fused(const HeadSets& sets, const SinkhornOptions& options, int64_t block) {
  const int64_t width = sets.queries.size(3);
  const int64_t rows = block > 0 ? block : std::numeric_limits<int64_t>::max();
  const auto scratch = [&](int64_t queries, int64_t keys) {
    return kernels::optimal_transport_scratch(queries, keys, width, rows);
  };
  const auto run = [&](const kernels::HeadTask& head) {
    return kernels::kernels().optimal_transport(
        {head.queries, head.keys, width, rows, head.points[0], head.points[1],
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
  if (has_fused_kernel(points.queries)) return fused(points, options, block);
  return block > 0 ? blockwise::optimal_transport(points, options, block)
                   : composite::optimal_transport(points, options);
}

}  // namespace vqalign
