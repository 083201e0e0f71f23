// What the kernels on raw points share.

#pragma once

#include "vqalign/align/kernels/matrix_inline.h"

namespace vqalign::kernels {
namespace {

/// Adds all rows to `sum` [width].
inline void add_points(const float* points, int64_t count, int64_t width, float* sum) {
  for (int64_t j = 0; j < width; j += kLanes) {
    Vector total = load(sum + j);
    for (int64_t i = 0; i < count; ++i) total += load(points + i * width + j);
    store(sum + j, total);
  }
}

/// Subtracts scale * sum from all rows. Differences of points do not change; products of points,
/// which the gradients are made of, keep more digits near the origin.
inline void shift_points(float* points, int64_t count, int64_t width, const float* sum,
                         float scale) {
  for (int64_t j = 0; j < width; j += kLanes) {
    const Vector shift = load(sum + j) * scale;
    for (int64_t i = 0; i < count; ++i) {
      store(points + i * width + j, load(points + i * width + j) - shift);
    }
  }
}

/// Gradients of both sets' vectors from that of their inner products `pairs`: pairs * keys and
/// pairs^T * queries, one below the other.
inline void differentiate_products(const float* pairs, int64_t row, const float* queries,
                                   const float* keys, int64_t query_count, int64_t key_count,
                                   int64_t width, float* gradient) {
  multiply({pairs, row, 1}, keys, width, gradient, width, query_count, width, key_count);
  multiply({pairs, 1, row}, queries, width, gradient + query_count * width, width, key_count, width,
           query_count);
}

/// points[i] = scale * (masses[i] points[i] - pulls[i])
inline void pull_apart(float* points, const float* pulls, const float* masses, int64_t count,
                       int64_t width, float scale) {
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = 0; j < width; j += kLanes) {
      float* point = points + i * width + j;
      store(point, (load(point) * masses[i] - load(pulls + i * width + j)) * scale);
    }
  }
}

}  // namespace
}  // namespace vqalign::kernels
