#pragma once

#include <torch/types.h>

#include <cstdint>

namespace vqalign {

/// Where a training step's dropout masks come from: Philox4x32-10 keyed by the seed, the counter
/// made of the step's stream number and the element's index. Each call of dropout() takes the next
/// stream, so a mask is a pure function of (seed, stream, element): the same for any thread count
/// and on the CPU and CUDA, recomputed in the backward pass instead of stored, and resumable by
/// restoring two integers.
///
/// Passes over the same input may share a batch, one behind the other (of_passes()): what is
/// dropped then consists of as many equal parts, row-major, and part p has the mask that pass
/// first + p has alone. A pass's streams begin at pass * kPassStride, those of training at 0.
class DropoutStreams {
 public:
  static constexpr uint64_t kPassStride = uint64_t{1} << 40;

  explicit DropoutStreams(uint64_t seed = 1, uint64_t next = 0) : seed_(seed), next_(next) {}
  /// For passes first .. first + count - 1 in one batch, without gradients.
  static DropoutStreams of_passes(uint64_t seed, int64_t first, int64_t count) {
    DropoutStreams streams(seed, static_cast<uint64_t>(first) * kPassStride);
    streams.passes_ = count;
    return streams;
  }

  uint64_t seed() const { return seed_; }
  uint64_t next() const { return next_; }
  /// The stream of the first pass; part p has that + p * kPassStride.
  uint64_t take() { return next_++; }
  int64_t passes() const { return passes_; }

 private:
  uint64_t seed_;
  uint64_t next_;
  int64_t passes_ = 1;
};

/// Inverted dropout: each element is zeroed with probability `rate`, the others are divided by
/// (1 - rate). `input` is floating point of any shape and strides. On the CPU element i (row-major)
/// is kept when its Philox word is at least rate * 2^32: word w of counter 16 b + l, where
/// i = 64 b + 16 w + l. Other devices draw the mask with LibTorch's generator for them, seeded from
/// (seed, stream). The backward pass is right once; there is no second derivative.
/// rate 0 returns the input itself and takes no stream; rate outside [0, 1) asserts.
torch::Tensor dropout(const torch::Tensor& input, double rate, DropoutStreams& streams);

/// The same of an input that is alike in every pass of the streams: [..] to [passes, ..], as
/// dropout() has it of the input repeated. Without gradients; for rates above 0.
torch::Tensor dropout_in_each_pass(const torch::Tensor& input, double rate,
                                   DropoutStreams& streams);

}  // namespace vqalign
