#include "vqalign/align/cuda/network_inline.cuh"

namespace vqalign::cuda {
namespace {

constexpr float kVarianceSmoothing = 1e-4F;  // standardise.h

struct FeatureMemory {
  __host__ __device__ FeatureMemory(SharedMemory& memory, const Transport& task)
      : centre(memory.take(task.width)),
        points(take_rows(memory, kTile, task.width)),
        mixed(take_rows(memory, kTile, task.width)),
        hidden(take_rows(memory, kTile,
                         task.critic_hidden > task.navigator_hidden ? task.critic_hidden
                                                                    : task.navigator_hidden)),
        outputs(take_rows(memory, kTile, task.critic_outputs + task.navigator_outputs)) {}
  float* centre;  ///< [d]
  Rows points, mixed, hidden, outputs;
};

/// Fills the head's centre and returns its scale; 0 and 1 where nothing is to be standardised.
__device__ float standardise(const Transport& task, const Head& head, float* centre) {
  const int width = static_cast<int>(task.width);
  float squares = 0.0F;
  for (int k = static_cast<int>(threadIdx.x); k < width; k += kThreads) {
    float middle = 0.0F;
    for (int set = 0; set < 2 && task.standardise; ++set) {
      float sum = 0.0F;
      for (int row = 0; row < head.rows[set]; ++row) {
        if (head.is_point(set, row)) sum += head.row_of(task.points[set], row)[k];
      }
      middle += 0.5F * sum / head.count[set];
    }
    centre[k] = middle;
    for (int set = 0; set < 2 && task.standardise; ++set) {
      float sum = 0.0F;
      for (int row = 0; row < head.rows[set]; ++row) {
        if (!head.is_point(set, row)) continue;
        const float distance = head.row_of(task.points[set], row)[k] - middle;
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

__global__ void __launch_bounds__(kThreads) features_kernel(const Transport task) {
  const Head head(task, blockIdx.x);
  if (head.is_empty()) return;
  SharedMemory shared(dynamic_shared());
  const FeatureMemory memory(shared, task);
  const Networks networks(task);
  const float scale = standardise(task, head, memory.centre);
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
      highway(networks.critic, memory.points, memory.mixed, none, none);
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

int64_t features_bytes(const Transport& task) {
  SharedMemory memory(nullptr);
  const FeatureMemory layout(memory, task);
  return memory.bytes();
}

}  // namespace

const char* transport_features(const Transport& task, cudaStream_t stream) {
  return launch(features_kernel, task.samples * task.heads, features_bytes(task), stream, task);
}

}  // namespace vqalign::cuda
