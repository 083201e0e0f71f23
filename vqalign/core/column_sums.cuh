#pragma once

#include "vqalign/core/device.cuh"

/// The end of a reduction over blocks: each left one row of sums.
namespace vqalign::cuda {
namespace {

constexpr int kSumColumns = 8;  ///< Of a block: 32 bytes of each row, the least that memory moves.
constexpr int kSumParts = kThreads / kSumColumns;

__global__ void __launch_bounds__(kThreads)
    column_sums_kernel(const float* partial, int64_t rows, int64_t columns, float* sums) {
  __shared__ float parts[kThreads];
  const int part = static_cast<int>(threadIdx.x) / kSumColumns;
  const int64_t column = int64_t{blockIdx.x} * kSumColumns + threadIdx.x % kSumColumns;
  float sum = 0.0F;
  for (int64_t row = part; column < columns && row < rows; row += kSumParts) {
    sum += partial[row * columns + column];
  }
  parts[threadIdx.x] = sum;
  __syncthreads();
  if (part > 0 || column >= columns) return;
  for (int other = 1; other < kSumParts; ++other) sum += parts[other * kSumColumns + threadIdx.x];
  sums[column] = sum;
}

/// sums[i] = sum over the rows of partial[row][i], in an order that the sizes fix.
inline const char* sum_columns(const float* partial, int64_t rows, int64_t columns, float* sums,
                               cudaStream_t stream) {
  return launch(column_sums_kernel, (columns + kSumColumns - 1) / kSumColumns, 0, stream, partial,
                rows, columns, sums);
}

}  // namespace
}  // namespace vqalign::cuda
