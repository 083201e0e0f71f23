#pragma once

#include <cstdint>
#include <vector>

#include "vqalign/attention/cuda/rows.h"

/// What the launches of rows.h move and compute, read off their sources, in float32 with dropout.
/// Forward and backward. Numbers that a row reads a second time come from caches and count once;
/// Philox's integers do not count.
namespace vqalign::cuda {

/// What launches of one kind do together.
struct LaunchCounts {
  const char* name;
  int64_t launches;
  int64_t bytes;       ///< Of global memory, each pass over an array; parameters once a head.
  int64_t operations;  ///< Multiplications, additions and exponentials of numbers.
};

inline LaunchCounts count_partial_sums(int64_t rows, int64_t columns) {
  const int64_t blocks = gradient_blocks(rows);
  return {"partial sums", 1, int64_t{sizeof(float)} * (blocks + 1) * columns, blocks * columns};
}

inline std::vector<LaunchCounts> count_dropout(int64_t rows, int64_t width) {
  const int64_t numbers = rows * width;
  return {{"dropout, both ways", 2, int64_t{sizeof(float)} * 4 * numbers, 2 * numbers}};
}

/// Of x and an update, with gradients for both and the parameters.
inline std::vector<LaunchCounts> count_residual_norm(int64_t rows, int64_t width) {
  constexpr int64_t kFloat = sizeof(float);
  const int64_t numbers = rows * width, partial = gradient_blocks(rows) * 2 * width;
  return {{"norm", 1, kFloat * (3 * numbers + 2 * rows + 2 * width), 10 * numbers},
          {"norm's gradient", 1, kFloat * (5 * numbers + 2 * rows + width + partial), 19 * numbers},
          count_partial_sums(rows, 2 * width)};
}

inline std::vector<LaunchCounts> count_bias_relu(int64_t rows, int64_t width) {
  constexpr int64_t kFloat = sizeof(float);
  const int64_t numbers = rows * width, partial = gradient_blocks(rows) * width;
  return {{"bias, ReLU", 1, kFloat * (2 * numbers + width), 3 * numbers},
          {"its gradient", 1, kFloat * (3 * numbers + partial), 3 * numbers},
          count_partial_sums(rows, width)};
}

/// Rows are those of queries in all heads.
inline std::vector<LaunchCounts> count_attention_weights(int64_t rows, int64_t keys) {
  const int64_t numbers = rows * keys;
  return {{"weights", 1, int64_t{sizeof(float)} * 3 * numbers, 6 * numbers},
          {"their gradient", 1, int64_t{sizeof(float)} * 3 * numbers, 6 * numbers}};
}

}  // namespace vqalign::cuda
