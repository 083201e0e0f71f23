#include "vqalign/align/head_sets.h"

#include "vqalign/core/error.h"

namespace vqalign {

namespace {

torch::Tensor in_computing_type(const torch::Tensor& points) {
  return points.scalar_type() == torch::kFloat64 ? points : points.to(torch::kFloat32);
}

void check_mask(const torch::Tensor& mask, const torch::Tensor& points, const char* name) {
  if (!mask.defined()) return;
  if (mask.scalar_type() == torch::kBool && mask.dim() == 2 && mask.size(0) == points.size(0) &&
      mask.size(1) == points.size(2)) {
    return;
  }
  fail("alignment: the ", name, " mask is ", mask.scalar_type(), " ", mask.sizes(),
       ", expected Bool [", points.size(0), ", ", points.size(2), "]");
}

}  // namespace

HeadSets checked(const HeadSets& sets) {
  const torch::Tensor& q = sets.queries;
  const torch::Tensor& k = sets.keys;
  const bool fits = q.defined() && k.defined() && q.dim() == 4 && k.dim() == 4 &&
                    q.size(0) == k.size(0) && q.size(1) == k.size(1) && q.size(3) == k.size(3) &&
                    q.is_floating_point() && q.scalar_type() == k.scalar_type();
  if (!fits) {
    if (!q.defined() || !k.defined()) fail("alignment: a head's queries or keys are missing");
    fail("alignment: queries ", q.sizes(), " of ", q.scalar_type(), " and keys ", k.sizes(), " of ",
         k.scalar_type(), " are no sets of one width, expected [B, H, n, d] and [B, H, m, d]");
  }
  check_mask(sets.query_mask, q, "query");
  check_mask(sets.key_mask, k, "key");
  return {in_computing_type(q), in_computing_type(k), sets.query_mask, sets.key_mask};
}

bool has_fused_kernel(const torch::Tensor& points) {
  return points.is_cpu() && points.scalar_type() == torch::kFloat32;
}

}  // namespace vqalign
