#include "vqalign/attention/cuda/rows_inline.cuh"

namespace vqalign::cuda {
namespace {

constexpr float kPaddingScore = -1e9F;

struct WeightMemory {
  __host__ __device__ WeightMemory(SharedMemory& memory, int64_t keys)
      : rows(memory.take(kWarps * keys)) {}
  float* rows;  ///< [kWarps, keys]: one of each warp.
};

/// Which keys of a row are padding.
struct Padding {
  __device__ Padding(const AttentionWeights& task, int64_t which)
      : keys(task.padding == nullptr ? nullptr
                                     : task.padding + which / task.rows_per_mask * task.width) {}
  __device__ bool operator[](int key) const { return keys != nullptr && keys[key]; }

  const bool* keys;
};

/// Rows of one part side by side, a warp each, whose mask the block's threads draw together: rows
/// that are narrow, or no multiple of the mask's blocks, would have each warp draw much of its
/// neighbours' too.
class BlockRows {
 public:
  __device__ explicit BlockRows(const MaskedRows& task)
      : mask_(mask_of(task, blockIdx.x / blocks_of_rows(task.rows))),
        width_(static_cast<int>(task.width)),
        first_(blockIdx.x % blocks_of_rows(task.rows) * kWarps),
        before_(blockIdx.x / blocks_of_rows(task.rows) * task.rows),
        rows_(task.rows - first_ < kWarps ? static_cast<int>(task.rows - first_) : kWarps) {}

  /// Whether this thread's warp has a row.
  __device__ bool has_own() const { return warp() < rows_; }
  /// The row of warp 0, counted through all parts.
  __device__ int64_t first() const { return before_ + first_; }

  /// Calls visit(element, whether it is kept) for this thread's share of the block's rows; elements
  /// are counted from the start of the first.
  template <typename Visit>
  __device__ void for_each_kept(const Visit& visit) const {
    cuda::for_each_kept(mask_, first_ * width_, rows_ * width_, static_cast<int>(threadIdx.x),
                        kThreads, visit);
  }

 private:
  kernels::Mask mask_;
  int width_;
  int64_t first_;   ///< Row of warp 0 in its part.
  int64_t before_;  ///< Rows of the parts before.
  int rows_;
};

/// Leaves the weights of a row in `row` and stores them.
template <typename Scalar>
__device__ void soften(const AttentionWeights& task, int64_t which, const Scalar* scores,
                       float* row) {
  const int keys = static_cast<int>(task.width);
  const Padding padding(task, which);
  float largest = -INFINITY, sum = 0.0F;
  for (int key = lane(); key < keys; key += kWarp) {
    row[key] = padding[key] ? kPaddingScore : widened(scores[key]) * task.scale;
    largest = fmaxf(largest, row[key]);
  }
  largest = warp_max(largest);
  for (int key = lane(); key < keys; key += kWarp) {
    row[key] = expf(row[key] - largest);
    sum += row[key];
  }
  const float inverse = 1.0F / warp_sum(sum);
  auto* weights = static_cast<Scalar*>(task.weights) + which * task.width;
  for (int key = lane(); key < keys; key += kWarp) {
    row[key] *= inverse;
    store(weights[key], row[key]);
  }
}

template <typename Scalar>
__global__ void __launch_bounds__(kThreads)
    weights_kernel(const AttentionWeights task, const Scalar* scores, Scalar* dropped) {
  const BlockRows rows(task);
  SharedMemory shared(dynamic_shared());
  float* weights = WeightMemory(shared, task.width).rows;
  const int64_t which = rows.first() + warp();
  if (rows.has_own()) {
    soften(task, which, scores + which * task.width, weights + warp() * task.width);
  }
  if (task.mask.threshold == 0) return;
  __syncthreads();
  Scalar* to = dropped + rows.first() * task.width;
  rows.for_each_kept([&](int element, bool kept) {
    store(to[element], kept ? weights[element] * task.mask.scale : 0.0F);
  });
}

template <typename Scalar>
__global__ void __launch_bounds__(kThreads)
    weights_gradient_kernel(const AttentionWeights task, const Scalar* upstream,
                            Scalar* to_scores) {
  const BlockRows rows(task);
  SharedMemory shared(dynamic_shared());
  float* all = WeightMemory(shared, task.width).rows;
  const Scalar* from = upstream + rows.first() * task.width;
  rows.for_each_kept([&](int element, bool kept) {
    all[element] = kept ? widened(from[element]) * task.mask.scale : 0.0F;
  });
  __syncthreads();
  if (!rows.has_own()) return;
  const int keys = static_cast<int>(task.width);
  const int64_t which = rows.first() + warp();
  const float* gradients = all + warp() * task.width;
  const auto* weights = static_cast<const Scalar*>(task.weights) + which * task.width;
  Scalar* to = to_scores + which * task.width;
  const Padding padding(task, which);
  float product = 0.0F;
  for (int key = lane(); key < keys; key += kWarp) {
    product += gradients[key] * widened(weights[key]);
  }
  product = warp_sum(product);
  for (int key = lane(); key < keys; key += kWarp) {
    const float gradient = widened(weights[key]) * (gradients[key] - product) * task.scale;
    store(to[key], padding[key] ? 0.0F : gradient);
  }
}

int64_t blocks_of(const AttentionWeights& task) {
  return task.parts * blocks_of_rows(task.rows);
}

}  // namespace

bool attention_weights_fit(int64_t keys) {
  return memory_of<WeightMemory>(keys).fits();
}

const char* attention_weights(const AttentionWeights& task, Element type, const void* scores,
                              void* dropped, cudaStream_t stream) {
  return with_elements(type, [&]<typename Scalar>(Scalar) {
    return launch(weights_kernel<Scalar>, blocks_of(task),
                  memory_of<WeightMemory>(task.width).bytes(), stream, task,
                  static_cast<const Scalar*>(scores), static_cast<Scalar*>(dropped));
  });
}

const char* attention_weights_gradient(const AttentionWeights& task, Element type,
                                       const void* upstream, void* to_scores, cudaStream_t stream) {
  return with_elements(type, [&]<typename Scalar>(Scalar) {
    return launch(weights_gradient_kernel<Scalar>, blocks_of(task),
                  memory_of<WeightMemory>(task.width).bytes(), stream, task,
                  static_cast<const Scalar*>(upstream), static_cast<Scalar*>(to_scores));
  });
}

}  // namespace vqalign::cuda
