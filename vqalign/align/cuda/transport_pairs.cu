#include "vqalign/align/cuda/transport_inline.cuh"

namespace vqalign::cuda {
namespace {

constexpr float kCosineSmoothing = 1e-8F;  // conditional_transport.h
constexpr float kNever = -1e30F;           // An affinity that no softmax gives weight to.

/// What is known of each point of a set, whole_tiles() of them; zeros where there is no point.
struct Statistics {
  __host__ __device__ Statistics(SharedMemory& memory, int64_t rows)
      : inverse_norm(memory.take(whole_tiles(rows))),
        largest(memory.take(whole_tiles(rows))),
        inverse_sum(memory.take(whole_tiles(rows))),
        gain(memory.take(whole_tiles(rows))) {}
  float* inverse_norm;  ///< Of the critic's vector; 0 tells that this is no point.
  float* largest;       ///< Affinity.
  float* inverse_sum;   ///< 1 / sum of exp(affinity - largest)
  float* gain;          ///< Expected similarity, a cosine.
};

struct PairMemory {
  __host__ __device__ PairMemory(SharedMemory& memory, const Transport& task)
      : width(static_cast<int>(task.critic_outputs + task.navigator_outputs)),
        points{Statistics(memory, task.rows[0]), Statistics(memory, task.rows[1])},
        similarity_slopes(take_rows(memory, kTile, kTile)),
        affinity_slopes(take_rows(memory, kTile, kTile)),
        gradients(take_rows(memory, kTile, width)) {}
  int width;  ///< r + s
  Statistics points[2];
  Rows similarity_slopes, affinity_slopes;  ///< Of a tile of pairs.
  Rows gradients;                           ///< Of a tile of points.
  Rows features[2];                         ///< take_vectors()
};

struct FeatureSource {
  const Transport& task;
  const Head& head;

  __device__ void load(int set, int first, int rows, const Rows& to) const {
    const int64_t width = task.critic_outputs + task.navigator_outputs;
    for (int i = warp(); i < rows; i += kWarps) {
      const bool there = head.is_point(set, first + i);
      const float* from = there ? features_of(task, task.features, head, set, first + i) : nullptr;
      for (int c = lane(); c < width; c += kWarp) to[i][c] = there ? from[c] : 0.0F;
    }
  }
};

/// Products of the thread's row with each of its columns, over features `first` to `last`.
__device__ inline OfColumns dots(const float* row, const Rows& columns, int first, int last) {
  OfColumns sums;
#pragma unroll 2
  for (int k = first; k < last; ++k) {
    const float x = row[k];
    for (int i = 0; i < kColumns; ++i) sums.at[i] += x * columns[pair_part() + i * kParts][k];
  }
  return sums;
}

/// A head whose pairs a block goes through.
struct PairBlock {
  const Transport& task;
  const Head& head;
  const PairMemory& memory;
  Vectors<FeatureSource> features;

  __device__ OfColumns affinities(const float* row, const Rows& columns) const {
    return dots(row, columns, static_cast<int>(task.critic_outputs), memory.width);
  }
  /// Without the norms.
  __device__ OfColumns similarities(const float* row, const Rows& columns) const {
    return dots(row, columns, 0, static_cast<int>(task.critic_outputs));
  }
  /// The share of a point of this set in the value.
  __device__ float weight(int set) const {
    return (set == 0 ? task.rho : 1.0F - task.rho) / head.count[set];
  }
};

__device__ void find_norms(const PairBlock& block, int set) {
  for (int first = 0; first < block.head.rows[set]; first += kTile) {
    const Rows points = block.features.tile(set, first, 0);
    const int row = static_cast<int>(threadIdx.x);
    if (row < kTile) {
      const float square =
          dot(points[row], points[row], static_cast<int>(block.task.critic_outputs));
      block.memory.points[set].inverse_norm[first + row] =
          block.head.is_point(set, first + row) ? 1.0F / sqrtf(square + kCosineSmoothing) : 0.0F;
    }
  }
}

/// A softmax over affinities, and the similarity expected under it, pair by pair.
struct Expectation {
  float largest = kNever, sum = 0.0F, gain = 0.0F;

