#include "vqalign/attention/cuda/rows_inline.cuh"
#include "vqalign/core/column_sums.cuh"

namespace vqalign::cuda {
namespace {

/// Counters of a part's mask.
__host__ __device__ int64_t counters_of(const MaskedRows& task) {
  return (task.rows * task.width + kernels::kBlock - 1) / kernels::kBlock * kCounters;
}

/// One counter of the mask a thread, whatever the shape of a part; with `kRelu`, of relu(in +
/// bias), `bias` [width].
template <typename Scalar, bool kRelu>
__global__ void __launch_bounds__(kThreads)
    dropout_kernel(const MaskedRows task, const Scalar* in, bool alike, const float* bias,
                   Scalar* out) {
  const int64_t counters = counters_of(task);
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  const int64_t part = at / counters, counter = at % counters;
  if (part >= task.parts) return;
  const int64_t elements = task.rows * task.width;
  const int64_t first = counter / kCounters * kernels::kBlock + counter % kCounters;
  const Scalar* from = in + (alike ? 0 : part * elements) + first;
  Scalar* to = out + part * elements + first;
  // All are read before the first is written, so that they are waited for together.
  float values[kWords];
  int64_t column = kRelu ? first % task.width : 0;
#pragma unroll
  for (int word = 0; word < kWords; ++word) {
    const bool there = first + kCounters * word < elements;
    values[word] = there ? widened(from[kCounters * word]) : 0.0F;
    if constexpr (kRelu) {
      while (column >= task.width) column -= task.width;
      values[word] += bias[column];
      column += kCounters;
    }
  }
  const Kept kept(mask_of(task, part), static_cast<uint64_t>(counter));
#pragma unroll
  for (int word = 0; word < kWords; ++word) {
    if (first + kCounters * word >= elements) return;
    // Not "greater than": relu lets NaN through.
    const bool off = !kept[word] || (kRelu && values[word] <= 0.0F);
    store(to[kCounters * word], off ? 0.0F : values[word] * task.mask.scale);
  }
}

template <typename Scalar, bool kRelu>
const char* launch_dropout(const MaskedRows& task, const void* in, bool alike, const float* bias,
                           void* out, cudaStream_t stream) {
  const int64_t blocks = (task.parts * counters_of(task) + kThreads - 1) / kThreads;
  return launch(dropout_kernel<Scalar, kRelu>, blocks, 0, stream, task,
                static_cast<const Scalar*>(in), alike, bias, static_cast<Scalar*>(out));
}

/// Rows that a block of relu_gradient_kernel() goes through; a thread has a column of them.
__host__ __device__ int64_t rows_of_block(int64_t rows) {
  const int64_t blocks = gradient_blocks(rows);
  return (rows + blocks - 1) / blocks;
}

__host__ __device__ int64_t column_blocks(int64_t width) {
  return (width + kThreads - 1) / kThreads;
}

template <typename Scalar>
__global__ void __launch_bounds__(kThreads) relu_gradient_kernel(const BiasReluGradient task) {
  const int64_t across = column_blocks(task.width);
  const int64_t block = blockIdx.x / across;
  const int64_t column = blockIdx.x % across * kThreads + threadIdx.x;
  if (column >= task.width) return;
  const int64_t first = block * rows_of_block(task.rows);
  const int64_t behind = first + rows_of_block(task.rows);
  const int64_t start = first * task.width + column;
  const auto* values = static_cast<const Scalar*>(task.values) + start;
  const auto* upstream = static_cast<const Scalar*>(task.upstream) + start;
  auto* to = static_cast<Scalar*>(task.to) + start;
  constexpr int kAtOnce = 4;  // Rows that are waited for together.
  float sum = 0.0F;
  for (int64_t left = (behind < task.rows ? behind : task.rows) - first; left > 0;
       left -= kAtOnce) {
    float gradients[kAtOnce];
#pragma unroll
    for (int i = 0; i < kAtOnce; ++i) {
      const float value = i < left ? widened(values[i * task.width]) : 0.0F;
      const float given = i < left ? widened(upstream[i * task.width]) : 0.0F;
      gradients[i] = value <= 0.0F ? 0.0F : given * task.scale;
    }
#pragma unroll
    for (int i = 0; i < kAtOnce; ++i) {
      if (i < left) store(to[i * task.width], gradients[i]);
      sum += gradients[i];
    }
    values += kAtOnce * task.width;
    upstream += kAtOnce * task.width;
    to += kAtOnce * task.width;
  }
  task.partial[block * task.width + column] = sum;
}

}  // namespace

const char* drop_out(const MaskedRows& task, Element type, const void* in, bool alike, void* out,
                     cudaStream_t stream) {
  return with_elements(type, [&]<typename Scalar>(Scalar) {
    return launch_dropout<Scalar, false>(task, in, alike, nullptr, out, stream);
  });
}

const char* bias_relu(const MaskedRows& task, Element type, const float* bias, void* values,
                      cudaStream_t stream) {
  return with_elements(type, [&]<typename Scalar>(Scalar) {
    return launch_dropout<Scalar, true>(task, values, /*alike=*/false, bias, values, stream);
  });
}

const char* bias_relu_gradient(const BiasReluGradient& task, Element type, cudaStream_t stream) {
  const int64_t blocks = gradient_blocks(task.rows) * column_blocks(task.width);
  return with_elements(type, [&]<typename Scalar>(Scalar) {
    return launch(relu_gradient_kernel<Scalar>, blocks, 0, stream, task);
  });
}

const char* partial_sums(const float* partial, int64_t rows, int64_t columns, float* sums,
                         cudaStream_t stream) {
  return sum_columns(partial, rows, columns, sums, stream);
}

}  // namespace vqalign::cuda
