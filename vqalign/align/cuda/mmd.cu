#include "vqalign/align/cuda/distances.h"
#include "vqalign/align/cuda/sets_inline.cuh"

namespace vqalign::cuda {
namespace {

constexpr float kSmallestSigma = 1e-15F;  // mmd.h
constexpr int kDigits = 256;
constexpr int64_t kMostPoints = 65536;  // Of which twice the pairs are counted in 32 bits.

struct MmdMemory {
  __host__ __device__ MmdMemory(SharedMemory& memory, const Sets& sets, bool all)
      : histogram(reinterpret_cast<unsigned*>(memory.take(kDigits))),
        pulls(take_rows(memory, kTile, kTile)),
        gradients(take_rows(memory, kTile, sets.width)) {
    take_vectors(memory, sets, sets.width, all, points);
  }
  unsigned* histogram;  ///< [kDigits]
  Rows pulls;           ///< Of a tile of pairs.
  Rows gradients;       ///< Of a tile of points.
  Rows points[2];       ///< take_vectors()
};

struct MmdBlock {
  const Sets& sets;
  const Head& head;
  const MmdMemory& memory;
  Vectors<PointSource> points;

  __device__ OfColumns squares(const Rows& rows, const Rows& columns) const {
    return squared_distances(rows[pair_row()], columns, static_cast<int>(sets.width));
  }
  __device__ float weight(int set) const { return (set == 0 ? 1.0F : -1.0F) / head.count[set]; }
};

/// Calls visit(squared distance) for each pair of distinct points, each pair on one thread.
template <typename Visit>
__device__ void for_each_pair(const MmdBlock& block, const Visit& visit) {
  const Head& head = block.head;
  for (int set = 0; set < 2; ++set) {
    for (int first = 0; first < head.rows[set]; first += kTile) {
      const Rows rows = block.points.tile(set, first, 0);
      const int row = first + pair_row();
      for (int other = set; other < 2; ++other) {
        for (int column = other == set ? first : 0; column < head.rows[other]; column += kTile) {
          const Rows columns = block.points.tile(other, column, 1);
          const OfColumns squares = block.squares(rows, columns);
          for (int i = 0; i < kColumns; ++i) {
            const int at = column + pair_part() + i * kParts;
            const bool above = other != set || at > row;
            if (above && head.is_point(set, row) && head.is_point(other, at)) visit(squares.at[i]);
          }
        }
      }
    }
  }
}

/// What has been found of the square of some rank.
struct Found {
  unsigned bits;  ///< Its leading bits.
  unsigned rank;  ///< Among the squares that have these.
  unsigned ties;  ///< Squares that have these.
};

/// The square of a rank, counted from 0: squares are ordered as their bits are, since none is
/// negative.
__device__ Found square_of_rank(const MmdBlock& block, unsigned rank) {
  __shared__ Found found;
  if (threadIdx.x == 0) found = {0, rank, 0};
  unsigned* histogram = block.memory.histogram;
  for (int shift = 24; shift >= 0; shift -= 8) {
    for (int i = static_cast<int>(threadIdx.x); i < kDigits; i += kThreads) histogram[i] = 0;
    __syncthreads();
    const Found before = found;
    for_each_pair(block, [&](float square) {
      const unsigned bits = __float_as_uint(square);
      // The first digit has nothing before it, and no shift by 32 exists.
      const bool alike = shift == 24 || bits >> (shift + 8) == before.bits >> (shift + 8);
      if (alike) atomicAdd(&histogram[bits >> shift & (kDigits - 1)], 1U);
    });
    __syncthreads();
    if (threadIdx.x == 0) {
      unsigned digit = 0, below = 0;
      while (below + histogram[digit] <= before.rank) below += histogram[digit++];
      found = {before.bits | digit << shift, before.rank - below, histogram[digit]};
    }
    __syncthreads();
  }
  const Found result = found;
  __syncthreads();
  return result;
}

/// The least square above another.
__device__ float least_above(const MmdBlock& block, unsigned bits) {
  __shared__ unsigned least;
  if (threadIdx.x == 0) least = __float_as_uint(INFINITY);
  __syncthreads();
  for_each_pair(block, [&](float square) {
    const unsigned other = __float_as_uint(square);
    if (other > bits) atomicMin(&least, other);
  });
  __syncthreads();
  return __uint_as_float(least);
}

__device__ float median_distance(const MmdBlock& block) {
  const auto points = static_cast<unsigned>(block.head.count[0] + block.head.count[1]);
  const unsigned pairs = points * (points - 1) / 2;
  const Found lower = square_of_rank(block, (pairs - 1) / 2);
  const bool same = pairs % 2 == 1 || lower.rank + 1 < lower.ties;
  const float square = __uint_as_float(lower.bits);
  const float upper = same ? square : least_above(block, lower.bits);
  return (sqrtf(square) + sqrtf(upper)) / 2.0F;
}

/// Values and gradients of the rows of a set; returns this thread's share of the value.
__device__ float go_through(const MmdBlock& block, int set, float sigma, const Points* to) {
  const Head& head = block.head;
  const bool degenerate = sigma <= kSmallestSigma;
  const float exponent = degenerate ? 0.0F : -0.5F / (sigma * sigma);
  float value = 0.0F;
  for (int first = 0; first < head.rows[set]; first += kTile) {
    const Rows rows = block.points.tile(set, first, 0);
    const bool there = head.is_point(set, first + pair_row());
    for (int c = pair_part(); c < block.sets.width; c += kParts) {
      block.memory.gradients[pair_row()][c] = 0.0F;
    }
    for (int other = 0; other < 2; ++other) {
      for (int column = 0; column < head.rows[other]; column += kTile) {
        const Rows columns = block.points.tile(other, column, 1);
        const OfColumns squares = block.squares(rows, columns);
        for (int i = 0; i < kColumns; ++i) {
          const int j = pair_part() + i * kParts;
          float weighted = 0.0F;
          if (there && head.is_point(other, column + j)) {
            const float square = squares.at[i];
            weighted = block.weight(other) *
                       (degenerate ? (square == 0.0F ? 1.0F : 0.0F) : expf(square * exponent));
          }
          block.memory.pulls[pair_row()][j] = weighted;
          value += block.weight(set) * weighted;
        }
        if (to != nullptr) {
          add_pulls(block.memory.pulls, rows, columns, block.sets.width, block.memory.gradients);
        }
      }
    }
    if (to == nullptr) continue;
    const float slope = degenerate ? 0.0F : -2.0F / (sigma * sigma) * block.weight(set);
    store_pulls(block.sets, head, set, first, slope, block.memory.gradients, to[set]);
    __syncwarp();
  }
  return value;
}

__global__ void __launch_bounds__(kThreads)
    mmd_kernel(const Mmd task, float* values, bool differentiate, const Points to_queries,
               const Points to_keys, bool resident) {
  const Head head(task, blockIdx.x);
  const Points to[2] = {to_queries, to_keys};
  if (head.is_empty()) {
    if (threadIdx.x == 0) values[head.index] = 0.0F;
    if (differentiate) clear_rows(task, head, to);
    return;
  }
  SharedMemory shared(dynamic_shared());
  const MmdMemory memory(shared, task, resident);
  const PointSource source{task, head};
  const MmdBlock block{task, head, memory, {source, memory.points, resident}};
  block.points.fill(head);
  const float sigma = median_distance(block);
  float value = 0.0F;
  for (int set = 0; set < 2; ++set) {
    value += go_through(block, set, sigma, differentiate ? to : nullptr);
  }
  value = block_sum(value);
  if (threadIdx.x == 0) values[head.index] = value;
}

SharedMemory mmd_memory(const Mmd& task, bool& resident) {
  SharedMemory all(nullptr), tiles(nullptr);
  const MmdMemory of_all(all, task, true), of_tiles(tiles, task, false);
  resident = all.fits();
  return resident ? all : tiles;
}

}  // namespace

bool mmd_fits(const Mmd& task) {
  bool resident = false;
  return task.rows[0] + task.rows[1] <= kMostPoints && mmd_memory(task, resident).fits();
}

const char* mmd(const Mmd& task, float* values, const Points* to, cudaStream_t stream) {
  bool resident = false;
  const SharedMemory memory = mmd_memory(task, resident);
  const Points none{};
  return launch(mmd_kernel, task.samples * task.heads, memory.bytes(), stream, task, values,
                to != nullptr, to != nullptr ? to[0] : none, to != nullptr ? to[1] : none,
                resident);
}

}  // namespace vqalign::cuda
