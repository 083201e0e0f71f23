#pragma once

#include "vqalign/align/cuda/sets.h"
#include "vqalign/core/device.cuh"

/// What all kernels on the sets of a head share.
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

__host__ __device__ constexpr int64_t whole_tiles(int64_t rows) {
  return (rows + kTile - 1) / kTile * kTile;
}

__device__ inline float dot(const float* x, const float* y, int width) {
  float sum = 0.0F;
  for (int k = 0; k < width; ++k) sum += x[k] * y[k];
  return sum;
}

/// One head of the batch, as the block that works on it sees it. Made by all threads together.
struct Head {
  __device__ Head(const Sets& sets, int64_t which)
      : index(which), sample(which / sets.heads), head(which % sets.heads) {
    for (int set = 0; set < 2; ++set) {
      rows[set] = static_cast<int>(sets.rows[set]);
      padding[set] = sets.padding[set] ? sets.padding[set] + sample * rows[set] : nullptr;
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
  /// Which of the head's points, queries first, a row is; counted through all heads.
  __device__ int64_t point(int set, int row) const {
    return index * (rows[0] + rows[1]) + (set == 0 ? row : rows[0] + row);
  }

  int64_t index, sample, head;
  int rows[2];
  const bool* padding[2];
  float count[2];  ///< Points of either set.
};

// A tile of pairs has a row for each kParts threads of one warp, which share its columns.
constexpr int kParts = kThreads / kTile;

__device__ inline int pair_row() {
  return static_cast<int>(threadIdx.x) / kParts;
}
__device__ inline int pair_part() {
  return static_cast<int>(threadIdx.x) % kParts;
}

constexpr int kColumns = kTile / kParts;  ///< Of a tile of pairs, on one thread: kParts apart.

/// A number for each column of the thread's row.
struct OfColumns {
  float at[kColumns] = {};
};

/// Squared distances of the thread's row, `x`, from its columns.
__device__ inline OfColumns squared_distances(const float* x, const Rows& columns, int width) {
  OfColumns sums;
#pragma unroll 4
  for (int k = 0; k < width; ++k) {
    const float mine = x[k];
    for (int i = 0; i < kColumns; ++i) {
      const float difference = mine - columns[pair_part() + i * kParts][k];
      sums.at[i] += difference * difference;
    }
  }
  return sums;
}

/// Sum over the kParts threads that share a row.
__device__ inline float row_sum(float value) {
  for (int lanes = kParts / 2; lanes > 0; lanes /= 2) {
    value += __shfl_xor_sync(kAllLanes, value, lanes);
  }
  return value;
}

/// Memory for the vectors of both sets: for all of them, or for one tile each.
__host__ __device__ inline void take_vectors(SharedMemory& memory, const Sets& sets, int64_t width,
                                             bool all, Rows vectors[2]) {
  for (int set = 0; set < 2; ++set) {
    vectors[set] = take_rows(memory, all ? whole_tiles(sets.rows[set]) : kTile, width);
  }
}

/// The vectors of both sets as they are looked at, a tile of rows against a tile of columns.
/// Source::load(set, first, rows, to) brings them to shared memory, by all threads.
template <typename Source>
struct Vectors {
  const Source& source;
  const Rows* memory;  ///< take_vectors()
  bool resident;       ///< Whether that holds all of them.

  /// Once, before tile().
  __device__ void fill(const Head& head) const {
    for (int set = 0; resident && set < 2; ++set) {
      source.load(set, 0, static_cast<int>(whole_tiles(head.rows[set])), memory[set]);
    }
    __syncthreads();
  }

  /// Rows `first` and following of a set, in role 0 (rows of pairs) or 1 (columns), until the next
  /// call in that role. Called by all threads.
  __device__ Rows tile(int set, int first, int role) const {
    if (resident) return {memory[set][first], memory[set].stride};
    __syncthreads();
    source.load(set, first, kTile, memory[role]);
    __syncthreads();
    return memory[role];
  }
};

/// The points themselves.
struct PointSource {
  const Sets& sets;
  const Head& head;

  __device__ void load(int set, int first, int rows, const Rows& to) const {
    for (int k = lane(); k < sets.width; k += kWarp) {
#pragma unroll 8
      for (int i = warp(); i < rows; i += kWarps) {
        to[i][k] =
            head.is_point(set, first + i) ? head.row_of(sets.points[set], first + i)[k] : 0.0F;
      }
    }
  }
};

/// gradients[i] += sum_j pulls[i][j] (x_i - y_j) over a tile of pairs, by the threads of each row.
__device__ inline void add_pulls(const Rows& pulls, const Rows& rows, const Rows& columns,
                                 int64_t width, const Rows& gradients) {
  const float* x = rows[pair_row()];
  const float* pull = pulls[pair_row()];
  __syncwarp();
  constexpr int kAtOnce = 4;
  const int last = static_cast<int>(width) - 1;
  for (int first = pair_part(); first <= last; first += kParts * kAtOnce) {
    float mine[kAtOnce], sums[kAtOnce] = {};
    int inside[kAtOnce];
    for (int i = 0; i < kAtOnce; ++i) {
      inside[i] = first + i * kParts <= last ? first + i * kParts : last;
      mine[i] = x[inside[i]];
    }
#pragma unroll 4
    for (int j = 0; j < kTile; ++j) {
      for (int i = 0; i < kAtOnce; ++i) sums[i] += pull[j] * (mine[i] - columns[j][inside[i]]);
    }
    for (int i = 0; i < kAtOnce; ++i) {
      if (first + i * kParts <= last) gradients[pair_row()][first + i * kParts] += sums[i];
    }
  }
  __syncwarp();
}

/// Stores a tile's gradients times a factor, zeros for padding.
__device__ inline void store_pulls(const Sets& sets, const Head& head, int set, int first,
                                   float factor, const Rows& gradients, const Points& to) {
  const int row = first + pair_row();
  if (row >= head.rows[set]) return;
  float* gradient = head.row_of(to, row);
  const bool there = head.is_point(set, row);
  for (int c = pair_part(); c < sets.width; c += kParts) {
    gradient[c] = there ? gradients[pair_row()][c] * factor : 0.0F;
  }
}

__device__ inline void clear_rows(const Sets& sets, const Head& head, const Points to[2]) {
  for (int set = 0; set < 2; ++set) {
    for (int row = warp(); row < head.rows[set]; row += kWarps) {
      float* gradient = head.row_of(to[set], row);
      for (int k = lane(); k < sets.width; k += kWarp) gradient[k] = 0.0F;
    }
  }
}

}  // namespace
}  // namespace vqalign::cuda
