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

template <typename Scalar>
__global__ void __launch_bounds__(kThreads)
    weights_kernel(const AttentionWeights task, const Scalar* scores, Scalar* dropped) {
  const int64_t which = own_row(), first = which * task.width;
  if (which >= task.all_rows()) return;
  SharedMemory shared(dynamic_shared());
  float* powers = WeightMemory(shared, task.width).rows + warp() * task.width;
  const Row row(task, which);
  const Padding padding(task, which);

  float largest = -INFINITY, sum = 0.0F;
  row.for_each([&](int key) {
    powers[key] = padding[key] ? kPaddingScore : widened(scores[first + key]) * task.scale;
    largest = fmaxf(largest, powers[key]);
  });
  largest = warp_max(largest);
  row.for_each([&](int key) {
    powers[key] = expf(powers[key] - largest);
    sum += powers[key];
  });
  const float inverse = 1.0F / warp_sum(sum);
  auto* weights = static_cast<Scalar*>(task.weights) + first;
  row.for_each_kept([&](int key, bool kept) {
    const float weight = powers[key] * inverse;
    store(weights[key], weight);
    if (task.mask.threshold > 0) {
      store(dropped[first + key], kept ? weight * task.mask.scale : 0.0F);
    }
  });
}

template <typename Scalar>
__global__ void __launch_bounds__(kThreads)
    weights_gradient_kernel(const AttentionWeights task, const Scalar* upstream,
                            Scalar* to_scores) {
  const int64_t which = own_row(), first = which * task.width;
  if (which >= task.all_rows()) return;
  SharedMemory shared(dynamic_shared());
  float* gradients = WeightMemory(shared, task.width).rows + warp() * task.width;
  const Row row(task, which);
  const Padding padding(task, which);
  const auto* weights = static_cast<const Scalar*>(task.weights) + first;

  float product = 0.0F;
  row.for_each_kept([&](int key, bool kept) {
    gradients[key] = kept ? widened(upstream[first + key]) * task.mask.scale : 0.0F;
    product += gradients[key] * widened(weights[key]);
  });
  product = warp_sum(product);
  row.for_each([&](int key) {
    const float gradient = widened(weights[key]) * (gradients[key] - product) * task.scale;
    store(to_scores[first + key], padding[key] ? 0.0F : gradient);
  });
}

}  // namespace

bool attention_weights_fit(int64_t keys) {
  return memory_of<WeightMemory>(keys).fits();
}

const char* attention_weights(const AttentionWeights& task, Element type, const void* scores,
                              void* dropped, cudaStream_t stream) {
  return with_elements(type, [&]<typename Scalar>(Scalar) {
    return launch(weights_kernel<Scalar>, blocks_of_rows(task.all_rows()),
                  memory_of<WeightMemory>(task.width).bytes(), stream, task,
                  static_cast<const Scalar*>(scores), static_cast<Scalar*>(dropped));
  });
}

const char* attention_weights_gradient(const AttentionWeights& task, Element type,
                                       const void* upstream, void* to_scores, cudaStream_t stream) {
  return with_elements(type, [&]<typename Scalar>(Scalar) {
    return launch(weights_gradient_kernel<Scalar>, blocks_of_rows(task.all_rows()),
                  memory_of<WeightMemory>(task.width).bytes(), stream, task,
                  static_cast<const Scalar*>(upstream), static_cast<Scalar*>(to_scores));
  });
}

}  // namespace vqalign::cuda
