// Squared MMD over all pairs of one head's joint set. See ../mmd.h for the equations; with weights
// w = 1/n on queries and -1/m on keys the value is sum_ij w_i w_j k(x_i, x_j).

#pragma once

#include "vqalign/align/kernels/points_inline.h"

namespace vqalign::kernels {
namespace {

struct MmdMemory {
  int64_t count;   ///< n + m
  int64_t row;     ///< P(n + m)
  int64_t rows;    ///< Of the pair matrix: those of a block of points.
  float* pairs;    ///< [rows, P(n + m)]: squared distances, then w_j k(x_i, x_j).
  float* columns;  ///< [d, P(n + m)]: the points transposed.
  float* weights;  ///< [P(n + m)]
  float* sums;     ///< [P(n + m)]
  float* pulls;    ///< [n + m, P(d)]
};

inline MmdMemory memory_of(const Mmd& head) {
  MmdMemory memory;
  memory.count = head.queries + head.keys;
  memory.row = padded(memory.count);
  memory.rows = head.block < memory.count ? head.block : memory.count;
  memory.pairs = head.scratch;
  memory.columns = memory.pairs + memory.rows * memory.row;
  memory.weights = memory.columns + head.width * memory.row;
  memory.sums = memory.weights + memory.row;
  memory.pulls = memory.sums + memory.row;
  return memory;
}

/// The squared distances of `count` points from `begin` on to all.
inline void fill_squares(const Mmd& head, const MmdMemory& memory, int64_t begin, int64_t count) {
  const int64_t width = padded(head.width);
  combine<SquaredDifference, false>({head.points + begin * width, width, 1}, memory.columns,
                                    memory.row, memory.pairs, memory.row, count, memory.row,
                                    head.width);
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = memory.count; j < memory.row; ++j) {
      memory.pairs[i * memory.row + j] = __builtin_inff();
    }
  }
}

/// Calls work(begin, count) with the squared distances of each block of points there. Those of a
/// single block stay from call to call, those of several are made anew.
template <typename Work>
inline void for_each_block(const Mmd& head, const MmdMemory& memory, Work work) {
  for (int64_t begin = 0; begin < memory.count; begin += memory.rows) {
    const int64_t left = memory.count - begin;
    const int64_t count = left < memory.rows ? left : memory.rows;
    if (memory.rows < memory.count) fill_squares(head, memory, begin, count);
    work(begin, count);
  }
}

// Limits that one pass over the pairs counts up to.
constexpr int64_t kLimits = 15;

inline float from_bits(int64_t bits) {
  const int32_t narrow = static_cast<int32_t>(bits);
  float number;
  std::memcpy(&number, &narrow, sizeof number);
  return number;
}

/// How many squares of one row are up to each limit, added to `counts`.
inline void count_row(const MmdMemory& memory, const float* pairs, const float* limits,
                      int64_t* counts) {
  Integers found[kLimits] = {};
  for (int64_t j = 0; j < memory.row; j += kLanes) {
    const Vector square = load(pairs + j);
#pragma GCC unroll 15
    for (int64_t k = 0; k < kLimits; ++k) found[k] -= Integers(square <= limits[k]);
  }
  for (int64_t k = 0; k < kLimits; ++k) {
    for (int64_t lane = 0; lane < kLanes; ++lane) counts[k] += found[k][lane];
  }
}

/// The smallest squared distance with at least `rank` entries up to it: a search over the bit
/// patterns of non-negative floats, which are ordered as their values are, in sixteen parts at a
/// time. No pass branches on data, so it costs a fraction of a selection that moves entries about.
inline float square_of_rank(const Mmd& head, const MmdMemory& memory, int64_t rank) {
  int64_t low = 0, high = 0x7F800000;  // 0 and infinity
  while (low < high) {
    int64_t bits[kLimits];
    float limits[kLimits];
    int64_t counts[kLimits] = {};
    for (int64_t k = 0; k < kLimits; ++k) {
      bits[k] = low + (high - low) * (k + 1) / (kLimits + 1);
      limits[k] = from_bits(bits[k]);
    }
    for_each_block(head, memory, [&](int64_t /*begin*/, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        count_row(memory, memory.pairs + i * memory.row, limits, counts);
      }
    });
    int64_t k = 0;
    while (k < kLimits && counts[k] < rank) ++k;
    if (k > 0) low = bits[k - 1] + 1;
    if (k < kLimits) high = bits[k];
  }
  return from_bits(low);
}

