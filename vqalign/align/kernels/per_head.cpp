#include "vqalign/align/kernels/per_head.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "vqalign/align/kernels/kernels.h"
#include "vqalign/align/kernels/memory.h"
#include "vqalign/align/known_gradients.h"

namespace vqalign::kernels {

namespace {

// Pairs of points below which starting another thread costs more than it saves.
constexpr int64_t kWorthAThread = 5000;

/// Everything that the threads share.
struct Batch {
  Batch(const std::vector<torch::Tensor>& inputs, const torch::Tensor& query_mask,
        const torch::Tensor& key_mask)
      : heads(inputs[0].size(1)),
        rows{PointRows(query_mask, inputs[0].size(0), inputs[0].size(2)),
             PointRows(key_mask, inputs[1].size(0), inputs[1].size(2))} {
    for (const torch::Tensor& input : inputs) {
      kept.push_back(with_contiguous_rows(input.detach()));
      from.emplace_back(kept.back());
      if (torch::GradMode::is_enabled() && input.requires_grad()) differentiate = true;
    }
    if (differentiate) add_gradients();
  }

  void add_gradients() {
    bool complete = true;
    for (const auto& side : rows) complete = complete && side.is_complete() && side.total() > 0;
    for (const torch::Tensor& input : kept) {
      gradients.push_back(new_points(input, input.size(3), !complete));
      to.emplace_back(gradients.back());
    }
  }

  const PointRows& rows_of(std::size_t input) const { return rows[input % 2]; }

  int64_t heads;
  PointRows rows[2];
  std::vector<torch::Tensor> kept, gradients;
  std::vector<PointsView> from, to;
  bool differentiate = false;
};

void run_heads(const Batch& batch, const HeadKernel& kernel, int64_t begin, int64_t end,
               float* values) {
  int64_t most = 0;
  for (std::size_t i = 0; i < batch.from.size(); ++i) {
    most += batch.rows_of(i).largest() * padded(batch.from[i].width);
  }
  Buffer points(most);
  Buffer scratch(kernel.scratch(batch.rows[0].largest(), batch.rows[1].largest()));
  for (int64_t at = begin; at < end; ++at) {
    const int64_t sample = at / batch.heads, head = at % batch.heads;
    HeadTask task{batch.rows[0].count(sample),
                  batch.rows[1].count(sample),
                  {},
                  batch.differentiate,
                  scratch.data()};
    if (task.queries == 0 || task.keys == 0) continue;
    float* next = points.data();
    for (std::size_t i = 0; i < batch.from.size(); ++i) {
      gather(batch.from[i], batch.rows_of(i), sample, head, next);
      task.points.push_back(next);
      next += batch.rows_of(i).count(sample) * padded(batch.from[i].width);
    }
    values[at] = static_cast<float>(kernel.run(task));
    for (std::size_t i = 0; i < batch.to.size(); ++i) {
      scatter(task.points[i], batch.rows_of(i), sample, head, batch.to[i]);
    }
  }
}

}  // namespace

torch::Tensor for_each_head(const std::vector<torch::Tensor>& inputs,
                            const torch::Tensor& query_mask, const torch::Tensor& key_mask,
                            const HeadKernel& kernel) {
  const Batch batch(inputs, query_mask, key_mask);
  torch::Tensor values = torch::zeros({inputs[0].size(0), inputs[0].size(1)},
                                      inputs[0].options().requires_grad(false));
  float* results = values.mutable_data_ptr<float>();
  const int64_t pairs = batch.rows[0].largest() * batch.rows[1].largest() + 1;
  at::parallel_for(0, values.numel(), kWorthAThread / pairs + 1, [&](int64_t begin, int64_t end) {
    run_heads(batch, kernel, begin, end, results);
  });
  if (!batch.differentiate) return values;
  return with_known_gradients(values, inputs, batch.gradients);
}

}  // namespace vqalign::kernels
