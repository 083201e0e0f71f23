#pragma once

#include <bit>
#include <cmath>
#include <map>

#include "block.h"

/// Compiles CUDA sources as C++ (g++ -x c++ -include cuda_on_cpu.h kernel.cu), so that their
/// arithmetic, their races and their indices are tested where there is no GPU.
///
/// The blocks of a launch run one after another, the threads of a block as real threads, kept over
/// all blocks of the launch. A __shared__ variable is a static one, dynamic shared memory is
/// allocated anew for each block and filled with NaN. __syncthreads() and the warp functions are
/// barriers; one that a thread of the block (of the warp) does not reach, or reaches at another
/// line of the source, makes the launch throw std::runtime_error, which says where.
///
/// Blocks and grids have one dimension, blocks a multiple of 32 threads; warp functions take all
/// lanes. Anything else throws. Streams are ignored: a launch returns when it is done.
#define VQALIGN_CUDA_ON_CPU
#define __global__
#define __device__
#define __host__
#define __shared__ static
#define __launch_bounds__(...)

using cudaStream_t = struct CUstream_st*;
enum cudaError_t { cudaSuccess, cudaErrorInvalidValue };
enum cudaFuncAttribute { cudaFuncAttributeMaxDynamicSharedMemorySize };

inline const char* cudaGetErrorString(cudaError_t status) {
  return status == cudaSuccess ? "no error" : "invalid argument";
}

struct cudaLaunchConfig_t {
  dim3 gridDim, blockDim;
  std::size_t dynamicSmemBytes = 0;
  cudaStream_t stream = nullptr;
};

namespace cuda_on_cpu {

/// Shared memory that a kernel may have, as on a device of compute capability 9.0: 48 KiB, more
/// where it was asked for, at most 227 KiB.
inline std::map<const void*, std::size_t> shared_limits;
constexpr std::size_t kUsualShared = 48 * 1024, kMostShared = 227 * 1024;

}  // namespace cuda_on_cpu

template <typename... Parameters>
cudaError_t cudaFuncSetAttribute(void (*kernel)(Parameters...), cudaFuncAttribute, int bytes) {
  if (bytes < 0 || static_cast<std::size_t>(bytes) > cuda_on_cpu::kMostShared) {
    return cudaErrorInvalidValue;
  }
  cuda_on_cpu::shared_limits[reinterpret_cast<const void*>(kernel)] = bytes;
  return cudaSuccess;
}

template <typename... Parameters, typename... Arguments>
cudaError_t cudaLaunchKernelEx(const cudaLaunchConfig_t* config, void (*kernel)(Parameters...),
                               Arguments&&... arguments) {
  const auto limit = cuda_on_cpu::shared_limits.find(reinterpret_cast<const void*>(kernel));
  const std::size_t most =
      limit == cuda_on_cpu::shared_limits.end() ? cuda_on_cpu::kUsualShared : limit->second;
  if (config->dynamicSmemBytes > most || config->gridDim.x == 0) return cudaErrorInvalidValue;
  cuda_on_cpu::run(config->gridDim.x, config->blockDim.x, config->dynamicSmemBytes,
                   [&] { kernel(arguments...); });
  return cudaSuccess;
}

inline void __syncthreads(std::source_location where = std::source_location::current()) {
  cuda_on_cpu::block->meeting().wait(where);
}

inline void __syncwarp(unsigned lanes = cuda_on_cpu::kAllLanes,
                       std::source_location where = std::source_location::current()) {
  cuda_on_cpu::exchange(lanes, 0, 0, where);
}

template <typename T>
T __shfl_xor_sync(unsigned lanes, T value, int mask,
                  std::source_location where = std::source_location::current()) {
  return cuda_on_cpu::exchange(lanes, value, (threadIdx.x % cuda_on_cpu::kWarp) ^ mask, where);
}

template <typename T>
T __shfl_down_sync(unsigned lanes, T value, unsigned delta,
                   std::source_location where = std::source_location::current()) {
  const unsigned lane = threadIdx.x % cuda_on_cpu::kWarp;
  return cuda_on_cpu::exchange(lanes, value,
                               lane + delta < cuda_on_cpu::kWarp ? lane + delta : lane, where);
}

/// The value before, as CUDA's own.
template <typename T>
T atomicAdd(T* to, T value) {
  return std::atomic_ref<T>(*to).fetch_add(value);
}

template <typename T>
T atomicMin(T* to, T value) {
  std::atomic_ref<T> place(*to);
  T before = place.load();
  while (value < before && !place.compare_exchange_weak(before, value)) continue;
  return before;
}

using __half = _Float16;
inline float __half2float(__half x) {
  return static_cast<float>(x);
}
inline __half __float2half(float x) {
  return static_cast<__half>(x);
}

inline unsigned __float_as_uint(float x) {
  return std::bit_cast<unsigned>(x);
}
inline float __uint_as_float(unsigned x) {
  return std::bit_cast<float>(x);
}

inline float rsqrtf(float x) {
  return 1.0F / std::sqrt(x);
}
inline float __expf(float x) {
  return std::exp(x);
}
inline float __fdividef(float x, float y) {
  return x / y;
}
