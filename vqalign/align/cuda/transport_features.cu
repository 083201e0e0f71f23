#include "vqalign/align/cuda/highway_inline.cuh"

namespace vqalign::cuda {
namespace {

constexpr float kVarianceSmoothing = 1e-4F;  // standardise.h

struct FeatureMemory {
  __host__ __device__ FeatureMemory(SharedMemory& memory, const Transport& task, bool staged)
      : centre(memory.take(task.width)),
        points(take_rows(memory, kTile, task.width)),
        mixed(take_rows(memory, kTile, task.width)),
        hidden(take_rows(memory, kTile,
                         task.critic_hidden > task.navigator_hidden ? task.critic_hidden
                                                                    : task.navigator_hidden)),
        outputs(take_rows(memory, kTile, task.critic_outputs + task.navigator_outputs)),
        weights(highway_weights(memory, task, staged)) {}
  float* centre;  ///< [d]
  Rows points, mixed, hidden, outputs;
  HighwayWeights weights;
};

/// Fills the head's centre and returns its scale; 0 and 1 where nothing is to be standardised.
/// Warps share the rows of a set; their sums meet in `parts`, rows of [d].
__device__ float standardise(const Transport& task, const Head& head, const Rows& parts,
                             float* centre) {
  const int width = static_cast<int>(task.width);
  for (int k = lane(); k < width; k += kWarp) {
    float middle = 0.0F;
    for (int set = 0; set < 2 && task.standardise; ++set) {
      float sum = 0.0F;
#pragma unroll 8
      for (int row = warp(); row < head.rows[set]; row += kWarps) {
        sum += head.is_point(set, row) ? head.row_of(task.points[set], row)[k] : 0.0F;
      }
      middle += 0.5F * sum / head.count[set];
    }
    parts[warp()][k] = middle;
  }
  __syncthreads();
  float squares = 0.0F;
  for (int k = lane(); k < width; k += kWarp) {
    float middle = 0.0F;
    for (int other = 0; other < kWarps; ++other) middle += parts[other][k];
    if (warp() == 0) centre[k] = middle;
    for (int set = 0; set < 2 && task.standardise; ++set) {
      float sum = 0.0F;
#pragma unroll 8
      for (int row = warp(); row < head.rows[set]; row += kWarps) {
        const bool there = head.is_point(set, row);
        const float distance = there ? head.row_of(task.points[set], row)[k] - middle : 0.0F;
        sum += distance * distance;
      }
      squares += 0.5F * sum / head.count[set];
    }
  }
  const float square = block_sum(squares) / static_cast<float>(width);
  return task.standardise ? 1.0F / sqrtf(square + kVarianceSmoothing) : 1.0F;
}

__device__ void store_features(const Transport& task, const Head& head, int set, int first,
                               const Rows& outputs) {
  const int width = static_cast<int>(task.critic_outputs + task.navigator_outputs);
  for (int i = warp(); i < kTile && first + i < head.rows[set]; i += kWarps) {
    float* to = features_of(task, task.features, head, set, first + i);
    for (int c = lane(); c < width; c += kWarp) to[c] = outputs[i][c];
  }
}

template <bool kStaged>
__global__ void __launch_bounds__(kThreads, 4) features_kernel(const Transport task) {
  const Head head(task, blockIdx.x);
  if (head.is_empty()) return;
  SharedMemory shared(dynamic_shared());
  const FeatureMemory memory(shared, task, kStaged);
  const Networks networks(task);
  if (kStaged) stage(networks.critic, memory.weights);
  const float scale = standardise(task, head, memory.points, memory.centre);
  float* kept = task.centres + head.index * (task.width + 1);
  for (int k = static_cast<int>(threadIdx.x); k < task.width; k += kThreads) {
    kept[k] = memory.centre[k];
  }
  if (threadIdx.x == 0) kept[task.width] = scale;
  const Rows none{nullptr, 0};
  for (int set = 0; set < 2; ++set) {
    for (int first = 0; first < head.rows[set]; first += kTile) {
      load_points(task, head, set, first, memory.centre, scale, memory.points);
      __syncthreads();
      highway(networks.critic, memory.weights, memory.points, memory.mixed, none, none);
      __syncthreads();
      hidden_layer(networks.critic, memory.mixed, memory.hidden);
      __syncthreads();
      output_layer(networks.critic, memory.hidden, memory.outputs, 0);
      __syncthreads();
      hidden_layer(networks.navigator, memory.points, memory.hidden);
      __syncthreads();
      output_layer(networks.navigator, memory.hidden, memory.outputs, networks.critic.outputs);
      __syncthreads();
      store_features(task, head, set, first, memory.outputs);
    }
  }
}

}  // namespace

const char* transport_features(const Transport& task, cudaStream_t stream) {
  const bool staged = memory_of<FeatureMemory>(task, true).fits();
  return launch(staged ? features_kernel<true> : features_kernel<false>, task.samples * task.heads,
                memory_of<FeatureMemory>(task, staged).bytes(), stream, task);
}

}  // namespace vqalign::cuda
