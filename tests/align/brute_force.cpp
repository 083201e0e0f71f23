#include "brute_force.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace vqalign::brute {

namespace {

Points points_of(const torch::Tensor& set, const torch::Tensor& mask, int64_t sample,
                 int64_t head) {
  const torch::Tensor rows = set[sample][head].detach().to(torch::kFloat64).contiguous();
  Points points;
  for (int64_t i = 0; i < rows.size(0); ++i) {
    if (mask.defined() && mask[sample][i].item<bool>()) continue;
    const double* row = rows.data_ptr<double>() + i * rows.size(1);
    points.emplace_back(row, row + rows.size(1));
  }
  return points;
}

double dot(const Point& x, const Point& y) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum;
}

double squared_distance(const Point& x, const Point& y) {
  double sum = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - y[i]) * (x[i] - y[i]);
  return sum;
}

double cost_of(const Point& x, const Point& y) {
  return squared_distance(x, y) / static_cast<double>(x.size());
}

double kernel_mean(const Points& xs, const Points& ys, double sigma) {
  double sum = 0.0;
  for (const Point& x : xs) {
    for (const Point& y : ys) {
      const double square = squared_distance(x, y);
      sum += sigma > 0 ? std::exp(-square / (2 * sigma * sigma)) : (square == 0 ? 1.0 : 0.0);
    }
  }
  return sum / static_cast<double>(xs.size() * ys.size());
}

double critic_cost(const Point& x, const Point& y) {
  return 1 - dot(x, y) / std::sqrt((dot(x, x) + 1e-8) * (dot(y, y) + 1e-8));
}

/// Mean over the `from` points of the expected cost under the softmax over the `to` points.
double one_way(const Points& critic_from, const Points& critic_to, const Points& navigator_from,
               const Points& navigator_to) {
  double sum = 0.0;
  for (std::size_t i = 0; i < critic_from.size(); ++i) {
    double mass = 0.0, expected = 0.0, largest = -INFINITY;
    for (const Point& to : navigator_to) largest = std::max(largest, dot(navigator_from[i], to));
    for (std::size_t j = 0; j < critic_to.size(); ++j) {
      const double weight = std::exp(dot(navigator_from[i], navigator_to[j]) - largest);
      mass += weight;
      expected += weight * critic_cost(critic_from[i], critic_to[j]);
    }
    sum += expected / mass;
  }
  return sum / static_cast<double>(critic_from.size());
}

/// c(q, k) / unit for all pairs.
std::vector<std::vector<double>> all_costs(const Head& head, double unit) {
  std::vector<std::vector<double>> costs;
  for (const Point& q : head.queries) {
    costs.emplace_back();
    for (const Point& k : head.keys) costs.back().push_back(cost_of(q, k) / unit);
  }
  return costs;
}

std::vector<std::vector<double>> transposed(const std::vector<std::vector<double>>& matrix) {
  std::vector<std::vector<double>> result(matrix[0].size());
  for (const auto& row : matrix) {
    for (std::size_t j = 0; j < row.size(); ++j) result[j].push_back(row[j]);
  }
  return result;
}

/// One update of a potential, whose points' costs to the others are the rows of `costs`.
void update(std::vector<double>& potential, const std::vector<double>& given,
            const std::vector<std::vector<double>>& costs, double blur) {
  for (std::size_t i = 0; i < potential.size(); ++i) {
    double largest = -INFINITY, sum = 0.0;
    for (std::size_t j = 0; j < given.size(); ++j) {
      largest = std::max(largest, (given[j] - costs[i][j]) / blur);
    }
    for (std::size_t j = 0; j < given.size(); ++j) {
      sum += std::exp((given[j] - costs[i][j]) / blur - largest);
    }
    potential[i] = -blur * (largest + std::log(sum / static_cast<double>(given.size())));
  }
}

