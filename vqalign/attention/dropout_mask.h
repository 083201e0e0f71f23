#pragma once

#include <ATen/Parallel.h>
#include <torch/types.h>

#include <algorithm>

#include "vqalign/attention/dropout.h"
#include "vqalign/attention/kernels.h"

namespace vqalign {

/// The mask that dropout(input, rate, streams) uses for stream number `stream`.
kernels::Mask dropout_mask(double rate, uint64_t seed, uint64_t stream);

/// The mask of part `part` of a batch whose first part has `mask`, see DropoutStreams.
inline kernels::Mask mask_of_part(kernels::Mask mask, int64_t part) {
  mask.stream += static_cast<uint64_t>(part) * DropoutStreams::kPassStride;
  return mask;
}

/// Cuts rows [begin, end) of a batch where a part of `part_rows` ends: work(part, first, last) with
/// rows counted from the part's own first one.
template <typename Work>
void for_parts(int64_t part_rows, int64_t begin, int64_t end, Work work) {
  while (begin < end) {
    const int64_t part = begin / part_rows, start = part * part_rows;
    const int64_t last = std::min(part_rows, end - start);
    work(part, begin - start, last);
    begin = start + last;
  }
}

/// Whether the fused loops can work on a tensor: float32 or bfloat16 on the CPU (kernels.h), these
/// and float16 on CUDA where its kernels are linked (cuda/rows.h).
bool has_kernels(const torch::Tensor& tensor);

/// Fused functions know their first derivative only; asking for a graph of it is a defect of ours.
void forbid_double_backward();

/// bfloat16 as the kernels take it.
inline const uint16_t* bits(const torch::Tensor& tensor) {
  return reinterpret_cast<const uint16_t*>(tensor.const_data_ptr<at::BFloat16>());
}
inline uint16_t* mutable_bits(const torch::Tensor& tensor) {
  return reinterpret_cast<uint16_t*>(tensor.mutable_data_ptr<at::BFloat16>());
}

/// Rows of work that one task should take: some 16,000 elements, whatever the thread count.
inline int64_t rows_per_task(int64_t width) {
  return std::max<int64_t>(1, 16384 / (width + 1));
}

}  // namespace vqalign
