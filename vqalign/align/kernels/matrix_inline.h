// Products of small matrices that lie in the cache.

#pragma once

#include "vqalign/align/kernels/kernels.h"
#include "vqalign/align/kernels/simd.h"

namespace vqalign::kernels {
namespace {

/// A matrix to read one number at a time, in any order: element (i, j) is at i * row + j * column.
struct Scalars {
  const float* at;
  int64_t row, column;
};

struct Product {
  static Vector step(Vector sum, float left, Vector right) { return sum + left * right; }
};

/// Sums (left - right)^2: as exact for points far from the origin as near to it, and 0 for equal
/// ones, which |x|^2 + |y|^2 - 2 x.y is not.
struct SquaredDifference {
  static Vector step(Vector sum, float left, Vector right) {
    const Vector difference = left - right;
    return sum + difference * difference;
  }
};

// As many sums as the register file holds beside the operands.
constexpr int64_t kSums = VQALIGN_LANES == 16 ? 24 : 12;
constexpr int64_t kMostColumns = VQALIGN_LANES == 16 ? 4 : 2;

template <typename Step, bool kAdd, int64_t kRows, int64_t kColumns>
inline void block(Scalars a, const float* b, int64_t b_row, float* c, int64_t c_row,
                  int64_t depth) {
  Vector sums[kRows][kColumns];
#pragma GCC unroll 32
  for (int64_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 8
    for (int64_t v = 0; v < kColumns; ++v) {
      sums[i][v] = kAdd ? load(c + i * c_row + v * kLanes) : Vector{};
    }
  }
  for (int64_t k = 0; k < depth; ++k) {
    Vector right[kColumns];
#pragma GCC unroll 8
    for (int64_t v = 0; v < kColumns; ++v) right[v] = load(b + k * b_row + v * kLanes);
#pragma GCC unroll 32
    for (int64_t i = 0; i < kRows; ++i) {
      const float left = a.at[i * a.row + k * a.column];
#pragma GCC unroll 8
      for (int64_t v = 0; v < kColumns; ++v) sums[i][v] = Step::step(sums[i][v], left, right[v]);
    }
  }
#pragma GCC unroll 32
  for (int64_t i = 0; i < kRows; ++i) {
#pragma GCC unroll 8
    for (int64_t v = 0; v < kColumns; ++v) store(c + i * c_row + v * kLanes, sums[i][v]);
  }
}

template <typename Step, bool kAdd, int64_t kRows, int64_t kColumns>
inline void strip(Scalars a, const float* b, int64_t b_row, float* c, int64_t c_row, int64_t rows,
                  int64_t depth) {
  for (; rows >= kRows; rows -= kRows) {
    block<Step, kAdd, kRows, kColumns>(a, b, b_row, c, c_row, depth);
    a.at += kRows * a.row;
    c += kRows * c_row;
  }
  if constexpr (kRows > 1) {
    strip<Step, kAdd, kRows / 2, kColumns>(a, b, b_row, c, c_row, rows, depth);
  }
}

/// c[i][j] = sum over k < depth of Step(a(i, k), b[k][j]), or += where kAdd, for i < rows and
/// j < columns, a multiple of kLanes.
template <typename Step, bool kAdd>
void combine(Scalars a, const float* b, int64_t b_row, float* c, int64_t c_row, int64_t rows,
             int64_t columns, int64_t depth) {
  int64_t j = 0;
  for (; j + kMostColumns * kLanes <= columns; j += kMostColumns * kLanes) {
    strip<Step, kAdd, kSums / kMostColumns, kMostColumns>(a, b + j, b_row, c + j, c_row, rows,
                                                          depth);
  }
  for (; j < columns; j += kLanes) {
    strip<Step, kAdd, kSums / 2, 1>(a, b + j, b_row, c + j, c_row, rows, depth);
  }
}

/// c = a b
inline void multiply(Scalars a, const float* b, int64_t b_row, float* c, int64_t c_row,
                     int64_t rows, int64_t columns, int64_t depth) {
  combine<Product, false>(a, b, b_row, c, c_row, rows, columns, depth);
}

/// c += a b
inline void multiply_add(Scalars a, const float* b, int64_t b_row, float* c, int64_t c_row,
                         int64_t rows, int64_t columns, int64_t depth) {
  combine<Product, true>(a, b, b_row, c, c_row, rows, columns, depth);
}

/// to[j][i] = from[i][j], and zero up to row `to_row` floats.
inline void transpose(const float* from, int64_t from_row, float* to, int64_t to_row, int64_t rows,
                      int64_t columns) {
  for (int64_t j = 0; j < columns; ++j) {
    for (int64_t i = 0; i < rows; ++i) to[j * to_row + i] = from[i * from_row + j];
    for (int64_t i = rows; i < to_row; ++i) to[j * to_row + i] = 0.0F;
  }
}

}  // namespace
}  // namespace vqalign::kernels
