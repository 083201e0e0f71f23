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
  int64_t rows;             ///< Of the pair matrices: those of a block of queries.
  float scale;              ///< What makes squared distances costs in units of their mean.
  float* cost;              ///< [rows, P(m)]
  float* plan;              ///< [rows, P(m)]
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
  memory.rows = head.block < head.queries ? head.block : head.queries;
  memory.scale = 1.0F;
  memory.cost = head.scratch;
  memory.plan = memory.cost + memory.rows * memory.row;
  memory.columns = memory.plan + memory.rows * memory.row;
  memory.key_potentials = memory.columns + head.width * memory.row;
  memory.key_sums = memory.key_potentials + memory.row;
  memory.query_potentials = memory.key_sums + memory.row;
  memory.query_sums = memory.query_potentials + padded(head.queries);
  memory.pulls = memory.query_sums + padded(head.queries);
  return memory;
}

/// The costs of `count` queries from `begin` on.
inline void fill_costs(const OptimalTransport& head, const OptimalTransportMemory& memory,
                       int64_t begin, int64_t count) {
  const int64_t width = padded(head.width);
  combine<SquaredDifference, false>({head.query_points + begin * width, width, 1}, memory.columns,
                                    memory.row, memory.cost, memory.row, count, memory.row,
                                    head.width);
  for (int64_t at = 0; at < count * memory.row; at += kLanes) {
    store(memory.cost + at, load(memory.cost + at) * memory.scale);
  }
}

/// Calls work(begin, count) with the costs of each block of queries there. Those of a single block
/// stay from call to call, those of several are made anew.
template <typename Work>
inline void for_each_block(const OptimalTransport& head, const OptimalTransportMemory& memory,
                           Work work) {
  for (int64_t begin = 0; begin < head.queries; begin += memory.rows) {
    const int64_t left = head.queries - begin;
    const int64_t count = left < memory.rows ? left : memory.rows;
    if (memory.rows < head.queries) fill_costs(head, memory, begin, count);
    work(begin, count);
  }
}

/// Moves the points to their centre and finds the costs' unit: their mean, which it returns (1
/// when all costs are 0).
inline double prepare_costs(const OptimalTransport& head, OptimalTransportMemory& memory) {
  const int64_t width = padded(head.width);
  for (int64_t j = 0; j < width; ++j) memory.pulls[j] = 0.0F;
  add_points(head.query_points, head.queries, width, memory.pulls);
  add_points(head.key_points, head.keys, width, memory.pulls);
  const float share = 1.0F / static_cast<float>(head.queries + head.keys);
  shift_points(head.query_points, head.queries, width, memory.pulls, share);
  shift_points(head.key_points, head.keys, width, memory.pulls, share);

  transpose(head.key_points, width, memory.columns, memory.row, head.keys, head.width);
  if (memory.rows == head.queries) fill_costs(head, memory, 0, head.queries);
  double sum = 0.0;
  for_each_block(head, memory, [&](int64_t /*begin*/, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t j = 0; j < head.keys; ++j) sum += memory.cost[i * memory.row + j];
    }
  });
  const double mean = sum / static_cast<double>(head.queries * head.keys);
  memory.scale = mean > 0.0 ? static_cast<float>(1.0 / mean) : 1.0F;
  if (memory.rows == head.queries) fill_costs(head, memory, 0, head.queries);
  return mean > 0.0 ? mean / static_cast<double>(head.width) : 1.0;
}

/// The cost of one pair, made anew.
inline float cost_of(const OptimalTransport& head, const OptimalTransportMemory& memory, int64_t i,
                     int64_t j) {
  const int64_t width = padded(head.width);
  Vector sum{};
  for (int64_t at = 0; at < width; at += kLanes) {
    const Vector difference =
        load(head.query_points + i * width + at) - load(head.key_points + j * width + at);
    sum += difference * difference;
  }
  return sum_of(sum) * memory.scale;
}

/// Writes exp((f_i + g_j - c_ij) / blur) for query i, in this row of the block; returns the mean
/// over its keys.
inline float exponentiate_row(const OptimalTransport& head, const OptimalTransportMemory& memory,
                              int64_t i, int64_t row, float inverse_blur) {
  Vector sum{};
  for (int64_t j = 0; j < memory.row; j += kLanes) {
    const Vector excess = memory.query_potentials[i] + load(memory.key_potentials + j) -
                          load(memory.cost + row * memory.row + j);
    const Vector value = exponential(excess * inverse_blur);
    store(memory.plan + row * memory.row + j, value);
    sum += value;
  }
  return sum_of(sum) / static_cast<float>(head.keys);
}

