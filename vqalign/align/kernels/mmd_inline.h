// Squared MMD over all pairs of one head's joint set. See ../mmd.h for the equations; with weights
// w = 1/n on queries and -1/m on keys the value is sum_ij w_i w_j k(x_i, x_j).

#pragma once

#include "vqalign/align/kernels/points_inline.h"

namespace vqalign::kernels {
namespace {

struct MmdMemory {
  int64_t count;   ///< n + m
  int64_t row;     ///< P(n + m)
  float* pairs;    ///< [n + m, P(n + m)]: squared distances, then w_j k(x_i, x_j).
  float* columns;  ///< [d, P(n + m)]: the points transposed.
  float* weights;  ///< [P(n + m)]
  float* sums;     ///< [P(n + m)]
  float* pulls;    ///< [n + m, P(d)]
};

inline MmdMemory memory_of(const Mmd& head) {
  MmdMemory memory;
  memory.count = head.queries + head.keys;
  memory.row = padded(memory.count);
  memory.pairs = head.scratch;
  memory.columns = memory.pairs + memory.count * memory.row;
  memory.weights = memory.columns + head.width * memory.row;
  memory.sums = memory.weights + memory.row;
  memory.pulls = memory.sums + memory.row;
  return memory;
}

inline int64_t count_up_to(const MmdMemory& memory, float limit) {
  Integers found{};
  for (int64_t at = 0; at < memory.count * memory.row; at += kLanes) {
    found -= Integers(load(memory.pairs + at) <= limit);
  }
  int64_t count = 0;
  for (int64_t lane = 0; lane < kLanes; ++lane) count += found[lane];
  return count;
}

inline float least_above(const MmdMemory& memory, float limit) {
  Vector least = all(__builtin_inff());
  for (int64_t at = 0; at < memory.count * memory.row; at += kLanes) {
    const Vector square = load(memory.pairs + at);
    least = square > limit ? (square < least ? square : least) : least;
  }
  return -largest_of(-least);
}

/// The smallest squared distance with at least `rank` entries up to it: bisection over the bit
/// patterns of non-negative floats, which are ordered as their values are. No pass branches on
/// data, so it costs a fraction of a selection that moves entries about.
inline float square_of_rank(const MmdMemory& memory, int64_t rank) {
  int32_t low = 0, high = 0x7F800000;  // 0 and infinity
  while (low < high) {
    const int32_t middle = low + (high - low) / 2;
    float limit;
    std::memcpy(&limit, &middle, sizeof limit);
    if (count_up_to(memory, limit) >= rank) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  float square;
  std::memcpy(&square, &low, sizeof square);
  return square;
}

/// The pair matrix holds each of the pairs twice and the zeros of the diagonal, which come first.
inline float median_distance(const MmdMemory& memory) {
  const int64_t pairs = memory.count * (memory.count - 1) / 2;
  const int64_t lower_rank = memory.count + 2 * ((pairs - 1) / 2) + 1;
  const int64_t upper_rank = memory.count + 2 * (pairs / 2) + 1;
  const float lower = square_of_rank(memory, lower_rank);
  const float upper = count_up_to(memory, lower) >= upper_rank ? lower : least_above(memory, lower);
  return (__builtin_sqrtf(lower) + __builtin_sqrtf(upper)) / 2;
}

inline void fill_squares(const Mmd& head, const MmdMemory& memory) {
  const int64_t width = padded(head.width);
  for (int64_t j = 0; j < width; ++j) memory.pulls[j] = 0.0F;
  add_points(head.points, memory.count, width, memory.pulls);
  shift_points(head.points, memory.count, width, memory.pulls,
               1.0F / static_cast<float>(memory.count));
  transpose(head.points, width, memory.columns, memory.row, memory.count, head.width);
  combine<SquaredDifference, false>({head.points, width, 1}, memory.columns, memory.row,
                                    memory.pairs, memory.row, memory.count, memory.row, head.width);
  for (int64_t i = 0; i < memory.count; ++i) {
    for (int64_t j = memory.count; j < memory.row; ++j) {
      memory.pairs[i * memory.row + j] = __builtin_inff();
    }
  }
  for (int64_t j = 0; j < memory.row; ++j) {
    memory.weights[j] = j < head.queries   ? 1.0F / static_cast<float>(head.queries)
                        : j < memory.count ? -1.0F / static_cast<float>(head.keys)
                                           : 0.0F;
  }
}

double mmd(const Mmd& head) {
  constexpr float kSmallestSigma = 1e-15F;
  const MmdMemory memory = memory_of(head);
  fill_squares(head, memory);
  const float sigma = median_distance(memory);
  const bool degenerate = sigma <= kSmallestSigma;
  const float exponent = degenerate ? 0.0F : -0.5F / (sigma * sigma);
  double value = 0.0;
  for (int64_t i = 0; i < memory.count; ++i) {
    Vector sum{};
    for (int64_t j = 0; j < memory.row; j += kLanes) {
      float* pair = memory.pairs + i * memory.row + j;
      const Vector square = load(pair);
      const Vector kernel =
          degenerate ? (square == 0.0F ? all(1.0F) : Vector{}) : exponential(square * exponent);
      const Vector weighted = kernel * load(memory.weights + j);
      store(pair, weighted);
      sum += weighted;
    }
    memory.sums[i] = sum_of(sum);
    value += static_cast<double>(memory.weights[i]) * memory.sums[i];
  }
  if (!head.gradients) return value;

  const int64_t width = padded(head.width);
  multiply({memory.pairs, memory.row, 1}, head.points, width, memory.pulls, width, memory.count,
           width, memory.count);
  const float slope = degenerate ? 0.0F : -2.0F / (sigma * sigma);
  pull_apart(head.points, memory.pulls, memory.sums, head.queries, width,
             slope / static_cast<float>(head.queries));
  pull_apart(head.points + head.queries * width, memory.pulls + head.queries * width,
             memory.sums + head.queries, head.keys, width, -slope / static_cast<float>(head.keys));
  return value;
}

}  // namespace
}  // namespace vqalign::kernels