  /// Affinities of kNever count for nothing.
  __device__ void add(const OfColumns& affinities, const OfColumns& similarities) {
    float above = largest;
    for (const float affinity : affinities.at) above = fmaxf(above, affinity);
    const float own = expf(largest - above);
    sum *= own;
    gain *= own;
    largest = above;
    for (int i = 0; i < kColumns; ++i) {
      const bool there = affinities.at[i] != kNever;
      const float share = there ? expf(affinities.at[i] - above) : 0.0F;
      sum += share;
      gain += share * similarities.at[i];
    }
  }
  __device__ void join(const Expectation& other) {
    const float above = fmaxf(largest, other.largest);
    const float own = expf(largest - above), theirs = expf(other.largest - above);
    sum = sum * own + other.sum * theirs;
    gain = gain * own + other.gain * theirs;
    largest = above;
  }
};

/// The softmax of each point of a set over the other set.
__device__ void expect(const PairBlock& block, int set) {
  const int row = pair_row();
  const int part = pair_part();
  const Statistics& own = block.memory.points[set];
  const Statistics& others = block.memory.points[1 - set];
  for (int first = 0; first < block.head.rows[set]; first += kTile) {
    const Rows rows = block.features.tile(set, first, 0);
    Expectation expectation;
    for (int column = 0; column < block.head.rows[1 - set]; column += kTile) {
      const Rows columns = block.features.tile(1 - set, column, 1);
      OfColumns affinities = block.affinities(rows[row], columns);
      OfColumns similarities = block.similarities(rows[row], columns);
      for (int i = 0; i < kColumns; ++i) {
        const float norms =
            own.inverse_norm[first + row] * others.inverse_norm[column + part + i * kParts];
        if (norms == 0.0F) affinities.at[i] = kNever;
        similarities.at[i] *= norms;
      }
      expectation.add(affinities, similarities);
    }
    for (int lanes = kParts / 2; lanes > 0; lanes /= 2) {
      expectation.join({__shfl_xor_sync(kAllLanes, expectation.largest, lanes),
                        __shfl_xor_sync(kAllLanes, expectation.sum, lanes),
                        __shfl_xor_sync(kAllLanes, expectation.gain, lanes)});
    }
    if (part == 0) {
      const bool there = own.inverse_norm[first + row] != 0.0F;
      own.largest[first + row] = there ? expectation.largest : 0.0F;
      own.inverse_sum[first + row] = there ? 1.0F / expectation.sum : 0.0F;
      own.gain[first + row] = there ? expectation.gain / expectation.sum : 0.0F;
    }
  }
}

__device__ float value_of(const PairBlock& block) {
  float paid = 0.0F;
  for (int set = 0; set < 2; ++set) {
    for (int row = static_cast<int>(threadIdx.x); row < block.head.rows[set]; row += kThreads) {
      paid += block.weight(set) * block.memory.points[set].gain[row];
    }
  }
  return 1.0F - block_sum(paid);
}

/// d value / d (cosine, affinity) of one tile of pairs: this thread's part of its row.
__device__ void differentiate_pairs(const PairBlock& block, int set, int first, int column,
                                    const Rows& rows, const Rows& columns) {
  const int row = pair_row();
  const Statistics& own = block.memory.points[set];
  const Statistics& others = block.memory.points[1 - set];
  const int i = first + row;
  const OfColumns affinities = block.affinities(rows[row], columns);
  const OfColumns similarities = block.similarities(rows[row], columns);
  for (int at = 0; at < kColumns; ++at) {
    const int j = pair_part() + at * kParts, other = column + j;
    const float norms = own.inverse_norm[i] * others.inverse_norm[other];
    float slope = 0.0F, affinity_slope = 0.0F;
    if (norms != 0.0F) {
      const float affinity = affinities.at[at], similarity = similarities.at[at] * norms;
      const float forth = block.weight(set) * expf(affinity - own.largest[i]) * own.inverse_sum[i];
      const float back = block.weight(1 - set) * expf(affinity - others.largest[other]) *
                         others.inverse_sum[other];
      slope = -(forth + back) * others.inverse_norm[other];
      affinity_slope =
          forth * (own.gain[i] - similarity) + back * (others.gain[other] - similarity);
    }
    block.memory.similarity_slopes[row][j] = slope;
    block.memory.affinity_slopes[row][j] = affinity_slope;
  }
}

/// Adds a tile of columns to the gradients of the rows' features: critic's unit vectors, navigator.
__device__ void add_columns(const PairBlock& block, const Rows& columns) {
  const int row = pair_row();
  float* gradient = block.memory.gradients[row];
  for (int c = pair_part(); c < block.memory.width; c += kParts) {
    const float* slopes = (c < block.task.critic_outputs ? block.memory.similarity_slopes
                                                         : block.memory.affinity_slopes)[row];
    float sum = 0.0F;
    for (int j = 0; j < kTile; ++j) sum += slopes[j] * columns[j][c];
    gradient[c] += sum;
  }
}

/// Stores the gradients of a tile's features; the critic's become those of the raw vectors:
/// (g - u (u.g)) / |raw| with unit vectors u.
__device__ void store_row_gradients(const PairBlock& block, int set, int first, const Rows& rows) {
  const int row = pair_row();
  const int part = pair_part();
  const float inverse_norm = block.memory.points[set].inverse_norm[first + row];
  const float* gradient = block.memory.gradients[row];
  float along = 0.0F;
  for (int c = part; c < block.task.critic_outputs; c += kParts) {
    along += gradient[c] * rows[row][c] * inverse_norm;
  }
  along = row_sum(along);
  if (inverse_norm == 0.0F) return;
  float* to = features_of(block.task, block.task.feature_gradients, block.head, set, first + row);
  for (int c = part; c < block.memory.width; c += kParts) {
    to[c] = c < block.task.critic_outputs
                ? (gradient[c] - rows[row][c] * inverse_norm * along) * inverse_norm
                : gradient[c];
  }
}

__device__ void differentiate(const PairBlock& block, int set) {
  for (int first = 0; first < block.head.rows[set]; first += kTile) {
    const Rows rows = block.features.tile(set, first, 0);
    const int part = pair_part();
    float* gradient = block.memory.gradients[pair_row()];
    for (int c = part; c < block.memory.width; c += kParts) gradient[c] = 0.0F;
    for (int column = 0; column < block.head.rows[1 - set]; column += kTile) {
      const Rows columns = block.features.tile(1 - set, column, 1);
      differentiate_pairs(block, set, first, column, rows, columns);
      __syncwarp();
      add_columns(block, columns);
      __syncwarp();
    }
    store_row_gradients(block, set, first, rows);
    __syncwarp();
  }
}

__global__ void __launch_bounds__(kThreads)
    pairs_kernel(const Transport task, float* values, bool resident) {
  const Head head(task, blockIdx.x);
  if (head.is_empty()) {
    if (threadIdx.x == 0) values[head.index] = 0.0F;
    return;
  }
  SharedMemory shared(dynamic_shared());
  PairMemory memory(shared, task);
  take_vectors(shared, task, memory.width, resident, memory.features);
  const FeatureSource source{task, head};
  const PairBlock block{task, head, memory, {source, memory.features, resident}};
  block.features.fill(head);
  for (int set = 0; set < 2; ++set) find_norms(block, set);
  __syncthreads();
  for (int set = 0; set < 2; ++set) expect(block, set);
  __syncthreads();
  const float value = value_of(block);
  if (threadIdx.x == 0) values[head.index] = value;
  for (int set = 0; task.feature_gradients != nullptr && set < 2; ++set) differentiate(block, set);
}

/// Shared memory of a block, with all features in it where these fit.
SharedMemory pairs_memory(const Transport& task, bool& resident) {
  for (const bool all : {true, false}) {
    SharedMemory memory(nullptr);
    PairMemory layout(memory, task);
    take_vectors(memory, task, layout.width, all, layout.features);
    resident = all;
    if (memory.fits() || !all) return memory;
  }
  return SharedMemory(nullptr);
}

}  // namespace

bool transport_pairs_fit(const Transport& task) {
  bool resident = false;
  return pairs_memory(task, resident).fits();
}

const char* transport_pairs(const Transport& task, float* values, cudaStream_t stream) {
  bool resident = false;
  const SharedMemory memory = pairs_memory(task, resident);
  return launch(pairs_kernel, task.samples * task.heads, memory.bytes(), stream, task, values,
                resident);
}

}  // namespace vqalign::cuda
