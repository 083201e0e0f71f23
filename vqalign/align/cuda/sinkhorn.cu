#include "vqalign/align/cuda/distances.h"
#include "vqalign/align/cuda/sets_inline.cuh"

namespace vqalign::cuda {
namespace {

constexpr float kUnreachable = -1e30F;  // Potential of what is no point.
constexpr float kLog2E = 1.44269504F;
constexpr int64_t kOfThree = 75 * 1024;  // Bytes of a block of which a processor has three.
constexpr int kAtOnce = 4;               // Points of a warp whose costs are in the matrix.

/// What of a head stays in shared memory.
struct SinkhornPlaces {
  bool matrix;  ///< All costs.
  bool points;  ///< All points.
};

struct SinkhornMemory {
  __host__ __device__ SinkhornMemory(SharedMemory& memory, const Sets& sets,
                                     const SinkhornPlaces& places)
      : potentials{memory.take(whole_tiles(sets.rows[0])), memory.take(whole_tiles(sets.rows[1]))},
        costs(
            take_rows(memory, places.matrix ? sets.rows[0] : 0, places.matrix ? sets.rows[1] : 0)),
        pulls(take_rows(memory, kTile, kTile)),
        gradients(take_rows(memory, kTile, sets.width)) {
    take_vectors(memory, sets, sets.width, places.points, points);
  }
  float* potentials[2];
  Rows costs;      ///< [n, m], in units of their mean.
  Rows pulls;      ///< Of a tile of pairs.
  Rows gradients;  ///< Of a tile of points.
  Rows points[2];  ///< take_vectors()
};

struct SinkhornBlock {
  const Sets& sets;
  const Head& head;
  const SinkhornMemory& memory;
  Vectors<PointSource> points;
  bool matrix;
  float scale;  ///< 1 / mean squared distance

