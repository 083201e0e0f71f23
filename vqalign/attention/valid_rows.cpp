#include "vqalign/attention/valid_rows.h"

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <optional>

namespace vqalign {

namespace {

/// Rows [R, D] put at `places` among `count`, zeros elsewhere. Off the CPU `sources` [count] is the
/// row that comes to each place, -1 where none does.
torch::Tensor placed_rows(const torch::Tensor& rows, int64_t count, const torch::Tensor& places,
                          const torch::Tensor& sources) {
  if (rows.is_cpu()) {
    return torch::zeros({count, rows.size(1)}, rows.options()).index_copy_(0, places, rows);
  }
  // Scattered deterministically, places would be sorted first, in a dozen launches.
  return rows.index_select(0, sources.clamp_min(0)).masked_fill_((sources < 0).unsqueeze(1), 0);
}

using Sources = std::optional<torch::Tensor>;

/// take() and spread() are each other's gradient: no row is added to another.
struct TakeRows : torch::autograd::Function<TakeRows> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& all,
                               const torch::Tensor& places, const Sources& sources) {
    context->save_for_backward({places, sources.value_or(torch::Tensor())});
    context->saved_data["count"] = all.size(0);
    return all.index_select(0, places);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients);
};

struct SpreadRows : torch::autograd::Function<SpreadRows> {
  static torch::Tensor forward(torch::autograd::AutogradContext* context, const torch::Tensor& rows,
                               int64_t count, const torch::Tensor& places, const Sources& sources) {
    const torch::Tensor from = sources.value_or(torch::Tensor());
    context->save_for_backward({places, from});
    return placed_rows(rows, count, places, from);
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list gradients);
};

Sources given(const torch::Tensor& sources) {
  return sources.defined() ? Sources(sources) : std::nullopt;
}

torch::autograd::variable_list TakeRows::backward(torch::autograd::AutogradContext* context,
                                                  torch::autograd::variable_list gradients) {
  const torch::autograd::variable_list saved = context->get_saved_variables();
  return {SpreadRows::apply(gradients[0], context->saved_data["count"].toInt(), saved[0],
                            given(saved[1])),
          {},
          {}};
}

torch::autograd::variable_list SpreadRows::backward(torch::autograd::AutogradContext* context,
                                                    torch::autograd::variable_list gradients) {
  const torch::autograd::variable_list saved = context->get_saved_variables();
  return {TakeRows::apply(gradients[0], saved[0], given(saved[1])), {}, {}, {}};
}

}  // namespace

ValidRows::ValidRows(const torch::Tensor& mask) {
  if (!mask.defined() || !mask.any().item<bool>()) return;
  batch_ = mask.size(0);
  length_ = mask.size(1);
  const torch::Tensor counts =
      mask.logical_not().logical_or(mask.all(1, /*keepdim=*/true)).flatten();
  index_ = counts.nonzero().squeeze(1);
  if (!mask.is_cpu()) sources_ = torch::where(counts, counts.cumsum(0) - 1, -1);
}

torch::Tensor ValidRows::take(const torch::Tensor& padded) const {
  if (!index_.defined()) return padded;
  return TakeRows::apply(padded.flatten(0, 1), index_, given(sources_)).unsqueeze(0);
}

torch::Tensor ValidRows::spread(const torch::Tensor& rows) const {
  if (!index_.defined()) return rows;
  return SpreadRows::apply(rows.squeeze(0), batch_ * length_, index_, given(sources_))
      .view({batch_, length_, rows.size(2)});
}

torch::Tensor ValidRows::spread_heads(const torch::Tensor& rows, int64_t batch) const {
  const int64_t heads = rows.size(0), width = rows.size(2);
  if (!index_.defined()) {
    return rows.view({heads, batch, -1, width}).transpose(0, 1).contiguous();
  }
  const torch::Tensor head = torch::arange(heads, index_.options()).unsqueeze(1);
  const torch::Tensor of_example = index_.div(length_, "floor") * ((heads - 1) * length_);
  const torch::Tensor places = (index_ + of_example + head * length_).flatten();
  Sources sources;
  if (sources_.defined()) {
    const torch::Tensor own = sources_.view({batch, 1, length_});
    sources = torch::where(own < 0, own, own + head.view({1, heads, 1}) * rows.size(1)).flatten();
  }
  return SpreadRows::apply(rows.flatten(0, 1), batch * heads * length_, places, sources)
      .view({batch, heads, length_, width});
}

}  // namespace vqalign
