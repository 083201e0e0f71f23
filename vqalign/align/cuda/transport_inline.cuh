#pragma once

#include "vqalign/align/cuda/sets_inline.cuh"
#include "vqalign/align/cuda/transport.h"

/// What the kernels of transport.h share.
namespace vqalign::cuda {
namespace {

/// Features of a set's row, or their gradients: `all` is either array.
__device__ inline float* features_of(const Transport& task, float* all, const Head& head, int set,
                                     int row) {
  return all + head.point(set, row) * (task.critic_outputs + task.navigator_outputs);
}

/// Rows `first` and following of a set, standardised; zeros where there is no point.
__device__ inline void load_points(const Transport& task, const Head& head, int set, int first,
                                   const float* centre, float scale, const Rows& to) {
  for (int k = lane(); k < task.width; k += kWarp) {
#pragma unroll
    for (int i = warp(); i < kTile; i += kWarps) {
      const bool there = head.is_point(set, first + i);
      to[i][k] = there ? (head.row_of(task.points[set], first + i)[k] - centre[k]) * scale : 0.0F;
    }
  }
}

}  // namespace
}  // namespace vqalign::cuda
