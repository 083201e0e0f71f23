#pragma once

#ifndef VQALIGN_CUDA_ON_CPU
#include <cuda_fp16.h>
#endif

#include "vqalign/attention/cuda/rows.h"
#include "vqalign/core/device.cuh"
#include "vqalign/core/philox.h"

/// What all kernels on rows share.
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
    for (int word = 0; word < 4; ++word) {
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
    for_each_counter([&](uint64_t, int column) {
      for (int word = 0; word < 4; ++word) {
        const int at = column + kCounters * word;
        if (at >= 0 && at < width_) visit(at);
      }
    });
  }

  /// Calls visit(column, whether it is kept).
  template <typename Visit>
  __device__ void for_each_kept(const Visit& visit) const {
    if (mask_.threshold == 0) {
      for_each([&](int column) { visit(column, true); });
      return;
    }
    for_each_counter([&](uint64_t counter, int column) {
      const Kept kept(mask_, counter);
      for (int word = 0; word < 4; ++word) {
        const int at = column + kCounters * word;
        if (at >= 0 && at < width_) visit(at, kept[word]);
      }
    });
  }

 private:
  /// Calls visit(counter, column of its first word) for this lane's counters: columns may lie
  /// beyond either end of the row.
  template <typename Visit>
  __device__ void for_each_counter(const Visit& visit) const {
    const int64_t end = ((first_ + width_ - 1) / kernels::kBlock + 1) * kCounters;
    for (int64_t counter = first_ / kernels::kBlock * kCounters + lane(); counter < end;
         counter += kWarp) {
      const int64_t element = counter / kCounters * kernels::kBlock + counter % kCounters;
      visit(static_cast<uint64_t>(counter), static_cast<int>(element - first_));
    }
  }

  kernels::Mask mask_;
  int width_;
  int64_t first_;  ///< Its first element, counted in its part.
};

/// Rows of one part side by side, a warp each, whose mask the block's threads draw together: rows
/// that are narrow, or no multiple of the mask's blocks, would have each warp draw much of its
/// neighbours' too.
class BlockRows {
 public:
  __device__ explicit BlockRows(const MaskedRows& task)
      : mask_(mask_of(task, blockIdx.x / blocks(task.rows))),
        width_(task.width),
        first_(blockIdx.x % blocks(task.rows) * kWarps),
        before_(blockIdx.x / blocks(task.rows) * task.rows),
        rows_(task.rows - first_ < kWarps ? static_cast<int>(task.rows - first_) : kWarps) {}

  static __host__ __device__ int64_t blocks(int64_t rows) { return (rows + kWarps - 1) / kWarps; }

  /// Whether this thread's warp has a row.
  __device__ bool has_own() const { return warp() < rows_; }
  /// The row of warp 0, counted through all parts.
  __device__ int64_t first() const { return before_ + first_; }

  /// Calls visit(element, whether it is kept) for this thread's share of the block's rows; elements
  /// are counted from the start of the first.
  template <typename Visit>
  __device__ void for_each_kept(const Visit& visit) const {
    const int64_t start = first_ * width_;
    const int count = static_cast<int>(rows_ * width_);
    const int64_t end = ((start + count - 1) / kernels::kBlock + 1) * kCounters;
    for (int64_t counter = start / kernels::kBlock * kCounters + threadIdx.x; counter < end;
         counter += kThreads) {
      const int64_t element = counter / kCounters * kernels::kBlock + counter % kCounters;
      const Kept kept(mask_, static_cast<uint64_t>(counter));
      for (int word = 0; word < 4; ++word) {
        const int at = static_cast<int>(element - start) + kCounters * word;
        if (at >= 0 && at < count) visit(at, kept[word]);
      }
    }
  }

 private:
  kernels::Mask mask_;
  int64_t width_;
  int64_t first_;   ///< Row of warp 0 in its part.
  int64_t before_;  ///< Rows of the parts before.
  int rows_;
};

/// The row of this thread's warp, of a launch of one warp a row.
__device__ inline int64_t own_row() {
  return int64_t{blockIdx.x} * kWarps + warp();
}

inline int64_t blocks_of_rows(int64_t rows) {
  return (rows + kWarps - 1) / kWarps;
}

}  // namespace
}  // namespace vqalign::cuda
