#include "vqalign/attention/valid_rows.h"

#include <torch/types.h>

namespace vqalign {

ValidRows::ValidRows(const torch::Tensor& mask) {
  if (!mask.defined() || !mask.any().item<bool>()) return;
  batch_ = mask.size(0);
  length_ = mask.size(1);
  const torch::Tensor counts = mask.logical_not().logical_or(mask.all(1, /*keepdim=*/true));
  index_ = counts.flatten().nonzero().squeeze(1);
}

torch::Tensor ValidRows::take(const torch::Tensor& padded) const {
  return index_.defined() ? padded.flatten(0, 1).index_select(0, index_).unsqueeze(0) : padded;
}

torch::Tensor ValidRows::spread(const torch::Tensor& rows) const {
  if (!index_.defined()) return rows;
  const int64_t width = rows.size(2);
  return torch::zeros({batch_ * length_, width}, rows.options())
      .index_copy(0, index_, rows.squeeze(0))
      .view({batch_, length_, width});
}

}  // namespace vqalign