/// -blur log mean_t exp((potentials[t] - cost(t)) / blur), whatever the terms' size.
template <typename Cost>
inline float exact_potential(const float* potentials, int64_t count, float blur, Cost cost) {
  float largest = potentials[0] - cost(0);
  for (int64_t t = 1; t < count; ++t) {
    const float excess = potentials[t] - cost(t);
    largest = excess > largest ? excess : largest;
  }
  double sum = 0.0;
  for (int64_t t = 0; t < count; ++t) {
    sum += __builtin_expf((potentials[t] - cost(t) - largest) / blur);
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
          exact_potential(memory.query_potentials, head.queries, blur,
                          [&](int64_t i) { return cost_of(head, memory, i, j); });
    }
  }
}

/// Query i's part of an iteration: f_i from g where `both`, and what it adds to the keys' sums.
inline void iterate_row(const OptimalTransport& head, const OptimalTransportMemory& memory,
                        int64_t i, int64_t row, float blur, bool both) {
  const float inverse_blur = 1.0F / blur;
  float sum = exponentiate_row(head, memory, i, row, inverse_blur);
  if (!both) {
    sum = 1.0F;
  } else if (sum > kLeastSum && sum < kMostSum) {
    memory.query_potentials[i] -= blur * __builtin_logf(sum);
  } else {
    const float* costs = memory.cost + row * memory.row;
    memory.query_potentials[i] = exact_potential(memory.key_potentials, head.keys, blur,
                                                 [&](int64_t j) { return costs[j]; });
    sum = exponentiate_row(head, memory, i, row, inverse_blur);
  }
  const float share = 1.0F / (sum * static_cast<float>(head.queries));
  for (int64_t j = 0; j < memory.row; j += kLanes) {
    store(memory.key_sums + j,
          load(memory.key_sums + j) + load(memory.plan + row * memory.row + j) * share);
  }
}

/// One Sinkhorn iteration: f from g where `both`, then g from f.
inline void iterate(const OptimalTransport& head, const OptimalTransportMemory& memory, float blur,
                    bool both) {
  for (int64_t j = 0; j < memory.row; j += kLanes) store(memory.key_sums + j, Vector{});
  for_each_block(head, memory, [&](int64_t begin, int64_t count) {
    for (int64_t row = 0; row < count; ++row) {
      iterate_row(head, memory, begin + row, row, blur, both);
    }
  });
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

/// The plan of a block's rows in place of their exponentials, the masses of its queries and keys;
/// returns what is paid.
inline double fill_plan(const OptimalTransport& head, const OptimalTransportMemory& memory,
                        int64_t begin, int64_t count, float blur) {
  const float share = 1.0F / (static_cast<float>(head.queries) * static_cast<float>(head.keys));
  double value = 0.0;
  for (int64_t row = 0; row < count; ++row) {
    memory.query_sums[begin + row] = exponentiate_row(head, memory, begin + row, row, 1.0F / blur) /
                                     static_cast<float>(head.queries);
    Vector paid{};
    for (int64_t j = 0; j < memory.row; j += kLanes) {
      const Vector mass = load(memory.plan + row * memory.row + j) * share;
      store(memory.plan + row * memory.row + j, mass);
      store(memory.key_sums + j, load(memory.key_sums + j) + mass);
      paid += mass * load(memory.cost + row * memory.row + j);
    }
    value += sum_of(paid);
  }
  return value;
}

double optimal_transport(const OptimalTransport& head) {
  OptimalTransportMemory memory = memory_of(head);
  const double unit = prepare_costs(head, memory);
  const float blur = solve(head, memory);

  const int64_t width = padded(head.width);
  float* key_pulls = memory.pulls + head.queries * width;
  for (int64_t at = 0; at < head.keys * width; at += kLanes) store(key_pulls + at, Vector{});
  for (int64_t j = 0; j < memory.row; j += kLanes) store(memory.key_sums + j, Vector{});
  double value = 0.0;
  for_each_block(head, memory, [&](int64_t begin, int64_t count) {
    value += fill_plan(head, memory, begin, count, blur);
    if (!head.gradients) return;
    multiply({memory.plan, memory.row, 1}, head.key_points, width, memory.pulls + begin * width,
             width, count, width, head.keys);
    multiply_add({memory.plan, 1, memory.row}, head.query_points + begin * width, width, key_pulls,
                 width, head.keys, width, count);
  });
  if (!head.gradients) return value * unit;

  const float scale = 2.0F / static_cast<float>(head.width);
  pull_apart(head.query_points, memory.pulls, memory.query_sums, head.queries, width, scale);
  pull_apart(head.key_points, key_pulls, memory.key_sums, head.keys, width, scale);
  return value * unit;
}

}  // namespace
}  // namespace vqalign::kernels
