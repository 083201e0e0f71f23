// The tests' stand-in for a device, against what CUDA promises.

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "cuda_on_cpu.h"

namespace cuda_on_cpu {
namespace {

constexpr unsigned kBlock = 128;

/// What the launch of a kernel throws; empty when it does not.
std::string problem_of(const std::function<void()>& kernel, unsigned grid = 1,
                       unsigned threads = kBlock, std::size_t bytes = 0) {
  try {
    run(grid, threads, bytes, kernel);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(CudaOnCpu, RunsEveryThreadOfEveryBlock) {
  std::vector<int> seen(3 * 2 * kWarp);
  run(3, 2 * kWarp, 0, [&] {
    EXPECT_EQ(gridDim.x, 3U);
    EXPECT_EQ(blockDim.x, 2 * kWarp);
    ++seen[blockIdx.x * blockDim.x + threadIdx.x];
  });
  EXPECT_EQ(seen, std::vector<int>(seen.size(), 1));
}

TEST(CudaOnCpu, ABarrierOrdersWritesAndReads) {
  std::vector<unsigned> found(4 * kBlock);
  run(4, kBlock, 0, [&] {
    __shared__ unsigned numbers[kBlock];
    for (unsigned round = 0; round < 5; ++round) {
      numbers[threadIdx.x] = threadIdx.x + round;
      __syncthreads();
      found[blockIdx.x * kBlock + threadIdx.x] = numbers[kBlock - 1 - threadIdx.x];
      __syncthreads();
    }
  });
  for (unsigned i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], kBlock - 1 - i % kBlock + 4);
}

TEST(CudaOnCpu, SharedMemoryIsNewForEachBlock) {
  std::vector<float> before(3 * kWarp), sums(3 * kWarp);
  run(3, kWarp, kWarp * sizeof(float), [&] {
    float* memory = dynamic_shared();
    const unsigned at = blockIdx.x * kWarp + threadIdx.x;
    before[at] = memory[threadIdx.x];
    __syncthreads();
    memory[threadIdx.x] = static_cast<float>(threadIdx.x);
    __syncthreads();
    for (unsigned i = 0; i < kWarp; ++i) sums[at] += memory[i];
  });
  for (const float value : before) EXPECT_TRUE(std::isnan(value));
  for (const float sum : sums) EXPECT_EQ(sum, kWarp * (kWarp - 1) / 2);
}

TEST(CudaOnCpu, WarpsExchangeWithinThemselves) {
  std::vector<float> crossed(kBlock), sums(kBlock);
  run(1, kBlock, 0, [&] {
    const auto own = static_cast<float>(threadIdx.x);
    crossed[threadIdx.x] = __shfl_xor_sync(kAllLanes, own, 5);
    double sum = own;
    for (unsigned lanes = kWarp / 2; lanes > 0; lanes /= 2) {
      sum += __shfl_down_sync(kAllLanes, sum, lanes);
    }
    sums[threadIdx.x] = static_cast<float>(sum);
  });
  for (unsigned i = 0; i < kBlock; ++i) EXPECT_EQ(crossed[i], static_cast<float>(i ^ 5U));
  for (unsigned warp = 0; warp < kBlock / kWarp; ++warp) {
    EXPECT_EQ(sums[warp * kWarp], static_cast<float>(warp * kWarp * kWarp + 31 * 16));
  }
}

TEST(CudaOnCpu, SyncwarpOrdersTheLanesOfAWarp) {
  std::vector<int> found(kBlock);
  run(1, kBlock, 0, [&] {
    __shared__ int numbers[kBlock];
    numbers[threadIdx.x] = static_cast<int>(threadIdx.x);
    __syncwarp();
    found[threadIdx.x] = numbers[threadIdx.x ^ 31U];
  });
  for (unsigned i = 0; i < kBlock; ++i) EXPECT_EQ(found[i], static_cast<int>(i ^ 31U));
}

TEST(CudaOnCpu, AtomicsLoseNothing) {
  int count = 0;
  float sum = 0.0F;
  std::vector<int> before(2 * kBlock);
  run(2, kBlock, 0, [&] {
    before[blockIdx.x * kBlock + threadIdx.x] = atomicAdd(&count, 1);
    atomicAdd(&sum, 0.5F);
  });
  EXPECT_EQ(count, 256);
  EXPECT_EQ(sum, 128.0F);
  std::sort(before.begin(), before.end());
  for (int i = 0; i < 256; ++i) EXPECT_EQ(before[i], i);
}

// Numbers of IEEE 754's binary16: 11 bits of precision, 65504 the largest, 2^-24 the least.
TEST(CudaOnCpu, HalvesRoundToTheNearestEven) {
  const auto rounded = [](float x) { return __half2float(__float2half(x)); };
  EXPECT_EQ(rounded(1.0F + 0x1p-11F), 1.0F);
  EXPECT_EQ(rounded(1.0F + 0x3p-11F), 1.0F + 0x1p-9F);
  EXPECT_EQ(rounded(65504.0F), 65504.0F);
  EXPECT_EQ(rounded(65520.0F), INFINITY);
  EXPECT_EQ(rounded(0x1p-24F), 0x1p-24F);
  EXPECT_TRUE(std::isnan(rounded(NAN)));
}

TEST(CudaOnCpu, ABarrierThatAThreadPassesByIsAnError) {
  EXPECT_NE(problem_of([] {
              if (threadIdx.x != 77) __syncthreads();
            }).find("shim_test.cpp"),
            std::string::npos);
  EXPECT_NE(problem_of([] {
              if (threadIdx.x % kWarp != 3) __syncwarp();
            }).find("not every thread of the warp"),
            std::string::npos);
}

TEST(CudaOnCpu, BarriersOnTwoWaysAreAnError) {
  const std::string problem = problem_of([] {
    if (threadIdx.x < kBlock / 2) {
      __syncthreads();
    } else {
      __syncthreads();
    }
  });
  EXPECT_NE(problem.find("not every thread of the block"), std::string::npos) << problem;
}

TEST(CudaOnCpu, WhatItCannotRunIsAnError) {
  EXPECT_EQ(problem_of([] {}, 1, 33), "a block of 33 threads");
  EXPECT_EQ(problem_of([] {}, 1, 2048), "a block of 2048 threads");
  EXPECT_EQ(problem_of([] { __shfl_xor_sync(1U, 1, 1); }),
            "a warp function is called for some lanes only");
}

void nothing(int) {}

TEST(CudaOnCpu, SharedMemoryHasTheLimitsOfADevice) {
  const auto launched = [](std::size_t bytes) {
    cudaLaunchConfig_t config{};
    config.blockDim.x = kWarp;
    config.dynamicSmemBytes = bytes;
    return cudaLaunchKernelEx(&config, nothing, 1);
  };
  const auto most = cudaFuncAttributeMaxDynamicSharedMemorySize;
  EXPECT_EQ(launched(48 * 1024), cudaSuccess);
  EXPECT_EQ(launched(48 * 1024 + 1), cudaErrorInvalidValue);
  EXPECT_EQ(cudaFuncSetAttribute(nothing, most, 100 * 1024), cudaSuccess);
  EXPECT_EQ(launched(100 * 1024), cudaSuccess);
  EXPECT_EQ(cudaFuncSetAttribute(nothing, most, 228 * 1024), cudaErrorInvalidValue);
}

}  // namespace
}  // namespace cuda_on_cpu
