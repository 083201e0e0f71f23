#include "vqalign/align/composite.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <limits>
#include <vector>

#include "vqalign/align/conditional_transport.h"
#include "vqalign/align/mmd.h"
#include "vqalign/core/error.h"

namespace vqalign::composite {

namespace {

/// [B, 1, n]: 1 on points, 0 on padding.
torch::Tensor presence(const torch::Tensor& points, const torch::Tensor& mask) {
  if (!mask.defined()) {
    return torch::ones({points.size(0), 1, points.size(2)}, points.options());
  }
  return mask.logical_not().to(points.scalar_type()).unsqueeze(1);
}

torch::Tensor set_weights(const torch::Tensor& own, const torch::Tensor& other) {
  const torch::Tensor count = own.sum(2, true);
  return own / count.clamp_min(1) * (other.sum(2, true) > 0);
}

torch::Tensor unit(const torch::Tensor& vectors) {
  return vectors * (vectors.square().sum(-1, true) + kCosineSmoothing).rsqrt();
}

/// [B, H]: the median over pairs i < j of present points; 0 where there is no pair.
torch::Tensor median_distance(const torch::Tensor& squares, const torch::Tensor& present) {
  [[maybe_unused]] const int64_t points = squares.size(3);
  const torch::Tensor pairs = torch::logical_and(present.unsqueeze(3), present.unsqueeze(2))
                                  .triu(1)
                                  .expand(squares.sizes());
  const torch::Tensor ordered =
      std::get<0>(squares.masked_fill(pairs.logical_not(), INFINITY).flatten(2).sort(2));
  const torch::Tensor count = pairs.flatten(2).sum(2, true);
  const torch::Tensor below = ordered.gather(2, (count - 1).clamp_min(0).floor_divide(2));
  const torch::Tensor above = ordered.gather(2, count.floor_divide(2));
  return torch::where(count > 0, (below.sqrt() + above.sqrt()) / 2, 0).squeeze(2);
}

/// Sinkhorn's update of one potential: -blur log sum_j exp((other_j - cost_ij) / blur) weight_j.
torch::Tensor potential(const torch::Tensor& cost, const torch::Tensor& other,
                        const torch::Tensor& log_weights, double blur) {
  return -blur *
         torch::logsumexp((other.unsqueeze(-2) - cost) / blur + log_weights.unsqueeze(-2), -1);
}

torch::Tensor transport_plan(const torch::Tensor& cost, const torch::Tensor& a,
                             const torch::Tensor& b, const SinkhornOptions& options) {
  // A finite stand-in for log 0 keeps empty sets from making NaN.
  const torch::Tensor log_a = a.log().clamp_min(-1e30);
  const torch::Tensor log_b = b.log().clamp_min(-1e30);
  torch::Tensor f = torch::zeros(cost.sizes().slice(0, 3), cost.options());
  torch::Tensor g;
  const torch::Tensor transposed = cost.transpose(-2, -1);
  double blur = 1.0;
  g = potential(transposed, f, log_a, blur);
  for (int64_t i = 0; i < options.iterations; ++i) {
    blur = blur_of(options, i);
    f = potential(cost, g, log_b, blur);
    g = potential(transposed, f, log_a, blur);
  }
  const torch::Tensor logarithm = (f.unsqueeze(-1) + g.unsqueeze(-2) - cost) / blur;
  const torch::Tensor independent = a.unsqueeze(-1) * b.unsqueeze(-2);
  return torch::where(independent > 0, logarithm.exp() * independent, 0);
}

/// Squared distances in one piece.
torch::Tensor by_differences(const torch::Tensor& x, const torch::Tensor& y) {
  constexpr int64_t kByDifferences = 2;
  return torch::cdist(x, y, 2.0, kByDifferences).square();
}

/// In its backward pass on CUDA cdist() makes as many numbers as there are differences, and
/// LibTorch 2.11 counts them in 32 bits: beyond that it writes where it must not (pytorch issue
/// 193099).
constexpr int64_t kMostDifferences = std::numeric_limits<int32_t>::max();

}  // namespace

torch::Tensor squared_distances(const torch::Tensor& x, const torch::Tensor& y) {
  return x.is_cuda() ? squared_distances_in_pieces(x, y, kMostDifferences) : by_differences(x, y);
}

torch::Tensor squared_distances_in_pieces(const torch::Tensor& x, const torch::Tensor& y,
                                          int64_t most) {
  const int64_t differences = x.numel() * y.size(-2), rows = x.dim() - 2;
  if (differences <= most) return by_differences(x, y);
  int64_t along = 0;
  while (along < rows && x.size(along) == 1) ++along;
  const int64_t slices = x.size(along);
  if (slices == 1) {
    if (y.size(-2) == 1) fail("a point of ", x.size(-1), " numbers; most are ", most);
    return squared_distances_in_pieces(y, x, most).transpose(-2, -1);
  }
  const int64_t step = std::max<int64_t>(1, most / (differences / slices));
  std::vector<torch::Tensor> pieces;
  for (int64_t begin = 0; begin < slices; begin += step) {
    const int64_t end = std::min(slices, begin + step);
    pieces.push_back(squared_distances_in_pieces(
        x.slice(along, begin, end), along < rows ? y.slice(along, begin, end) : y, most));
  }
  return torch::cat(pieces, along);
}

double blur_of(const SinkhornOptions& options, int64_t iteration) {
  constexpr int64_t kMostHalvings = 60;
  return std::max(options.epsilon,
                  std::ldexp(1.0, -static_cast<int>(std::min(iteration, kMostHalvings))));
}

torch::Tensor query_weights(const HeadSets& sets) {
  return set_weights(presence(sets.queries, sets.query_mask), presence(sets.keys, sets.key_mask));
}

torch::Tensor key_weights(const HeadSets& sets) {
  return set_weights(presence(sets.keys, sets.key_mask), presence(sets.queries, sets.query_mask));
}

torch::Tensor without_padding(const torch::Tensor& points, const torch::Tensor& mask) {
  // Padding may hold anything, and 0 times infinity is no zero.
  return mask.defined() ? points.masked_fill(mask.unsqueeze(1).unsqueeze(3), 0) : points;
}

torch::Tensor point_network(const torch::Tensor& points, const torch::Tensor& mask,
                            const PointNetworkWeights& weights) {
  torch::Tensor x = without_padding(points, mask);
  if (weights.gate_weight.defined()) {
    const torch::Tensor gate =
        torch::sigmoid(torch::linear(x, weights.gate_weight, weights.gate_bias));
    const torch::Tensor candidate =
        torch::relu(torch::linear(x, weights.candidate_weight, weights.candidate_bias));
    x = x + gate * (candidate - x);
  }
  x = torch::leaky_relu(torch::linear(x, weights.first_weight, weights.first_bias),
                        weights.negative_slope);
  return without_padding(torch::linear(x, weights.second_weight, weights.second_bias), mask);
}

torch::Tensor conditional_transport(const HeadSets& critic, const torch::Tensor& query_navigator,
                                    const torch::Tensor& key_navigator, double rho) {
  const torch::Tensor uq = unit(without_padding(critic.queries, critic.query_mask));
  const torch::Tensor uk = unit(without_padding(critic.keys, critic.key_mask));
  const torch::Tensor tq = without_padding(query_navigator, critic.query_mask);
  const torch::Tensor tk = without_padding(key_navigator, critic.key_mask);
  const torch::Tensor cost = 1 - torch::matmul(uq, uk.transpose(-2, -1));
  const torch::Tensor affinity = torch::matmul(tq, tk.transpose(-2, -1));
  const torch::Tensor wq = query_weights(critic);
  const torch::Tensor wk = key_weights(critic);
  const auto plan = [&](const torch::Tensor& weights, int64_t along) {
    return torch::softmax(affinity.masked_fill(weights.unsqueeze(5 - along) == 0, -1e30), along);
  };
  const torch::Tensor to_keys = (plan(wk, 3) * cost).sum(3);
  const torch::Tensor to_queries = (plan(wq, 2) * cost).sum(2);
  return rho * (to_keys * wq).sum(2) + (1 - rho) * (to_queries * wk).sum(2);
}

torch::Tensor optimal_transport(const HeadSets& sets, const SinkhornOptions& options) {
  const torch::Tensor q = without_padding(sets.queries, sets.query_mask);
  const torch::Tensor k = without_padding(sets.keys, sets.key_mask);
  const torch::Tensor cost = squared_distances(q, k) / static_cast<double>(q.size(3));
  const torch::Tensor a = query_weights(sets).expand({-1, q.size(1), -1});
  const torch::Tensor b = key_weights(sets).expand({-1, q.size(1), -1});
  const torch::Tensor plan = [&] {
    const torch::NoGradGuard constant;
    const torch::Tensor mean = (cost * a.unsqueeze(3) * b.unsqueeze(2)).sum({2, 3}, true);
    return transport_plan(cost / torch::where(mean > 0, mean, 1), a, b, options);
  }();
  return (plan * cost).sum({2, 3});
}

torch::Tensor mmd(const HeadSets& sets) {
  if (sets.queries.size(2) == 0 || sets.keys.size(2) == 0) {
    return sets.queries.slice(2, 0, 0).sum({2, 3}) + sets.keys.slice(2, 0, 0).sum({2, 3});
  }
  const torch::Tensor points = torch::cat(
      {without_padding(sets.queries, sets.query_mask), without_padding(sets.keys, sets.key_mask)},
      2);
  const torch::Tensor wq = query_weights(sets);
  const torch::Tensor wk = key_weights(sets);
  const torch::Tensor signs = torch::cat({wq, -wk}, 2);
  const torch::Tensor squares = squared_distances(points, points);
  const torch::Tensor sigma =
      median_distance(squares.detach(), signs != 0).unsqueeze(-1).unsqueeze(-1);
  const torch::Tensor kernel = torch::where(
      sigma > kSmallestSigma, torch::exp(squares / (-2 * sigma.clamp_min(kSmallestSigma).square())),
      (squares == 0).to(squares.scalar_type()));
  return (kernel * signs.unsqueeze(3) * signs.unsqueeze(2)).sum({2, 3});
}

}  // namespace vqalign::composite
