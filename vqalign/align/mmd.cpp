#include "vqalign/align/mmd.h"

#include <limits>

#include "vqalign/align/blockwise.h"
#include "vqalign/align/composite.h"
#include "vqalign/align/cuda/fused_distances.h"
#include "vqalign/align/kernels/dispatch.h"
#include "vqalign/align/kernels/per_head.h"

namespace vqalign {

namespace {

/// `block` 0: in one piece.
torch::Tensor fused(const HeadSets& sets, int64_t block) {
  const int64_t width = sets.queries.size(3);
  const int64_t rows = block > 0 ? block : std::numeric_limits<int64_t>::max();
  const auto scratch = [&](int64_t queries, int64_t keys) {
    return kernels::mmd_scratch(queries + keys, width, rows);
  };
  const auto run = [&](const kernels::HeadTask& head) {
    // The keys' points follow the queries' in memory: together they are the joint set.
    return kernels::kernels().mmd(
        {head.queries, head.keys, width, rows, head.points[0], head.gradients, head.scratch});
  };
  return kernels::for_each_head({sets.queries, sets.keys}, sets.query_mask, sets.key_mask,
                                {scratch, run});
}

}  // namespace

torch::Tensor mmd(const HeadSets& sets, int64_t block) {
  const HeadSets points = checked(sets);
  const cuda::CudaKernels* kernels = cuda::cuda_kernels();
  if (kernels != nullptr && points.queries.is_cuda() &&
      cuda::fused_mmd_fits(points, kernels->distances)) {
    return cuda::fused_mmd(points, kernels->distances);
  }
  const int64_t joint = points.queries.size(2) + points.keys.size(2);
  block = blockwise::block_of(block, joint, joint);
  if (has_fused_kernel(points.queries)) return fused(points, block);
  return block > 0 ? blockwise::mmd(points, block) : composite::mmd(points);
}

}  // namespace vqalign
