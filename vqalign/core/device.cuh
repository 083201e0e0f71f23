#pragma once

#include <cstdint>
#include <utility>

/// What the project's CUDA kernels share. Included by .cu files alone; these see no torch header,
/// so that nvcc compiles them beside any LibTorch and a C++ compiler compiles them for the tests
/// (tests/cuda_on_cpu).
namespace vqalign::cuda {

constexpr int kWarp = 32;
constexpr int kThreads = 128;  ///< Of a block, in every launch.
constexpr int kWarps = kThreads / kWarp;
constexpr unsigned kAllLanes = 0xFFFFFFFF;

/// Hands out dynamic shared memory, piece by piece. The host asks with a null base for how much a
/// layout takes, the device for where its pieces are.
class SharedMemory {
 public:
  __host__ __device__ explicit SharedMemory(float* base) : base_(base) {}

  __host__ __device__ float* take(int64_t floats) {
    float* taken = base_ == nullptr ? nullptr : base_ + used_;
    used_ += floats;
    wanted_ += floats;
#ifdef VQALIGN_CUDA_ON_CPU
    // Between the pieces of the tests lies memory that AddressSanitizer guards.
    constexpr int64_t kGuard = 16;
    used_ = (used_ + kGuard - 1) / kGuard * kGuard;
    if (taken != nullptr) {
      cuda_on_cpu::forbid(taken + floats,
                          (base_ + used_ + kGuard - taken - floats) * sizeof(float));
    }
    used_ += kGuard;
#endif
    return taken;
  }

  __host__ __device__ int64_t bytes() const {
    return used_ * int64_t{sizeof(float)};
  }

  /// Whether a block may have this much on every architecture that kernels are compiled for (163
  /// KiB on compute capability 8.0).
  bool fits() const {
    return wanted_ * int64_t{sizeof(float)} <= 163 * 1024 - kStatic;
  }

 private:
  static constexpr int64_t kStatic = 64;  ///< Left to static __shared__ variables.

  float* base_;
  int64_t used_ = 0;
  int64_t wanted_ = 0;
};

/// How much a layout takes, whose constructor takes its pieces of the memory that it is handed.
template <typename Layout, typename... Sizes>
SharedMemory memory_of(const Sizes&... sizes) {
  SharedMemory memory(nullptr);
  const Layout layout(memory, sizes...);
  return memory;
}

/// The block's dynamic shared memory.
__device__ inline float* dynamic_shared() {
#ifdef VQALIGN_CUDA_ON_CPU
  return cuda_on_cpu::dynamic_shared();
#else
  extern __shared__ float vqalign_dynamic_shared[];
  return vqalign_dynamic_shared;
#endif
}

__device__ inline int lane() {
  return static_cast<int>(threadIdx.x) % kWarp;
}
__device__ inline int warp() {
  return static_cast<int>(threadIdx.x) / kWarp;
}

/// Sum and largest over a warp's lanes, the same for all of them and on every run.
__device__ inline float warp_sum(float value) {
  for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) {
    value += __shfl_xor_sync(kAllLanes, value, lanes);
  }
  return value;
}
__device__ inline float warp_max(float value) {
  for (int lanes = kWarp / 2; lanes > 0; lanes /= 2) {
    value = fmaxf(value, __shfl_xor_sync(kAllLanes, value, lanes));
  }
  return value;
}

/// Sum over the block's threads, the same for all of them and on every run. A barrier before and
/// behind.
__device__ inline float block_sum(float value) {
  __shared__ float sums[kWarps];
  value = warp_sum(value);
  if (lane() == 0) sums[warp()] = value;
  __syncthreads();
  float total = 0.0F;
  for (int other = 0; other < kWarps; ++other) total += sums[other];
  __syncthreads();
  return total;
}

/// Starts blocks of kThreads threads, if any. Returns null, or CUDA's words for what is wrong.
template <typename... Parameters, typename... Arguments>
const char* launch(void (*kernel)(Parameters...), int64_t blocks, int64_t shared_bytes,
                   cudaStream_t stream, Arguments&&... arguments) {
  if (blocks == 0) return nullptr;
  constexpr int64_t kWithoutAsking = 48 * 1024;
  cudaError_t status = cudaSuccess;
  if (shared_bytes > kWithoutAsking) {
    status = cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize,
                                  static_cast<int>(shared_bytes));
  }
  if (status == cudaSuccess) {
    cudaLaunchConfig_t config{};
    config.gridDim = dim3{static_cast<unsigned>(blocks), 1, 1};
    config.blockDim = dim3{kThreads, 1, 1};
    config.dynamicSmemBytes = static_cast<std::size_t>(shared_bytes);
    config.stream = stream;
    status = cudaLaunchKernelEx(&config, kernel, std::forward<Arguments>(arguments)...);
  }
  return status == cudaSuccess ? nullptr : cudaGetErrorString(status);
}

}  // namespace vqalign::cuda
