#pragma once

#include "vqalign/align/cuda/transport.h"
#include "vqalign/core/device.cuh"

/// What the kernels of transport.h share.
namespace vqalign::cuda {
namespace {

/// Points that a block looks at together: one a lane.
constexpr int kTile = kWarp;

/// Rows of shared memory an odd number of floats apart, so that lanes that read one column of
/// different rows meet in no bank.
__host__ __device__ constexpr int64_t odd(int64_t width) {
  return width | 1;
}

struct Rows {
  float* at;
  int stride;
  __device__ float* operator[](int row) const { return at + row * stride; }
};

__host__ __device__ inline Rows take_rows(SharedMemory& memory, int64_t rows, int64_t width) {
  return {memory.take(rows * odd(width)), static_cast<int>(odd(width))};
}

__device__ inline int lane() {
  return static_cast<int>(threadIdx.x) % kWarp;
}
__device__ inline int warp() {
  return static_cast<int>(threadIdx.x) / kWarp;
}

__device__ inline float dot(const float* x, const float* y, int width) {
  float sum = 0.0F;
  for (int k = 0; k < width; ++k) sum += x[k] * y[k];
  return sum;
}

/// One head of the batch, as the block that works on it sees it. Made by all threads together.
struct Head {
  __device__ Head(const Transport& task, int64_t which)
      : index(which), sample(which / task.heads), head(which % task.heads) {
    for (int set = 0; set < 2; ++set) {
      rows[set] = static_cast<int>(task.rows[set]);
      padding[set] = task.padding[set] ? task.padding[set] + sample * rows[set] : nullptr;
      float found = 0.0F;
      for (int row = static_cast<int>(threadIdx.x); row < rows[set]; row += kThreads) {
        found += is_point(set, row) ? 1.0F : 0.0F;
      }
      count[set] = block_sum(found);
    }
  }

  __device__ bool is_point(int set, int row) const {
    return row < rows[set] && (padding[set] == nullptr || !padding[set][row]);
  }
  /// Whether there is nothing to compare.
  __device__ bool is_empty() const { return count[0] == 0.0F || count[1] == 0.0F; }
  __device__ float* row_of(const Points& points, int row) const {
    return points.data + sample * points.sample + head * points.head + row * points.row;
  }
  /// Features of a set's row, or their gradients: `all` is either array.
  __device__ float* features_of(const Transport& task, float* all, int set, int row) const {
    const int64_t point = index * (rows[0] + rows[1]) + (set == 0 ? row : rows[0] + row);
    return all + point * (task.critic_outputs + task.navigator_outputs);
  }

  int64_t index, sample, head;
  int rows[2];
  const bool* padding[2];
  float count[2];  ///< Points of either set.
};

/// Rows `first` and following of a set, standardised; zeros where there is no point.
__device__ inline void load_points(const Transport& task, const Head& head, int set, int first,
                                   const float* centre, float scale, const Rows& to) {
  for (int i = warp(); i < kTile; i += kWarps) {
    const bool there = head.is_point(set, first + i);
    const float* from = there ? head.row_of(task.points[set], first + i) : nullptr;
    for (int k = lane(); k < task.width; k += kWarp) {
      to[i][k] = there ? (from[k] - centre[k]) * scale : 0.0F;
    }
  }
}

}  // namespace
}  // namespace vqalign::cuda
