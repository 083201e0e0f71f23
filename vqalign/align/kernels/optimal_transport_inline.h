// Sinkhorn's iterations over all pairs of one head. See ../optimal_transport.h for the equations.
//
// Potentials f, g and cost are in units of the mean cost. One exponential a pair serves both
// updates of an iteration: with e_ij = exp((f_i + g_j - c_ij) / blur) and s_i = mean_j e_ij, the
// new f_i is f_i - blur log s_i, hence e_ij / s_i is the exponential that g's update needs. What is
// raised to a power is bounded, since the potentials of the iteration before balance the costs;
// where a sum still leaves float32's range, it is taken again relative to its largest term.

#pragma once

#include "vqalign/align/kernels/points_inline.h"

namespace vqalign::kernels {
namespace {

constexpr float kLeastSum = 1e-30F;
constexpr float kMostSum = 1e30F;
constexpr float kUnreachable = -1e30F;  // Potential of the padding between row's end and next row.

struct OptimalTransportMemory {
  int64_t row;              ///< P(m)
  float* cost;              ///< [n, P(m)]
  float* plan;              ///< [n, P(m)]
  float* columns;           ///< [d, P(m)]: the keys transposed.
  float* key_potentials;    ///< [P(m)]
  float* key_sums;          ///< [P(m)]
  float* query_potentials;  ///< [P(n)]
  float* query_sums;        ///< [P(n)]
  float* pulls;             ///< [n + m, P(d)]
};

inline OptimalTransportMemory memory_of(const OptimalTransport& head) {
  OptimalTransportMemory memory;
  memory.row = padded(head.keys);
  memory.cost = head.scratch;
  memory.plan = memory.cost + head.queries * memory.row;
  memory.columns = memory.plan + head.queries * memory.row;
  memory.key_potentials = memory.columns + head.width * memory.row;
  memory.key_sums = memory.key_potentials + memory.row;
  memory.query_potentials = memory.key_sums + memory.row;
  memory.query_sums = memory.query_potentials + padded(head.queries);
  memory.pulls = memory.query_sums + padded(head.queries);
  return memory;
}

/// Fills the cost in units of its mean, which it returns (1 when all costs are 0).
inline double fill_costs(const OptimalTransport& head, const OptimalTransportMemory& memory) {
  const int64_t width = padded(head.width);
  for (int64_t j = 0; j < width; ++j) memory.pulls[j] = 0.0F;
  add_points(head.query_points, head.queries, width, memory.pulls);
  add_points(head.key_points, head.keys, width, memory.pulls);
  const float share = 1.0F / static_cast<float>(head.queries + head.keys);
  shift_points(head.query_points, head.queries, width, memory.pulls, share);
  shift_points(head.key_points, head.keys, width, memory.pulls, share);

  transpose(head.key_points, width, memory.columns, memory.row, head.keys, head.width);
  combine<SquaredDifference, false>({head.query_points, width, 1}, memory.columns, memory.row,
                                    memory.cost, memory.row, head.queries, memory.row, head.width);
  double sum = 0.0;
  for (int64_t i = 0; i < head.queries; ++i) {
    for (int64_t j = 0; j < head.keys; ++j) sum += memory.cost[i * memory.row + j];
  }
  const double mean = sum / static_cast<double>(head.queries * head.keys);
  const float scale = mean > 0.0 ? static_cast<float>(1.0 / mean) : 1.0F;
  for (int64_t at = 0; at < head.queries * memory.row; at += kLanes) {
    store(memory.cost + at, load(memory.cost + at) * scale);
  }
  return mean > 0.0 ? mean / static_cast<double>(head.width) : 1.0;
}

/// Writes exp((f_i + g_j - c_ij) / blur) for one row; returns the mean over its keys.
inline float exponentiate_row(const OptimalTransport& head, const OptimalTransportMemory& memory,
                              int64_t i, float inverse_blur) {
  Vector sum{};
  for (int64_t j = 0; j < memory.row; j += kLanes) {
    const Vector excess = memory.query_potentials[i] + load(memory.key_potentials + j) -
                          load(memory.cost + i * memory.row + j);
    const Vector value = exponential(excess * inverse_blur);
    store(memory.plan + i * memory.row + j, value);
    sum += value;
  }
  return sum_of(sum) / static_cast<float>(head.keys);
}

/// -blur log mean_t exp((potentials[t] - costs[t * step]) / blur), whatever the terms' size.
inline float exact_potential(const float* potentials, const float* costs, int64_t step,
                             int64_t count, float blur) {
  float largest = potentials[0] - costs[0];
  for (int64_t t = 1; t < count; ++t) {
    const float excess = potentials[t] - costs[t * step];
    largest = excess > largest ? excess : largest;
  }
  double sum = 0.0;
  for (int64_t t = 0; t < count; ++t) {
    sum += __builtin_expf((potentials[t] - costs[t * step] - largest) / blur);
  }
  return -largest - blur * static_cast<float>(__builtin_log(sum / static_cast<double>(count)));
}

inline void update_key_potentials(const OptimalTransport& head,
                                  const OptimalTransportMemory& memory, float blur) {
  for (int64_t j = 0; j < head.keys; ++j) {
    const float sum = memory.key_sums[j];
    if (sum > kLeastSum && sum < kMostSum) {
      memory.key_potentials[j] -= blur * __builtin_logf(sum);
    } else {
      memory.key_potentials[j] =
          exact_potential(memory.query_potentials, memory.cost + j, memory.row, head.queries, blur);
    }
  }
}

/// One Sinkhorn iteration: f from g where `both`, then g from f.
inline void iterate(const OptimalTransport& head, const OptimalTransportMemory& memory, float blur,
                    bool both) {
  const float inverse_blur = 1.0F / blur;
  for (int64_t j = 0; j < memory.row; j += kLanes) store(memory.key_sums + j, Vector{});
  for (int64_t i = 0; i < head.queries; ++i) {
    float sum = exponentiate_row(head, memory, i, inverse_blur);
    if (!both) {
      sum = 1.0F;
    } else if (sum > kLeastSum && sum < kMostSum) {
      memory.query_potentials[i] -= blur * __builtin_logf(sum);
    } else {
      memory.query_potentials[i] =
          exact_potential(memory.key_potentials, memory.cost + i * memory.row, 1, head.keys, blur);
      sum = exponentiate_row(head, memory, i, inverse_blur);
    }
    const float share = 1.0F / (sum * static_cast<float>(head.queries));
    for (int64_t j = 0; j < memory.row; j += kLanes) {
      store(memory.key_sums + j,
            load(memory.key_sums + j) + load(memory.plan + i * memory.row + j) * share);
    }
  }
  update_key_potentials(head, memory, blur);
}

/// The potentials after the documented schedule; returns the last blur.
inline float solve(const OptimalTransport& head, const OptimalTransportMemory& memory) {
  for (int64_t i = 0; i < head.queries; ++i) memory.query_potentials[i] = 0.0F;
  for (int64_t j = 0; j < memory.row; ++j) {
    memory.key_potentials[j] = j < head.keys ? 0.0F : kUnreachable;
  }
  iterate(head, memory, 1.0F, false);
  float blur = head.epsilon > 1.0F ? head.epsilon : 1.0F;
  for (int64_t t = 0; t < head.iterations; ++t) {
    iterate(head, memory, blur, true);
    if (t + 1 < head.iterations) blur = blur / 2 > head.epsilon ? blur / 2 : head.epsilon;
  }
  return blur;
}

double optimal_transport(const OptimalTransport& head) {
  const OptimalTransportMemory memory = memory_of(head);
  const double unit = fill_costs(head, memory);
  const float blur = solve(head, memory);

  const float share = 1.0F / (static_cast<float>(head.queries) * static_cast<float>(head.keys));
  double value = 0.0;
  for (int64_t j = 0; j < memory.row; j += kLanes) store(memory.key_sums + j, Vector{});
  for (int64_t i = 0; i < head.queries; ++i) {
    memory.query_sums[i] =
        exponentiate_row(head, memory, i, 1.0F / blur) / static_cast<float>(head.queries);
    Vector paid{};
    for (int64_t j = 0; j < memory.row; j += kLanes) {
      const Vector mass = load(memory.plan + i * memory.row + j) * share;
      store(memory.plan + i * memory.row + j, mass);
      store(memory.key_sums + j, load(memory.key_sums + j) + mass);
      paid += mass * load(memory.cost + i * memory.row + j);
    }
    value += sum_of(paid);
  }
  if (!head.gradients) return value * unit;

  const int64_t width = padded(head.width);
  const float scale = 2.0F / static_cast<float>(head.width);
  float* key_pulls = memory.pulls + head.queries * width;
  differentiate_products(memory.plan, memory.row, head.query_points, head.key_points, head.queries,
                         head.keys, width, memory.pulls);
  pull_apart(head.query_points, memory.pulls, memory.query_sums, head.queries, width, scale);
  pull_apart(head.key_points, key_pulls, memory.key_sums, head.keys, width, scale);
  return value * unit;
}

}  // namespace
}  // namespace vqalign::kernels
