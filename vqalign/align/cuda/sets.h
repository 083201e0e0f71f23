#pragma once

#include <cstdint>

struct CUstream_st;

namespace vqalign::cuda {

/// Points [B, H, n, d], float32, contiguous along d; strides count floats.
struct Points {
  float* data;
  int64_t sample, head, row;
};

/// The query set and the key set of every head of a batch (head_sets.h), as kernels take them.
struct Sets {
  int64_t samples, heads;  ///< B, H
  int64_t rows[2];         ///< n, m
  int64_t width;           ///< d
  Points points[2];        ///< Queries, keys.
  const bool* padding[2];  ///< [B, n], [B, m], true = padding; null where there is none.
};

}  // namespace vqalign::cuda
