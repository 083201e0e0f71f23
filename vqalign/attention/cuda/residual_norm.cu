#include "vqalign/attention/cuda/rows_inline.cuh"

namespace vqalign::cuda {
namespace {

struct NormMemory {
  __host__ __device__ NormMemory(SharedMemory& memory, int64_t width)
      : rows(memory.take(kWarps * width)) {}
  float* rows;  ///< [kWarps, width]: one of each warp.
};

struct NormGradientMemory : NormMemory {
  __host__ __device__ NormGradientMemory(SharedMemory& memory, int64_t width)
      : NormMemory(memory, width), sums(memory.take(2 * width)) {}
  float* sums;  ///< [2, width]: of a and b, each column one thread's.
};

/// The row that a warp works on.
class Row {
 public:
  __device__ Row(const MaskedRows& task, int64_t which)
      : mask_(mask_of(task, which / task.rows)),
        width_(static_cast<int>(task.width)),
        first_(which % task.rows * task.width) {}

  /// Calls visit(column) for this lane's share of the row, the same on every call.
  template <typename Visit>
  __device__ void for_each(const Visit& visit) const {
    constexpr kernels::Mask kNone;
    cuda::for_each_kept(kNone, first_, width_, lane(), kWarp,
                        [&](int column, bool) { visit(column); });
  }

  /// Calls visit(column, whether it is kept), for the same share.
  template <typename Visit>
  __device__ void for_each_kept(const Visit& visit) const {
    cuda::for_each_kept(mask_, first_, width_, lane(), kWarp, visit);
  }

 private:
  kernels::Mask mask_;
  int width_;
  int64_t first_;  ///< Its first element, counted in its part.
};

/// z of a row, element by element.
template <typename Update>
struct Residual {
  __device__ Residual(const ResidualNorm& task, int64_t which)
      : x(task.x + which * task.width),
        update(static_cast<const Update*>(task.update) + which * task.width),
        updated(task.update != nullptr),
        scale(task.mask.scale) {}

  __device__ float operator()(int column, bool kept) const {
    return updated && kept ? x[column] + widened(update[column]) * scale : x[column];
  }

  const float* x;
  const Update* update;
  bool updated;
  float scale;  ///< 1 where nothing is dropped.
};

template <typename Update>
__global__ void __launch_bounds__(kThreads) norm_kernel(const ResidualNorm task, float* y) {
  const int64_t which = int64_t{blockIdx.x} * kWarps + warp();
  if (which >= task.all_rows()) return;
  SharedMemory shared(dynamic_shared());
  const NormMemory memory(shared, task.width);
  float* z = memory.rows + warp() * task.width;
  const Row row(task, which);
  const Residual<Update> residual(task, which);
  const auto width = static_cast<float>(task.width);

  float sum = 0.0F, squares = 0.0F;
  row.for_each_kept([&](int column, bool kept) {
    z[column] = residual(column, kept);
    sum += z[column];
  });
  const float mean = warp_sum(sum) / width;
  row.for_each([&](int column) { squares += (z[column] - mean) * (z[column] - mean); });
  const float deviation = sqrtf(warp_sum(squares) / (width - 1.0F));
  const float inverse = 1.0F / (deviation + task.eps);
  float* to = y + which * task.width;
  row.for_each([&](int column) {
    to[column] = task.a[column] * ((z[column] - mean) * inverse) + task.b[column];
  });
  if (lane() == 0) {
    task.statistics[2 * which] = mean;
    task.statistics[2 * which + 1] = deviation;
  }
}

/// The gradients of one row by one warp; leaves (z - mean) / (std + eps) in `units`.
template <typename Update>
__device__ void differentiate_row(const ResidualNorm& task, const ResidualNormGradient& gradient,
                                  int64_t which, float* units) {
  const Row row(task, which);
  const Residual<Update> residual(task, which);
  const float mean = task.statistics[2 * which], deviation = task.statistics[2 * which + 1];
  const float inverse = 1.0F / (deviation + task.eps);
  const auto width = static_cast<float>(task.width);
  const int64_t first = which * task.width;
  const float* upstream = gradient.upstream + first;

  float sum = 0.0F, product = 0.0F;
  row.for_each_kept([&](int column, bool kept) {
    units[column] = (residual(column, kept) - mean) * inverse;
    const float scaled = upstream[column] * task.a[column];
    sum += scaled;
    product += scaled * units[column];
  });
  const float shift = warp_sum(sum) / width;
  const float along = warp_sum(product);
  const float slope =
      deviation > 0.0F ? along * (deviation + task.eps) / ((width - 1.0F) * deviation) : 0.0F;
  auto* to_update = static_cast<Update*>(gradient.to_update);
  row.for_each_kept([&](int column, bool kept) {
    const float scaled = upstream[column] * task.a[column];
    const float to = (scaled - shift - units[column] * slope) * inverse;
    gradient.to_x[first + column] = to;
    if (to_update != nullptr) {
      store(to_update[first + column], kept ? to * task.mask.scale : 0.0F);
    }
  });
}

template <typename Update>
__global__ void __launch_bounds__(kThreads)
    norm_gradient_kernel(const ResidualNorm task, const ResidualNormGradient gradient) {
  SharedMemory shared(dynamic_shared());
  const NormGradientMemory memory(shared, task.width);
  const int64_t width = task.width, rows = task.all_rows();
  for (int64_t i = threadIdx.x; i < width; i += kThreads) {
    memory.sums[i] = memory.sums[width + i] = 0.0F;
  }
  for (int64_t first = int64_t{blockIdx.x} * kWarps; first < rows;
       first += int64_t{gridDim.x} * kWarps) {
    if (first + warp() < rows) {
      differentiate_row<Update>(task, gradient, first + warp(), memory.rows + warp() * width);
    }
    __syncthreads();
    for (int64_t i = threadIdx.x; i < width; i += kThreads) {
      float of_a = 0.0F, of_b = 0.0F;  // Not yet memory's, or each row would wait for the last.
#pragma unroll
      for (int64_t row = 0; row < kWarps; ++row) {
        if (first + row >= rows) break;
        const float upstream = gradient.upstream[(first + row) * width + i];
        of_a += upstream * memory.rows[row * width + i];
        of_b += upstream;
      }
      memory.sums[i] += of_a;
      memory.sums[width + i] += of_b;
    }
    __syncthreads();
  }
  float* to = gradient.partial + int64_t{blockIdx.x} * 2 * width;
  for (int64_t i = threadIdx.x; i < width; i += kThreads) {
    to[i] = memory.sums[i];
    to[width + i] = memory.sums[width + i];
  }
}

}  // namespace

bool residual_norm_fits(int64_t width) {
  return memory_of<NormGradientMemory>(width).fits();
}

const char* residual_norm(const ResidualNorm& task, Element type, float* y, cudaStream_t stream) {
  return with_elements(type, [&]<typename Update>(Update) {
    return launch(norm_kernel<Update>, blocks_of_rows(task.all_rows()),
                  memory_of<NormMemory>(task.width).bytes(), stream, task, y);
  });
}

const char* residual_norm_gradient(const ResidualNorm& task, const ResidualNormGradient& gradient,
                                   Element type, cudaStream_t stream) {
  return with_elements(type, [&]<typename Update>(Update) {
    return launch(norm_gradient_kernel<Update>, gradient_blocks(task.all_rows()),
                  memory_of<NormGradientMemory>(task.width).bytes(), stream, task, gradient);
  });
}

}  // namespace vqalign::cuda
