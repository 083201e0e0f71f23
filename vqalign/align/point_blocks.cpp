#include "vqalign/align/point_blocks.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "vqalign/align/known_gradients.h"

namespace vqalign::blockwise {

namespace {

/// Numbers of the rows that are points.
torch::Tensor rows_of(const torch::Tensor& points, const torch::Tensor& mask, int64_t sample) {
  if (mask.defined()) return mask[sample].logical_not().nonzero().squeeze(1);
  return torch::arange(points.size(2), points.options().dtype(torch::kInt64).requires_grad(false));
}

}  // namespace

bool wants_gradients(const std::vector<torch::Tensor>& inputs) {
  return torch::GradMode::is_enabled() &&
         std::any_of(inputs.begin(), inputs.end(),
                     [](const torch::Tensor& input) { return input.requires_grad(); });
}

torch::Tensor for_each_head(const HeadSets& sets, const HeadDistance& distance) {
  const torch::Tensor &q = sets.queries, &k = sets.keys;
  const bool differentiate = wants_gradients({q, k});
  torch::Tensor values, of_queries, of_keys;
  {
    const torch::NoGradGuard constant;
    values = torch::zeros({q.size(0), q.size(1)}, q.options().requires_grad(false));
    of_queries = torch::zeros_like(q);
    of_keys = torch::zeros_like(k);
    for (int64_t sample = 0; sample < q.size(0); ++sample) {
      const torch::Tensor query_rows = rows_of(q, sets.query_mask, sample);
      const torch::Tensor key_rows = rows_of(k, sets.key_mask, sample);
      if (query_rows.numel() == 0 || key_rows.numel() == 0) continue;
      for (int64_t head = 0; head < q.size(1); ++head) {
        const HeadResult result = distance({q[sample][head].index_select(0, query_rows),
                                            k[sample][head].index_select(0, key_rows)},
                                           differentiate);
        values[sample][head].fill_(result.value);
        if (!differentiate) continue;
        of_queries[sample][head].index_copy_(0, query_rows, result.query_gradient);
        of_keys[sample][head].index_copy_(0, key_rows, result.key_gradient);
      }
    }
  }
  return differentiate ? with_known_gradients(values, {q, k}, {of_queries, of_keys}) : values;
}

Head moved_to_origin(const Head& head) {
  const torch::Tensor origin = head.queries.slice(0, 0, 1);
  return {head.queries - origin, head.keys - origin};
}

double total(const torch::Tensor& numbers) {
  return numbers.sum(torch::kFloat64).item<double>();
}

}  // namespace vqalign::blockwise
