#pragma once

#ifndef VQALIGN_CUDA_ON_CPU
#include <cuda_fp16.h>
#endif

#include "vqalign/attention/cuda/rows.h"
#include "vqalign/core/device.cuh"
#include "vqalign/core/philox.h"

/// What the kernels of rows.h share.
namespace vqalign::cuda {
namespace {

/// By its bits: the upper half of a float.
struct Bfloat16 {
  uint16_t bits;
};

__device__ inline float widened(float x) {
  return x;
}
__device__ inline float widened(Bfloat16 x) {
  return __uint_as_float(unsigned{x.bits} << 16);
}
__device__ inline float widened(__half x) {
  return __half2float(x);
}

__device__ inline void store(float& to, float x) {
  to = x;
}
/// Rounds to the nearest, ties to even; NaN stays NaN.
__device__ inline void store(Bfloat16& to, float x) {
  const unsigned bits = __float_as_uint(x);
  to.bits = x == x ? static_cast<uint16_t>((bits + 0x7FFF + (bits >> 16 & 1)) >> 16) : 0x7FC0;
}
__device__ inline void store(__half& to, float x) {
  to = __float2half(x);
}

/// work(an element of the type)
template <typename Work>
const char* with_elements(Element type, const Work& work) {
  switch (type) {
    case Element::kBfloat16:
      return work(Bfloat16{});
    case Element::kHalf:
      return work(__half{});
    default:
      return work(0.0F);
  }
}

constexpr int kCounters = 16;  ///< Of Philox in a block of kernels::kBlock elements.
constexpr int kWords = 4;      ///< Of a counter, for as many elements.

/// Which of four elements, 16 apart from a counter's first one, are kept.
struct Kept {
  __device__ Kept(const kernels::Mask& mask, uint64_t counter) {
    if (mask.threshold == 0) {
      bits = 0xF;
      return;
    }
    const auto words =
        philox4x32({static_cast<uint32_t>(counter), static_cast<uint32_t>(counter >> 32),
                    static_cast<uint32_t>(mask.stream), static_cast<uint32_t>(mask.stream >> 32)},
                   {static_cast<uint32_t>(mask.seed), static_cast<uint32_t>(mask.seed >> 32)});
    for (int word = 0; word < kWords; ++word) {
      bits |= (words[word] >= mask.threshold ? 1U : 0U) << word;
    }
  }
  __device__ bool operator[](int word) const { return (bits >> word & 1U) != 0; }

  unsigned bits = 0;
};

__device__ inline kernels::Mask mask_of(const MaskedRows& task, int64_t part) {
  kernels::Mask mask = task.mask;
  mask.stream += static_cast<uint64_t>(part) * task.part_stride;
  return mask;
}

/// Calls visit(element, whether it is kept) for the share of thread `own` among `sharers`, the same
/// on every call, of `count` elements of a part from `first` on; they are counted from there.
template <typename Visit>
__device__ void for_each_kept(const kernels::Mask& mask, int64_t first, int count, int own,
                              int sharers, const Visit& visit) {
  const int64_t end = ((first + count - 1) / kernels::kBlock + 1) * kCounters;
  for (int64_t counter = first / kernels::kBlock * kCounters + own; counter < end;
       counter += sharers) {
    const int64_t element = counter / kCounters * kernels::kBlock + counter % kCounters;
    const Kept kept(mask, static_cast<uint64_t>(counter));
    for (int word = 0; word < kWords; ++word) {
      const int at = static_cast<int>(element - first) + kCounters * word;
      if (at >= 0 && at < count) visit(at, kept[word]);
    }
  }
}

/// Blocks of rows that are a warp's each.
__host__ __device__ inline int64_t blocks_of_rows(int64_t rows) {
  return (rows + kWarps - 1) / kWarps;
}

}  // namespace
}  // namespace vqalign::cuda
