#include "vqalign/align/cuda/operands.h"

#include <torch/types.h>

#include "vqalign/align/kernels/memory.h"
#include "vqalign/core/error.h"

namespace vqalign::cuda {

Points points_of(const torch::Tensor& tensor) {
  return {const_cast<float*>(tensor.const_data_ptr<float>()), tensor.stride(0), tensor.stride(1),
          tensor.stride(2)};
}

SetOperands::SetOperands(const HeadSets& sets)
    : points{kernels::with_contiguous_rows(sets.queries), kernels::with_contiguous_rows(sets.keys)},
      padding{sets.query_mask, sets.key_mask} {
  check_device(points[1], "keys");
  for (torch::Tensor& mask : padding) {
    if (!mask.defined()) continue;
    check_device(mask, "masks");
    mask = mask.contiguous();
  }
}

Sets SetOperands::described() const {
  Sets sets{};
  sets.samples = points[0].size(0);
  sets.heads = points[0].size(1);
  sets.width = points[0].size(3);
  for (int set = 0; set < 2; ++set) {
    sets.rows[set] = points[set].size(2);
    sets.points[set] = points_of(points[set]);
    sets.padding[set] = padding[set].defined() ? padding[set].const_data_ptr<bool>() : nullptr;
  }
  return sets;
}

void SetOperands::check_device(const torch::Tensor& tensor, const char* what) const {
  if (tensor.device() == points[0].device()) return;
  fail("alignment: queries are on ", points[0].device(), ", ", what, " on ", tensor.device());
}

torch::Tensor SetOperands::new_floats(at::IntArrayRef sizes) const {
  return torch::empty(sizes, points[0].options().requires_grad(false));
}

}  // namespace vqalign::cuda