/// The pair matrix holds each of the pairs twice and the zeros of the diagonal, which come first.
inline float median_distance(const Mmd& head, const MmdMemory& memory) {
  const int64_t pairs = memory.count * (memory.count - 1) / 2;
  const int64_t lower_rank = memory.count + 2 * ((pairs - 1) / 2) + 1;
  const int64_t upper_rank = memory.count + 2 * (pairs / 2) + 1;
  const float lower = square_of_rank(head, memory, lower_rank);
  int64_t up_to = 0;
  Vector least = all(__builtin_inff());
  for_each_block(head, memory, [&](int64_t /*begin*/, int64_t count) {
    for (int64_t at = 0; at < count * memory.row; at += kLanes) {
      const Vector square = load(memory.pairs + at);
      const Integers within = Integers(square <= lower);
      for (int64_t lane = 0; lane < kLanes; ++lane) up_to -= within[lane];
      least = square > lower ? (square < least ? square : least) : least;
    }
  });
  const float upper = up_to >= upper_rank ? lower : -largest_of(-least);
  return (__builtin_sqrtf(lower) + __builtin_sqrtf(upper)) / 2;
}

inline void prepare_points(const Mmd& head, const MmdMemory& memory) {
  const int64_t width = padded(head.width);
  for (int64_t j = 0; j < width; ++j) memory.pulls[j] = 0.0F;
  add_points(head.points, memory.count, width, memory.pulls);
  shift_points(head.points, memory.count, width, memory.pulls,
               1.0F / static_cast<float>(memory.count));
  transpose(head.points, width, memory.columns, memory.row, memory.count, head.width);
  if (memory.rows == memory.count) fill_squares(head, memory, 0, memory.count);
  for (int64_t j = 0; j < memory.row; ++j) {
    memory.weights[j] = j < head.queries   ? 1.0F / static_cast<float>(head.queries)
                        : j < memory.count ? -1.0F / static_cast<float>(head.keys)
                                           : 0.0F;
  }
}

/// w_j k(x_i, x_j) in place of a row's squares; returns their sum. `exponent` is -1 / (2 sigma^2),
/// 0 where sigma is.
inline float weigh_row(const MmdMemory& memory, float* pairs, float exponent) {
  Vector sum{};
  for (int64_t j = 0; j < memory.row; j += kLanes) {
    const Vector square = load(pairs + j);
    const Vector kernel =
        exponent == 0.0F ? (square == 0.0F ? all(1.0F) : Vector{}) : exponential(square * exponent);
    const Vector weighted = kernel * load(memory.weights + j);
    store(pairs + j, weighted);
    sum += weighted;
  }
  return sum_of(sum);
}

double mmd(const Mmd& head) {
  constexpr float kSmallestSigma = 1e-15F;
  const MmdMemory memory = memory_of(head);
  prepare_points(head, memory);
  const float sigma = median_distance(head, memory);
  const bool degenerate = sigma <= kSmallestSigma;
  const float exponent = degenerate ? 0.0F : -0.5F / (sigma * sigma);
  const int64_t width = padded(head.width);
  double value = 0.0;
  for_each_block(head, memory, [&](int64_t begin, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      memory.sums[begin + i] = weigh_row(memory, memory.pairs + i * memory.row, exponent);
      value += static_cast<double>(memory.weights[begin + i]) * memory.sums[begin + i];
    }
    if (head.gradients) {
      multiply({memory.pairs, memory.row, 1}, head.points, width, memory.pulls + begin * width,
               width, count, width, memory.count);
    }
  });
  if (!head.gradients) return value;

  const float slope = degenerate ? 0.0F : -2.0F / (sigma * sigma);
  pull_apart(head.points, memory.pulls, memory.sums, head.queries, width,
             slope / static_cast<float>(head.queries));
  pull_apart(head.points + head.queries * width, memory.pulls + head.queries * width,
             memory.sums + head.queries, head.keys, width, -slope / static_cast<float>(head.keys));
  return value;
}

}  // namespace
}  // namespace vqalign::kernels