Transport evaluate(const std::vector<std::vector<double>>& costs, const std::vector<double>& f,
                   const std::vector<double>& g, double blur) {
  Transport result;
  const double uniform = 1.0 / static_cast<double>(f.size() * g.size());
  for (std::size_t i = 0; i < f.size(); ++i) {
    for (std::size_t j = 0; j < g.size(); ++j) {
      const double logarithm = (f[i] + g[j] - costs[i][j]) / blur;
      const double mass = std::exp(logarithm) * uniform;
      result.cost += mass * costs[i][j];
      result.objective += mass * (costs[i][j] + blur * logarithm);
    }
  }
  return result;
}

double affine(const torch::Tensor& weight, const torch::Tensor& bias, int64_t row, const Point& x) {
  const double* weights = weight.const_data_ptr<double>() + row * weight.size(1);
  double sum = bias.const_data_ptr<double>()[row];
  for (std::size_t i = 0; i < x.size(); ++i) sum += weights[i] * x[i];
  return sum;
}

}  // namespace

Head head_of(const HeadSets& sets, int64_t sample, int64_t head) {
  return {points_of(sets.queries, sets.query_mask, sample, head),
          points_of(sets.keys, sets.key_mask, sample, head)};
}

double median_distance(const Head& head) {
  Points joint = head.queries;
  joint.insert(joint.end(), head.keys.begin(), head.keys.end());
  std::vector<double> distances;
  for (std::size_t i = 0; i < joint.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      distances.push_back(std::sqrt(squared_distance(joint[i], joint[j])));
    }
  }
  std::sort(distances.begin(), distances.end());
  const std::size_t count = distances.size();
  return (distances[(count - 1) / 2] + distances[count / 2]) / 2;
}

double mmd(const Head& head, double sigma) {
  return kernel_mean(head.queries, head.queries, sigma) + kernel_mean(head.keys, head.keys, sigma) -
         2 * kernel_mean(head.queries, head.keys, sigma);
}

double conditional_transport(const Head& critic, const Head& navigator, double rho) {
  return rho * one_way(critic.queries, critic.keys, navigator.queries, navigator.keys) +
         (1 - rho) * one_way(critic.keys, critic.queries, navigator.keys, navigator.queries);
}

double mean_cost(const Head& head) {
  double sum = 0.0;
  for (const Point& q : head.queries) {
    for (const Point& k : head.keys) sum += cost_of(q, k);
  }
  return sum / static_cast<double>(head.queries.size() * head.keys.size());
}

Head standardised(const Head& head) {
  const std::size_t width = head.queries.front().size();
  const auto share = [](const Points& set) { return 0.5 / static_cast<double>(set.size()); };
  Point centre(width);
  double square = 1e-4;
  for (const Points* set : {&head.queries, &head.keys}) {
    for (const Point& x : *set) {
      for (std::size_t i = 0; i < width; ++i) centre[i] += share(*set) * x[i];
    }
  }
  for (const Points* set : {&head.queries, &head.keys}) {
    for (const Point& x : *set) {
      for (std::size_t i = 0; i < width; ++i) {
        square += share(*set) * std::pow(x[i] - centre[i], 2) / static_cast<double>(width);
      }
    }
  }
  Head result = head;
  for (Points* set : {&result.queries, &result.keys}) {
    for (Point& x : *set) {
      for (std::size_t i = 0; i < width; ++i) x[i] = (x[i] - centre[i]) / std::sqrt(square);
    }
  }
  return result;
}

Transport entropic_transport(const Head& head, double blur) {
  const auto costs = all_costs(head, 1.0);
  const auto back = transposed(costs);
  std::vector<double> f(head.queries.size()), g(head.keys.size());
  for (int64_t i = 0; i < 20000; ++i) {
    const std::vector<double> before = f;
    update(f, g, costs, blur);
    update(g, f, back, blur);
    double moved = 0.0;
    for (std::size_t p = 0; p < f.size(); ++p) moved = std::max(moved, std::abs(f[p] - before[p]));
    if (moved < 1e-12) break;
  }
  return evaluate(costs, f, g, blur);
}

