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

torch::Tensor ValidRows::spread_heads(const torch::Tensor& rows, int64_t batch) const {
  const int64_t heads = rows.size(0), width = rows.size(2);
  if (!index_.defined()) {
    return rows.view({heads, batch, -1, width}).transpose(0, 1).contiguous();
  }
  const torch::Tensor of_head = torch::arange(heads, index_.options()).unsqueeze(1) * length_;
  const torch::Tensor of_example = index_.div(length_, "floor") * ((heads - 1) * length_);
  return torch::zeros({batch * heads * length_, width}, rows.options())
      .index_copy_(0, (index_ + of_example + of_head).flatten(), rows.flatten(0, 1))
      .view({batch, heads, length_, width});
}

}  // namespace vqalign
