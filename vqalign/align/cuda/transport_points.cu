#include "vqalign/align/cuda/highway_inline.cuh"
#include "vqalign/core/column_sums.cuh"

namespace vqalign::cuda {
namespace {

struct PointMemory {
  __host__ __device__ PointMemory(SharedMemory& memory, const Transport& task, bool staged)
      : centre(memory.take(task.width)),
        sum(memory.take(task.width)),
        points(take_rows(memory, kTile, task.width)),
        mixed(take_rows(memory, kTile, task.width)),
        gates(take_rows(memory, kTile, task.width)),
        candidates(take_rows(memory, kTile, task.width)),
        weights(highway_weights(memory, task, staged)) {
    const int64_t hidden =
        task.critic_hidden > task.navigator_hidden ? task.critic_hidden : task.navigator_hidden;
    this->hidden = take_rows(memory, kTile, hidden);
    hidden_gradients = take_rows(memory, kTile, hidden);
    outputs = take_rows(memory, kTile, task.critic_outputs + task.navigator_outputs);
  }
  float* centre;  ///< [d]
  float* sum;     ///< [d]: of the gradients of the standardised points.
  Rows points, mixed, gates, candidates;
  HighwayWeights weights;
  Rows hidden, hidden_gradients, outputs;
};

/// The gradients of a tile's outputs; zeros where there is no point.
__device__ void load_gradients(const Transport& task, const Head& head, int set, int first,
                               float factor, const Rows& to) {
  const int width = static_cast<int>(task.critic_outputs + task.navigator_outputs);
  for (int i = warp(); i < kTile; i += kWarps) {
    const bool there = head.is_point(set, first + i);
    const float* from =
        there ? features_of(task, task.feature_gradients, head, set, first + i) : nullptr;
    for (int c = lane(); c < width; c += kWarp) to[i][c] = there ? from[c] * factor : 0.0F;
  }
}

/// Both networks backward on one tile: adds to the gradients of their parameters, leaves those of
/// the points in `mixed`.
__device__ void differentiate_tile(const Networks& networks, const PointMemory& memory,
                                   const NetworkParameters& critic_sums,
                                   const NetworkParameters& navigator_sums) {
  const Network& critic = networks.critic;
  const Network& navigator = networks.navigator;
  const int width = critic.width;
  highway(critic, memory.weights, memory.points, memory.mixed, memory.gates, memory.candidates);
  __syncthreads();
  hidden_layer(critic, memory.mixed, memory.hidden);
  hidden_gradient(critic, memory.outputs, 0, memory.hidden, memory.hidden_gradients);
  __syncthreads();
  add_layer(memory.outputs, 0, critic.outputs, memory.hidden, critic.hidden,
            critic_sums.second_weight, critic_sums.second_bias);
  add_layer(memory.hidden_gradients, 0, critic.hidden, memory.mixed, width,
            critic_sums.first_weight, critic_sums.first_bias);
  __syncthreads();
  highway_gradient(critic, memory.points, memory.hidden_gradients, memory.mixed, memory.gates,
                   memory.candidates);
  __syncthreads();
  add_highway(memory.gates, memory.candidates, memory.points, width, critic_sums);
  hidden_layer(navigator, memory.points, memory.hidden);
  hidden_gradient(navigator, memory.outputs, critic.outputs, memory.hidden,
                  memory.hidden_gradients);
  __syncthreads();
  add_layer(memory.outputs, critic.outputs, navigator.outputs, memory.hidden, navigator.hidden,
            navigator_sums.second_weight, navigator_sums.second_bias);
  add_layer(memory.hidden_gradients, 0, navigator.hidden, memory.points, width,
            navigator_sums.first_weight, navigator_sums.first_bias);
  add_to_points(critic, memory.weights, memory.gates, memory.candidates, navigator,
                memory.hidden_gradients, memory.mixed);
  __syncthreads();
}

/// Stores a tile's gradients and adds them to `sum`; returns this thread's share of
/// sum_i g_i . y_i.
__device__ float store_gradients(const Transport& task, const Head& head, int set, int first,
                                 const PointMemory& memory, const Points& to) {
  for (int i = warp(); i < kTile && first + i < head.rows[set]; i += kWarps) {
    float* row = head.row_of(to, first + i);
    for (int k = lane(); k < task.width; k += kWarp) row[k] = memory.mixed[i][k];
  }
  float products = 0.0F;
  for (int k = static_cast<int>(threadIdx.x); k < task.width; k += kThreads) {
    float sum = 0.0F;
    for (int i = 0; i < kTile; ++i) {
      sum += memory.mixed[i][k];
      products += memory.mixed[i][k] * memory.points[i][k];
    }
    memory.sum[k] += sum;
  }
  return products;
}

/// Turns the stored gradients of the standardised points y = scale (x - centre) into those of x:
/// scale (g_i - w_i (sum_j g_j + y_i sum_j g_j.y_j / d)).
__device__ void destandardise(const Transport& task, const Head& head, const PointMemory& memory,
                              float scale, float products, const Points to[2]) {
  const float along = block_sum(products) / static_cast<float>(task.width);
  for (int set = 0; set < 2; ++set) {
    const float weight = 0.5F / head.count[set];
    for (int row = warp(); row < head.rows[set]; row += kWarps) {
      if (!head.is_point(set, row)) continue;
      const float* point = head.row_of(task.points[set], row);
      float* gradient = head.row_of(to[set], row);
      for (int k = lane(); k < task.width; k += kWarp) {
        const float y = (point[k] - memory.centre[k]) * scale;
        gradient[k] = scale * (gradient[k] - weight * (memory.sum[k] + along * y));
      }
    }
  }
}

/// If `kRoomy`, a block has the highway layer's matrices in shared memory and adds up the gradients
/// of the parameters there, else in the block's row of the partial sums.
template <bool kRoomy>
__global__ void __launch_bounds__(kThreads, 2)
    points_kernel(const Transport task, const float* upstream, const Points to_queries,
                  const Points to_keys, float* partial, int64_t parameters) {
  SharedMemory shared(dynamic_shared());
  const PointMemory memory(shared, task, kRoomy);
  float* row = partial + blockIdx.x * parameters;
  float* sums = kRoomy ? shared.take(parameters) : row;
  const Networks networks(task);
  if (kRoomy) stage(networks.critic, memory.weights);
  const Points to[2] = {to_queries, to_keys};
  for (int64_t i = threadIdx.x; i < parameters; i += kThreads) sums[i] = 0.0F;
  float* next = sums;
  const NetworkParameters critic_sums = laid_out(networks.critic, next);
  const NetworkParameters navigator_sums = laid_out(networks.navigator, next);
  for (int64_t which = blockIdx.x; which < task.samples * task.heads; which += gridDim.x) {
    const Head head(task, which);
    if (head.is_empty()) {
      clear_rows(task, head, to);
      continue;
    }
    const float* kept = task.centres + which * (task.width + 1);
    const float scale = kept[task.width];
    for (int k = static_cast<int>(threadIdx.x); k < task.width; k += kThreads) {
      memory.centre[k] = kept[k];
      memory.sum[k] = 0.0F;
    }
    __syncthreads();
    float products = 0.0F;
    for (int set = 0; set < 2; ++set) {
      for (int first = 0; first < head.rows[set]; first += kTile) {
        load_points(task, head, set, first, memory.centre, scale, memory.points);
        load_gradients(task, head, set, first, upstream[which], memory.outputs);
        __syncthreads();
        differentiate_tile(networks, memory, critic_sums, navigator_sums);
        products += store_gradients(task, head, set, first, memory, to[set]);
        __syncthreads();
      }
    }
    if (task.standardise) destandardise(task, head, memory, scale, products, to);
  }
  __syncthreads();
  for (int64_t i = threadIdx.x; kRoomy && i < parameters; i += kThreads) row[i] = sums[i];
}

SharedMemory points_memory(const Transport& task, bool roomy) {
  SharedMemory memory(nullptr);
  const PointMemory layout(memory, task, roomy);
  if (roomy) memory.take(transport_parameters(task));
  return memory;
}

}  // namespace

int64_t transport_parameters(const Transport& task) {
  const Networks networks(task);
  return floats_of(networks.critic) + floats_of(networks.navigator);
}

bool transport_fits(const Transport& task) {
  return points_memory(task, false).fits() && transport_pairs_fit(task);
}

const char* transport_points(const Transport& task, const float* upstream, const Points to[2],
                             float* partial, int64_t blocks, cudaStream_t stream) {
  const bool roomy = points_memory(task, true).fits();
  return launch(roomy ? points_kernel<true> : points_kernel<false>, blocks,
                points_memory(task, roomy).bytes(), stream, task, upstream, to[0], to[1], partial,
                transport_parameters(task));
}

const char* transport_parameter_sums(const float* partial, int64_t rows, int64_t parameters,
                                     float* sums, cudaStream_t stream) {
  return sum_columns(partial, rows, parameters, sums, stream);
}

}  // namespace vqalign::cuda
