#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

#include "vqalign/align/blockwise.h"
#include "vqalign/align/composite.h"
#include "vqalign/align/point_blocks.h"

namespace vqalign::blockwise {

namespace {

/// One head's optimal transport; potentials and costs in units of the mean cost.
class BlockTransport {
 public:
  BlockTransport(const Head& head, const SinkhornOptions& options, int64_t block)
      : head_(moved_to_origin(head)), options_(options), block_(block) {
    const double pairs = static_cast<double>(head_.queries.size(0) * head_.keys.size(0));
    const double mean =
        sum_over_blocks(head_.queries, block,
                        [&](int64_t begin, int64_t end) {
                          return total(costs(head_.queries.slice(0, begin, end), head_.keys));
                        }) /
        pairs;
    if (mean > 0) unit_ = mean;
    query_potentials_ = torch::zeros({head_.queries.size(0)}, head_.queries.options());
    key_potentials_ = torch::empty({head_.keys.size(0)}, head_.keys.options());
    solve();
  }

  double value() const {
    return unit_ * sum_over_blocks(head_.queries, block_, [&](int64_t begin, int64_t end) {
             const torch::Tensor cost = costs(head_.queries.slice(0, begin, end), head_.keys);
             return total(cost *
                          plan(cost, query_potentials_.slice(0, begin, end), key_potentials_));
           });
  }

  torch::Tensor query_gradient() const {
    return gradient(head_.queries, query_potentials_, head_.keys, key_potentials_);
  }
  torch::Tensor key_gradient() const {
    return gradient(head_.keys, key_potentials_, head_.queries, query_potentials_);
  }

 private:
  torch::Tensor costs(const torch::Tensor& x, const torch::Tensor& y) const {
    return composite::squared_distances(x, y) / (unit_ * static_cast<double>(x.size(1)));
  }

  torch::Tensor plan(const torch::Tensor& cost, const torch::Tensor& own,
                     const torch::Tensor& other) const {
    return ((own.unsqueeze(1) + other.unsqueeze(0) - cost) / blur_).exp() /
           static_cast<double>(head_.queries.size(0) * head_.keys.size(0));
  }

  void update(const torch::Tensor& points, torch::Tensor& potentials, const torch::Tensor& others,
              const torch::Tensor& other_potentials) const {
    const double log_count = std::log(static_cast<double>(others.size(0)));
    for_each_block(points, block_, [&](int64_t, int64_t begin, int64_t end) {
      const torch::Tensor excess =
          (other_potentials.unsqueeze(0) - costs(points.slice(0, begin, end), others)) / blur_;
      potentials.slice(0, begin, end).copy_((torch::logsumexp(excess, 1) - log_count) * -blur_);
    });
  }

  void solve() {
    update(head_.keys, key_potentials_, head_.queries, query_potentials_);
    for (int64_t i = 0; i < options_.iterations; ++i) {
      blur_ = composite::blur_of(options_, i);
      update(head_.queries, query_potentials_, head_.keys, key_potentials_);
      update(head_.keys, key_potentials_, head_.queries, query_potentials_);
    }
  }

  /// 2 / d sum_j P_ij (x_i - y_j)
  torch::Tensor gradient(const torch::Tensor& points, const torch::Tensor& own,
                         const torch::Tensor& others, const torch::Tensor& other) const {
    torch::Tensor result = torch::empty_like(points);
    for_each_block(points, block_, [&](int64_t, int64_t begin, int64_t end) {
      const torch::Tensor x = points.slice(0, begin, end);
      const torch::Tensor mass = plan(costs(x, others), own.slice(0, begin, end), other);
      result.slice(0, begin, end)
          .copy_((x * mass.sum(1, true) - torch::mm(mass, others)) *
                 (2.0 / static_cast<double>(points.size(1))));
    });
    return result;
  }

  Head head_;
  SinkhornOptions options_;
  int64_t block_;
  double unit_ = 1;
  double blur_ = 1;
  torch::Tensor query_potentials_, key_potentials_;
};

}  // namespace

torch::Tensor optimal_transport(const HeadSets& sets, const SinkhornOptions& options,
                                int64_t block) {
  return for_each_head(sets, [&](const Head& head, bool differentiate) {
    const BlockTransport transport(head, options, block);
    HeadResult result{transport.value(), {}, {}};
    if (differentiate) {
      result.query_gradient = transport.query_gradient();
      result.key_gradient = transport.key_gradient();
    }
    return result;
  });
}

}  // namespace vqalign::blockwise
