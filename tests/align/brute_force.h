#pragma once

#include <torch/types.h>

#include <functional>
#include <vector>

#include "vqalign/align/head_sets.h"
#include "vqalign/align/point_network.h"

/// The distances written down as their definitions read: loops over points in double, one head at a
/// time, no tensors, no masks (only points are here). The oracle of the tests of align/.
namespace vqalign::brute {

using Point = std::vector<double>;
using Points = std::vector<Point>;

struct Head {
  Points queries, keys;
};

/// The valid points of one head.
Head head_of(const HeadSets& sets, int64_t sample, int64_t head);

double median_distance(const Head& head);
double mmd(const Head& head, double sigma);

double conditional_transport(const Head& critic, const Head& navigator, double rho);

double mean_cost(const Head& head);

/// standardise.h, read off its definition.
Head standardised(const Head& head);

struct Transport {
  double cost = 0.0;       ///< <P, c>
  double objective = 0.0;  ///< <P, c> + blur KL(P | a b')
};
/// Sinkhorn at one blur (not in units of anything) until nothing moves any more.
Transport entropic_transport(const Head& head, double blur);
/// The schedule documented in optimal_transport.h, step by step.
double scheduled_transport(const Head& head, double epsilon, int64_t iterations);
/// Optimal assignment by trying all permutations; as many queries as keys.
double assignment(const Head& head);

double adversarial_likelihood(const Points& query_logits, const Points& key_logits);

/// One point through the network, whose tensors are contiguous and double.
Point network(const Point& x, const PointNetworkWeights& weights);

/// Sum over the entries of `of_head` on all heads, each times `factors` [B, H] where given.
double sum_over_heads(const HeadSets& sets, const torch::Tensor& factors,
                      const std::function<double(const Head&, int64_t, int64_t)>& of_head);

/// Central differences of `value` with respect to every entry of `x`, a contiguous double tensor
/// that `value` reads and this changes and restores.
torch::Tensor finite_differences(torch::Tensor x, const std::function<double()>& value,
                                 double step = 1e-5);

}  // namespace vqalign::brute
