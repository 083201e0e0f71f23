#pragma once

#include <algorithm>
#include <cstdint>

#include "vqalign/attention/kernels.h"

struct CUstream_st;

/// What the layers of attention do between their matrix products, in one launch each: raw pointers
/// to memory of the device and a stream, no torch header; fused_rows.h is the side of the tensors.
/// The CPU's loops (attention/kernels.h) are the definition: the same mask drops the same elements
/// here. One warp works on one row under a norm or of weights, elsewhere one thread on four
/// elements or on a column; what is computed, is in float32.
///
/// Every launch returns null, or the words of CUDA for what is wrong.
namespace vqalign::cuda {

/// What an untyped array holds.
enum class Element { kFloat, kBfloat16, kHalf };

/// Rows of `width` elements, in `parts` equal parts one behind the other. Part p is dropped out by
/// the mask's stream + p * part_stride, its elements counted from its own first one; a threshold of
/// 0 drops nothing.
struct MaskedRows {
  int64_t parts, rows, width;  ///< `rows` of each part.
  kernels::Mask mask;
  uint64_t part_stride;

  constexpr int64_t all_rows() const { return parts * rows; }
};

/// Blocks that share the rows of a gradient, and leave a row of partial sums each.
constexpr int64_t gradient_blocks(int64_t rows) {
  constexpr int64_t kRows = 16, kMost = 1280;
  return std::min((rows + kRows - 1) / kRows, kMost);
}

/// Dropout of each part, whatever its rows. With `alike` the input is one part, the same for all.
const char* drop_out(const MaskedRows& task, Element type, const void* in, bool alike, void* out,
                     CUstream_st* stream);

/// values = dropout(relu(values + bias)) in place.
const char* bias_relu(const MaskedRows& task, Element type, const float* bias, void* values,
                      CUstream_st* stream);

/// Its gradient, which needs the results alone: these are positive where an element was active and
/// kept. `rows` in all, `scale` the mask's; `partial` [gradient_blocks(rows), width] gets sums for
/// the bias.
struct BiasReluGradient {
  int64_t rows, width;
  float scale;
  const void* values;
  const void* upstream;
  void* to;
  float* partial;
};
const char* bias_relu_gradient(const BiasReluGradient& task, Element type, CUstream_st* stream);

/// y = a * (z - mean) / (std + eps) + b for the rows of z = x + dropout(update), with the
/// reference's unbiased std.
struct ResidualNorm : MaskedRows {
  const float* x;
  const void* update;  ///< null: z = x.
  const float* a;
  const float* b;
  float eps;
  float* statistics;  ///< {mean, std} of each row, written by the first launch.
};

/// Whether rows of this width fit the shared memory of a block, forward and backward, on any device
/// of compute capability 8.0 or more.
bool residual_norm_fits(int64_t width);

const char* residual_norm(const ResidualNorm& task, Element type, float* y, CUstream_st* stream);

/// `partial` [gradient_blocks(rows), 2, width] gets sums for a and b; `to_update` null means that
/// its gradient equals to_x.
struct ResidualNormGradient {
  const float* upstream;
  float* to_x;
  void* to_update;
  float* partial;
};
const char* residual_norm_gradient(const ResidualNorm& task, const ResidualNormGradient& gradient,
                                   Element type, CUstream_st* stream);

/// weights = softmax(scale * scores), scores of padding taken as -1e9; rows are those of queries,
/// as wide as there are keys.
struct AttentionWeights : MaskedRows {
  const bool* padding;    ///< [.., keys], true = padding, one for `rows_per_mask` rows; or null.
  int64_t rows_per_mask;  ///< Heads times queries.
  float scale;
  void* weights;
};

bool attention_weights_fit(int64_t keys);

/// `dropped` is written where the mask drops anything.
const char* attention_weights(const AttentionWeights& task, Element type, const void* scores,
                              void* dropped, CUstream_st* stream);
/// From the gradients of what was dropped out (or of the weights) those of the scores.
const char* attention_weights_gradient(const AttentionWeights& task, Element type,
                                       const void* upstream, void* to_scores, CUstream_st* stream);

/// sums[i] = sum over the rows of partial[row][i]
const char* partial_sums(const float* partial, int64_t rows, int64_t columns, float* sums,
                         CUstream_st* stream);

}  // namespace vqalign::cuda