double scheduled_transport(const Head& head, double epsilon, int64_t iterations) {
  const double mean = mean_cost(head);
  const double unit = mean > 0 ? mean : 1.0;
  const auto costs = all_costs(head, unit);
  const auto back = transposed(costs);
  std::vector<double> f(head.queries.size()), g(head.keys.size());
  double blur = 1.0;
  update(g, f, back, blur);
  for (int64_t i = 0; i < iterations; ++i) {
    blur = std::max(epsilon, std::pow(0.5, static_cast<double>(i)));
    update(f, g, costs, blur);
    update(g, f, back, blur);
  }
  return evaluate(costs, f, g, blur).cost * unit;
}

double assignment(const Head& head) {
  std::vector<std::size_t> order(head.keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  double best = INFINITY;
  do {
    double sum = 0.0;
    for (std::size_t i = 0; i < order.size(); ++i) {
      sum += cost_of(head.queries[i], head.keys[order[i]]);
    }
    best = std::min(best, sum / static_cast<double>(order.size()));
  } while (std::next_permutation(order.begin(), order.end()));
  return best;
}

double adversarial_likelihood(const Points& query_logits, const Points& key_logits) {
  const auto probability = [](const Point& logit) { return 1 / (1 + std::exp(-logit[0])); };
  double of_queries = 0.0, of_keys = 0.0;
  for (const Point& logit : query_logits) of_queries += std::log(probability(logit));
  for (const Point& logit : key_logits) of_keys += std::log(1 - probability(logit));
  return of_queries / static_cast<double>(query_logits.size()) +
         of_keys / static_cast<double>(key_logits.size());
}

Point network(const Point& x, const PointNetworkWeights& weights) {
  Point mixed = x;
  if (weights.gate_weight.defined()) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto row = static_cast<int64_t>(i);
      const double gate =
          1 / (1 + std::exp(-affine(weights.gate_weight, weights.gate_bias, row, x)));
      const double candidate =
          std::max(0.0, affine(weights.candidate_weight, weights.candidate_bias, row, x));
      mixed[i] = gate * candidate + (1 - gate) * x[i];
    }
  }
  Point hidden;
  for (int64_t row = 0; row < weights.first_weight.size(0); ++row) {
    const double sum = affine(weights.first_weight, weights.first_bias, row, mixed);
    hidden.push_back(sum > 0 ? sum : weights.negative_slope * sum);
  }
  Point outputs;
  for (int64_t row = 0; row < weights.second_weight.size(0); ++row) {
    outputs.push_back(affine(weights.second_weight, weights.second_bias, row, hidden));
  }
  return outputs;
}

double sum_over_heads(const HeadSets& sets, const torch::Tensor& factors,
                      const std::function<double(const Head&, int64_t, int64_t)>& of_head) {
  double sum = 0.0;
  for (int64_t b = 0; b < sets.queries.size(0); ++b) {
    for (int64_t h = 0; h < sets.queries.size(1); ++h) {
      const Head head = head_of(sets, b, h);
      if (head.queries.empty() || head.keys.empty()) continue;
      const double factor = factors.defined() ? factors[b][h].item<double>() : 1.0;
      sum += factor * of_head(head, b, h);
    }
  }
  return sum;
}

torch::Tensor finite_differences(torch::Tensor x, const std::function<double()>& value,
                                 double step) {
  torch::Tensor gradient = torch::zeros_like(x);
  double* entries = x.data_ptr<double>();
  double* slopes = gradient.data_ptr<double>();
  for (int64_t i = 0; i < x.numel(); ++i) {
    const double kept = entries[i];
    entries[i] = kept + step;
    const double above = value();
    entries[i] = kept - step;
    const double below = value();
    entries[i] = kept;
    slopes[i] = (above - below) / (2 * step);
  }
  return gradient;
}

}  // namespace vqalign::brute
