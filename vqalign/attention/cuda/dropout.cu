#include "vqalign/attention/cuda/rows_inline.cuh"
#include "vqalign/core/column_sums.cuh"

namespace vqalign::cuda {
namespace {

/// One counter of the mask a thread, whatever the shape of the tensor.
template <typename Scalar>
__global__ void __launch_bounds__(kThreads)
    dropout_kernel(const MaskedRows task, int64_t counters, const Scalar* in, bool alike,
                   Scalar* out) {
  const int64_t at = int64_t{blockIdx.x} * kThreads + threadIdx.x;
  const int64_t part = at / counters, counter = at % counters;
  if (part >= task.parts) return;
  const Kept kept(mask_of(task, part), static_cast<uint64_t>(counter));
  const int64_t first = counter / kCounters * kernels::kBlock + counter % kCounters;
  const Scalar* from = alike ? in : in + part * task.width;
  Scalar* to = out + part * task.width;
  for (int word = 0; word < 4; ++word) {
    const int64_t element = first + kCounters * word;
    if (element >= task.width) return;
    store(to[element], kept[word] ? widened(from[element]) * task.mask.scale : 0.0F);
  }
}

template <typename Scalar>
__global__ void __launch_bounds__(kThreads)
    relu_kernel(const MaskedRows task, const float* bias, Scalar* values) {
  const int64_t which = own_row();
  if (which >= task.all_rows()) return;
  Scalar* row = values + which * task.width;
  Row(task, which).for_each_kept([&](int column, bool kept) {
    const float x = widened(row[column]) + bias[column];
    // Not "greater than": relu lets NaN through.
    store(row[column], kept && !(x <= 0.0F) ? x * task.mask.scale : 0.0F);
  });
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
  const auto* values = static_cast<const Scalar*>(task.values);
  const auto* upstream = static_cast<const Scalar*>(task.upstream);
  auto* to = static_cast<Scalar*>(task.to);
  const int64_t first = block * rows_of_block(task.rows);
  const int64_t behind = first + rows_of_block(task.rows);
  const int64_t end = behind < task.rows ? behind : task.rows;
  float sum = 0.0F;
  for (int64_t row = first; row < end; ++row) {
    const int64_t at = row * task.width + column;
    const bool passed = !(widened(values[at]) <= 0.0F);
    const float gradient = passed ? widened(upstream[at]) * task.scale : 0.0F;
    store(to[at], gradient);
    sum += gradient;
  }
  task.partial[block * task.width + column] = sum;
}

}  // namespace

const char* drop_out(const MaskedRows& task, Element type, const void* in, bool alike, void* out,
                     cudaStream_t stream) {
  const int64_t counters = (task.width + kernels::kBlock - 1) / kernels::kBlock * kCounters;
  const int64_t blocks = (task.parts * counters + kThreads - 1) / kThreads;
  return with_elements(type, [&]<typename Scalar>(Scalar) {
    return launch(dropout_kernel<Scalar>, blocks, 0, stream, task, counters,
                  static_cast<const Scalar*>(in), alike, static_cast<Scalar*>(out));
  });
}

const char* bias_relu(const MaskedRows& task, Element type, const float* bias, void* values,
                      cudaStream_t stream) {
  return with_elements(type, [&]<typename Scalar>(Scalar) {
    return launch(relu_kernel<Scalar>, blocks_of_rows(task.all_rows()), 0, stream, task, bias,
                  static_cast<Scalar*>(values));
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