  /// The tile of a set's points, where costs are computed from it. Called by all threads.
  __device__ Rows tile(int set, int first, int role) const {
    return matrix ? Rows{nullptr, 0} : points.tile(set, first, role);
  }
  /// Costs of the thread's row of a tile of pairs and its columns, in units of the mean; any number
  /// where the matrix has no such pair.
  __device__ OfColumns costs(int set, int first, int column, const Rows& rows,
                             const Rows& columns) const {
    const int row = first + pair_row();
    OfColumns found;
    if (!matrix) {
      found = squared_distances(rows[pair_row()], columns, static_cast<int>(sets.width));
    }
    for (int i = 0; i < kColumns; ++i) {
      const int other = column + pair_part() + i * kParts;
      if (!matrix) {
        found.at[i] *= scale;
      } else if (row < head.rows[set] && other < head.rows[1 - set]) {
        found.at[i] = set == 0 ? memory.costs[row][other] : memory.costs[other][row];
      }
    }
    return found;
  }
};

/// Fills the matrix of costs, if there is one, with squared distances; returns their mean.
__device__ float find_costs(const SinkhornBlock& block) {
  const Head& head = block.head;
  float sum = 0.0F;
  for (int first = 0; first < head.rows[0]; first += kTile) {
    const Rows rows = block.points.tile(0, first, 0);
    const int row = first + pair_row();
    for (int column = 0; column < head.rows[1]; column += kTile) {
      const Rows columns = block.points.tile(1, column, 1);
      float of_tile = 0.0F;
      const OfColumns squares =
          squared_distances(rows[pair_row()], columns, static_cast<int>(block.sets.width));
      for (int i = 0; i < kColumns; ++i) {
        const int other = column + pair_part() + i * kParts;
        const bool inside = row < head.rows[0] && other < head.rows[1];
        if (block.matrix && inside) block.memory.costs[row][other] = squares.at[i];
        if (head.is_point(0, row) && head.is_point(1, other)) of_tile += squares.at[i];
      }
      sum += of_tile;
    }
  }
  return block_sum(sum) / (head.count[0] * head.count[1]);
}

/// update() on the matrix of costs. Lanes go along the other set's points: with odd() rows they
/// meet in no bank in either direction.
__device__ void update_by_matrix(const SinkhornBlock& block, int set, float blur) {
  const Head& head = block.head;
  const Rows& costs = block.memory.costs;
  const float* potentials = block.memory.potentials[1 - set];
  const int rows = head.rows[set], others = head.rows[1 - set];
  const int down = set == 0 ? costs.stride : 1, along = set == 0 ? 1 : costs.stride;
  const float rate = kLog2E / blur;
  for (int first = warp() * kAtOnce; first < rows; first += kWarps * kAtOnce) {
    const float* from[kAtOnce];
    float above[kAtOnce], sums[kAtOnce] = {};
    for (int i = 0; i < kAtOnce; ++i) {
      from[i] = costs.at + (first + i < rows ? first + i : rows - 1) * down;
      above[i] = kUnreachable;
    }
#pragma unroll 4
    for (int j = lane(); j < others; j += kWarp) {
      for (int i = 0; i < kAtOnce; ++i) {
        above[i] = fmaxf(above[i], potentials[j] - from[i][j * along]);
      }
    }
    for (int i = 0; i < kAtOnce; ++i) above[i] = warp_max(above[i]);
#pragma unroll 4
    for (int j = lane(); j < others; j += kWarp) {
      for (int i = 0; i < kAtOnce; ++i) {
        sums[i] += exp2f((potentials[j] - from[i][j * along] - above[i]) * rate);
      }
    }
    float largest = 0.0F, sum = 1.0F;
    for (int i = 0; i < kAtOnce; ++i) {
      const float whole = warp_sum(sums[i]);
      if (lane() != i) continue;
      largest = above[i];
      sum = whole;
    }
    const int row = first + lane();
    if (lane() < kAtOnce && head.is_point(set, row)) {
      block.memory.potentials[set][row] = -largest - blur * logf(sum / head.count[1 - set]);
    }
  }
}

/// -blur log mean_j exp((potential_j - cost_ij) / blur) for each point i of a set.
__device__ void update(const SinkhornBlock& block, int set, float blur) {
  const Head& head = block.head;
  const float* others = block.memory.potentials[1 - set];
  __syncthreads();
  if (block.matrix) return update_by_matrix(block, set, blur);
  const float rate = kLog2E / blur;
  for (int first = 0; first < head.rows[set]; first += kTile) {
    const Rows rows = block.tile(set, first, 0);
    float largest = kUnreachable, sum = 0.0F;
    for (int column = 0; column < head.rows[1 - set]; column += kTile) {
      const Rows columns = block.tile(1 - set, column, 1);
      const OfColumns costs = block.costs(set, first, column, rows, columns);
      for (int i = 0; i < kColumns; ++i) {
        const float excess = others[column + pair_part() + i * kParts] - costs.at[i];
        const float above = fmaxf(largest, excess);
        sum = sum * exp2f((largest - above) * rate) + exp2f((excess - above) * rate);
        largest = above;
      }
    }
    float above = largest;
    for (int lanes = kParts / 2; lanes > 0; lanes /= 2) {
      above = fmaxf(above, __shfl_xor_sync(kAllLanes, above, lanes));
    }
    sum = row_sum(sum * exp2f((largest - above) * rate));
    if (pair_part() == 0 && head.is_point(set, first + pair_row())) {
      block.memory.potentials[set][first + pair_row()] =
          -above - blur * logf(sum / head.count[1 - set]);
    }
  }
}

/// The plan of a set's rows: returns this thread's share of the value, in units of the mean cost,
/// and stores the gradients.
__device__ float transport(const SinkhornBlock& block, int set, float blur, const Points* to) {
  const Head& head = block.head;
  const float share = 1.0F / (head.count[0] * head.count[1]);
  const float rate = kLog2E / blur;
  float value = 0.0F;
  for (int first = 0; first < head.rows[set]; first += kTile) {
    const Rows rows = block.points.tile(set, first, 0);
    const float potential = block.memory.potentials[set][first + pair_row()];
    for (int c = pair_part(); c < block.sets.width; c += kParts) {
      block.memory.gradients[pair_row()][c] = 0.0F;
    }
    for (int column = 0; column < head.rows[1 - set]; column += kTile) {
      const Rows columns = block.points.tile(1 - set, column, 1);
      const OfColumns costs = block.costs(set, first, column, rows, columns);
      for (int i = 0; i < kColumns; ++i) {
        const int j = pair_part() + i * kParts;
        const float cost = costs.at[i];
        const float other = block.memory.potentials[1 - set][column + j];
        const float mass = share * exp2f((potential + other - cost) * rate);
        block.memory.pulls[pair_row()][j] = mass;
        value += mass * cost;
      }
      if (to != nullptr) {
        add_pulls(block.memory.pulls, rows, columns, block.sets.width, block.memory.gradients);
      }
    }
    if (to == nullptr) continue;
    store_pulls(block.sets, head, set, first, 2.0F / static_cast<float>(block.sets.width),
                block.memory.gradients, to[set]);
    __syncwarp();
  }
  return value;
}

/// The potentials after the documented schedule; returns the last blur.
__device__ float solve(const SinkhornBlock& block, float epsilon, int64_t iterations) {
  update(block, 1, 1.0F);
  float blur = fmaxf(epsilon, 1.0F);
  for (int64_t t = 0; t < iterations; ++t) {
    update(block, 0, blur);
    update(block, 1, blur);
    if (t + 1 < iterations) blur = fmaxf(blur / 2.0F, epsilon);
  }
  __syncthreads();
  return blur;
}

__global__ void __launch_bounds__(kThreads)
    sinkhorn_kernel(const Sinkhorn task, float* values, bool differentiate, const Points to_queries,
                    const Points to_keys, const SinkhornPlaces places) {
  const Head head(task, blockIdx.x);
  const Points to[2] = {to_queries, to_keys};
  if (head.is_empty()) {
    if (threadIdx.x == 0) values[head.index] = 0.0F;
    if (differentiate) clear_rows(task, head, to);
    return;
  }
  SharedMemory shared(dynamic_shared());
  const SinkhornMemory memory(shared, task, places);
  const PointSource source{task, head};
  SinkhornBlock block{task,          head, memory, {source, memory.points, places.points},
                      places.matrix, 1.0F};
  for (int set = 0; set < 2; ++set) {
    for (int i = static_cast<int>(threadIdx.x); i < whole_tiles(head.rows[set]); i += kThreads) {
      memory.potentials[set][i] = head.is_point(set, i) ? 0.0F : kUnreachable;
    }
  }
  block.points.fill(head);
  const float mean = find_costs(block);
  if (mean > 0.0F) block.scale = 1.0F / mean;
  for (int i = warp(); places.matrix && i < head.rows[0]; i += kWarps) {
    for (int j = lane(); j < head.rows[1]; j += kWarp) memory.costs[i][j] *= block.scale;
  }
  const float blur = solve(block, task.epsilon, task.iterations);
  const float value = block_sum(transport(block, 0, blur, differentiate ? to : nullptr));
  if (differentiate) transport(block, 1, blur, to);
  if (threadIdx.x == 0) values[head.index] = value * mean / static_cast<float>(task.width);
}

/// Points stay in shared memory beside the matrix where three such blocks share a processor of an
/// H100: the iterations gain more from these than the ends from the points.
SharedMemory sinkhorn_memory(const Sinkhorn& task, SinkhornPlaces& chosen) {
  SharedMemory memory(nullptr);
  for (const SinkhornPlaces places :
       {SinkhornPlaces{true, true}, {true, false}, {false, true}, {false, false}}) {
    memory = SharedMemory(nullptr);
    const SinkhornMemory layout(memory, task, places);
    chosen = places;
    const bool crowded = places.matrix && places.points && memory.bytes() > kOfThree;
    if (memory.fits() && !crowded) break;
  }
  return memory;
}

}  // namespace

bool sinkhorn_fits(const Sinkhorn& task) {
  SinkhornPlaces places{};
  return sinkhorn_memory(task, places).fits();
}

const char* sinkhorn(const Sinkhorn& task, float* values, const Points* to, cudaStream_t stream) {
  SinkhornPlaces places{};
  const SharedMemory memory = sinkhorn_memory(task, places);
  const Points none{};
  return launch(sinkhorn_kernel, task.samples * task.heads, memory.bytes(), stream, task, values,
                to != nullptr, to != nullptr ? to[0] : none, to != nullptr ? to[1] : none, places);
}

}  // namespace vqalign::cuda
