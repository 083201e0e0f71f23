#include "vqalign/align/kernels/fused_standardise.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <numeric>

#include "vqalign/align/kernels/memory.h"
#include "vqalign/align/standardise.h"

namespace vqalign::kernels {

namespace {

/// Which rows of both sets are points, and what each weighs.
class Pair {
 public:
  Pair(const torch::Tensor& queries, const torch::Tensor& keys, const torch::Tensor& query_mask,
       const torch::Tensor& key_mask)
      : heads_(queries.size(1)),
        total_(queries.size(0) * heads_),
        rows_{PointRows(query_mask, queries.size(0), queries.size(2)),
              PointRows(key_mask, keys.size(0), keys.size(2))} {}

  /// Whether for_each_head() comes to every row: none is padding, and no set is empty.
  bool is_complete() const {
    return rows_[0].is_complete() && rows_[1].is_complete() && rows_[0].total() > 0 &&
           rows_[1].total() > 0;
  }

  /// Runs work(sample, head) on every head whose sets both have points, heads in parallel.
  template <typename Work>
  void for_each_head(const Work& work) const {
    at::parallel_for(0, total_, 1, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const int64_t sample = i / heads_;
        if (rows_[0].count(sample) > 0 && rows_[1].count(sample) > 0) work(sample, i % heads_);
      }
    });
  }

  /// Calls visit(set, row, weight) for each point of a sample; the weights add up to 1.
  template <typename Visit>
  void for_each_point(int64_t sample, const Visit& visit) const {
    for (int set = 0; set < 2; ++set) {
      const int64_t count = rows_[set].count(sample);
      const float weight = 0.5F / static_cast<float>(count);
      for (int64_t i = 0; i < count; ++i) visit(set, rows_[set].of(sample)[i], weight);
    }
  }

 private:
  int64_t heads_, total_;
  PointRows rows_[2];
};

using Views = std::array<PointsView, 2>;

/// One head: writes its standardised points, returns the scale.
float standardise_head(const Pair& pair, const Views& from, const Views& to, int64_t sample,
                       int64_t head) {
  const int64_t width = from[0].width;
  std::vector<float> centre(width), squares(width);
  pair.for_each_point(sample, [&](int set, int64_t row, float weight) {
    const float* x = from[set].at(sample, head, row);
    for (int64_t i = 0; i < width; ++i) centre[i] += weight * x[i];
  });
  pair.for_each_point(sample, [&](int set, int64_t row, float weight) {
    const float* x = from[set].at(sample, head, row);
    for (int64_t i = 0; i < width; ++i) {
      squares[i] += weight * (x[i] - centre[i]) * (x[i] - centre[i]);
    }
  });
  const double square = std::reduce(squares.begin(), squares.end(), 0.0) / double(width);
  const auto scale = static_cast<float>(1 / std::sqrt(square + kVarianceSmoothing));
  pair.for_each_point(sample, [&](int set, int64_t row, float) {
    const float* x = from[set].at(sample, head, row);
    float* y = to[set].at(sample, head, row);
    for (int64_t i = 0; i < width; ++i) y[i] = (x[i] - centre[i]) * scale;
  });
  return scale;
}

/// With y = scale (x - centre) and weights w that add up to 1, a gradient g of y is one of x:
/// scale (g_i - w_i (sum_j g_j + y_i sum_j g_j.y_j / d)).
void differentiate_head(const Pair& pair, const Views& upstream, const Views& results,
                        const Views& to, float scale, int64_t sample, int64_t head) {
  const int64_t width = to[0].width;
  std::vector<float> sum(width), products(width);
  pair.for_each_point(sample, [&](int set, int64_t row, float) {
    const float* g = upstream[set].at(sample, head, row);
    const float* y = results[set].at(sample, head, row);
    for (int64_t i = 0; i < width; ++i) {
      sum[i] += g[i];
      products[i] += g[i] * y[i];
    }
  });
  const auto along = static_cast<float>(std::reduce(products.begin(), products.end(), 0.0) /
                                        static_cast<double>(width));
  pair.for_each_point(sample, [&](int set, int64_t row, float weight) {
    const float* g = upstream[set].at(sample, head, row);
    const float* y = results[set].at(sample, head, row);
    float* result = to[set].at(sample, head, row);
    for (int64_t i = 0; i < width; ++i) {
      result[i] = scale * (g[i] - weight * (sum[i] + along * y[i]));
    }
  });
}

struct FusedStandardise : torch::autograd::Function<FusedStandardise> {
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                const torch::Tensor& queries,
                                                const torch::Tensor& keys,
                                                const std::optional<torch::Tensor>& query_mask,
                                                const std::optional<torch::Tensor>& key_mask) {
    const torch::Tensor q = with_contiguous_rows(queries), k = with_contiguous_rows(keys);
    const torch::Tensor masks[] = {query_mask.value_or(torch::Tensor()),
                                   key_mask.value_or(torch::Tensor())};
    const Pair pair(q, k, masks[0], masks[1]);
    const torch::Tensor to_q = new_points(q, q.size(3), !pair.is_complete());
    const torch::Tensor to_k = new_points(k, k.size(3), !pair.is_complete());
    const torch::Tensor scales = torch::zeros({q.size(0), q.size(1)});
    const Views from{PointsView(q), PointsView(k)}, to{PointsView(to_q), PointsView(to_k)};
    auto scale = scales.accessor<float, 2>();
    pair.for_each_head([&](int64_t sample, int64_t head) {
      scale[sample][head] = standardise_head(pair, from, to, sample, head);
    });
    context->save_for_backward({to_q, to_k, masks[0], masks[1], scales});
    return {to_q, to_k};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list upstream) {
    refuse_second_derivatives();
    const torch::autograd::variable_list saved = context->get_saved_variables();
    const torch::Tensor& q = saved[0];
    const torch::Tensor& k = saved[1];
    const Pair pair(q, k, saved[2], saved[3]);
    const torch::Tensor from_q = with_contiguous_rows(upstream[0]);
    const torch::Tensor from_k = with_contiguous_rows(upstream[1]);
    const torch::Tensor to_q = new_points(q, q.size(3), !pair.is_complete());
    const torch::Tensor to_k = new_points(k, k.size(3), !pair.is_complete());
    const Views gradient{PointsView(from_q), PointsView(from_k)};
    const Views results{PointsView(q), PointsView(k)}, to{PointsView(to_q), PointsView(to_k)};
    const auto scale = saved[4].accessor<float, 2>();
    pair.for_each_head([&](int64_t sample, int64_t head) {
      differentiate_head(pair, gradient, results, to, scale[sample][head], sample, head);
    });
    return {to_q, to_k, torch::Tensor(), torch::Tensor()};
  }
};

}  // namespace

HeadSets fused_standardise(const HeadSets& sets) {
  const auto given = [](const torch::Tensor& mask) {
    return mask.defined() ? std::optional(mask) : std::nullopt;
  };
  const auto results = FusedStandardise::apply(sets.queries, sets.keys, given(sets.query_mask),
                                               given(sets.key_mask));
  return {results[0], results[1], sets.query_mask, sets.key_mask};
}

}  // namespace vqalign::kernels
