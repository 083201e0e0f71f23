#pragma once

#include <cstdint>

namespace vqalign::kernels {

/// One dropout mask. Element i is kept when word w of the Philox counter 16 b + l is at least
/// `threshold`, where i = 64 b + 16 w + l: sixteen counters fill a block of 64 elements, in an
/// order that suits every vector width. Kept elements are multiplied by `scale`.
struct Mask {
  uint64_t seed = 0;
  uint64_t stream = 0;
  uint32_t threshold = 0;
  float scale = 1.0f;
};

constexpr int64_t kBlock = 64;

/// y = a * (z - mean) / (std + eps) + b for the rows of z = x + update, the update dropped out.
/// bfloat16 is passed as its bits, uint16_t. Row r of the statistics is {mean, std}.
template <typename Update>
struct ResidualNorm {
  const float* x = nullptr;
  const Update* update = nullptr;  ///< null: z = x.
  const float* a = nullptr;
  const float* b = nullptr;
  float* statistics = nullptr;
  int64_t width = 0;
  float eps = 0;
  bool drops = false;
  Mask mask;
};

/// Gradients: `d_update` null means that it equals d_x. d_a and d_b are added to. `scratch` holds
/// scratch_floats(width) numbers.
template <typename Update>
struct ResidualNormGradient {
  const float* d_y = nullptr;
  float* d_x = nullptr;
  Update* d_update = nullptr;
  float* d_a = nullptr;
  float* d_b = nullptr;
  float* scratch = nullptr;
};

/// Softmax over each row of `scale` * scores, masked entries filled with -1e9, then dropout.
/// Rows are [batch, rows_per_mask] of `keys` each; `masked` is null or [batch, keys rounded up
/// to 16], all bits set where a key is padding.
template <typename Scalar>
struct SoftmaxDropout {
  Scalar* weights = nullptr;  ///< softmax output
  const int32_t* masked = nullptr;
  int64_t keys = 0;
  int64_t rows_per_mask = 1;
  float scale = 1;
  Mask mask;
};

constexpr int64_t round_up(int64_t n, int64_t to) {
  return (n + to - 1) / to * to;
}
constexpr int64_t scratch_floats(int64_t width) {
  return round_up(width, 16) * 3 / 2;
}

/// The loops that are worth compiling for each instruction set. All tables give the same bits: sums
/// run in sixteen lanes whatever the vector width, and multiply-add is not contracted.
/// Ranges [begin, end) are of elements or rows; an element range begins at a multiple of kBlock.
struct Table {
  void (*keep_bits)(const Mask&, uint64_t first_block, int64_t blocks, uint64_t* bits);

  void (*dropout_float)(const Mask&, const float* in, float* out, int64_t begin, int64_t end);
  void (*dropout_bfloat16)(const Mask&, const uint16_t* in, uint16_t* out, int64_t begin,
                           int64_t end);

  void (*residual_norm_float)(const ResidualNorm<float>&, float* y, int64_t begin, int64_t end);
  void (*residual_norm_bfloat16)(const ResidualNorm<uint16_t>&, float* y, int64_t begin,
                                 int64_t end);
  void (*residual_norm_gradient_float)(const ResidualNorm<float>&,
                                       const ResidualNormGradient<float>&, int64_t begin,
                                       int64_t end);
  void (*residual_norm_gradient_bfloat16)(const ResidualNorm<uint16_t>&,
                                          const ResidualNormGradient<uint16_t>&, int64_t begin,
                                          int64_t end);

  /// y = dropout(relu(y + bias)) in place; the gradient needs only that y, which is positive
  /// exactly where the element was both active and kept.
  void (*bias_relu_float)(const Mask&, const float* bias, float* y, int64_t width, int64_t begin,
                          int64_t end);
  void (*bias_relu_bfloat16)(const Mask&, const float* bias, uint16_t* y, int64_t width,
                             int64_t begin, int64_t end);
  void (*bias_relu_gradient_float)(float scale, const float* y, const float* d_y, float* d_x,
                                   float* d_bias, int64_t width, int64_t begin, int64_t end);
  void (*bias_relu_gradient_bfloat16)(float scale, const uint16_t* y, const uint16_t* d_y,
                                      uint16_t* d_x, float* d_bias, int64_t width, int64_t begin,
                                      int64_t end);

  void (*softmax_float)(const SoftmaxDropout<float>&, const float* scores, float* dropped,
                        float* scratch, int64_t begin, int64_t end);
  void (*softmax_bfloat16)(const SoftmaxDropout<uint16_t>&, const uint16_t* scores,
                           uint16_t* dropped, float* scratch, int64_t begin, int64_t end);
  void (*softmax_gradient_float)(const SoftmaxDropout<float>&, const float* d_dropped,
                                 float* d_scores, float* scratch, int64_t begin, int64_t end);
  void (*softmax_gradient_bfloat16)(const SoftmaxDropout<uint16_t>&, const uint16_t* d_dropped,
                                    uint16_t* d_scores, float* scratch, int64_t begin, int64_t end);
};

/// Instruction sets that have a table of their own.
enum class InstructionSet { kBaseline, kAvx2, kAvx512 };

/// The table for one instruction set; null when this build or this processor lacks it.
const Table* table(InstructionSet set);

/// The best table that this processor can run.
const Table& best();

}  // namespace vqalign::kernels
