#pragma once

#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/rnn.h>
#include <torch/nn/pimpl.h>

#include "vqalign/attention/linear.h"

namespace vqalign {

/// Words to states, as the reference does: embedding, then a one-layer LSTM from a zero state that
/// runs over padding too; every position's output is kept. A model registers `embedding` and `lstm`
/// under these names itself, so that its parameters are called as the reference's are. With a
/// shortcut, which the reference does not have, a linear map of each word's vector is added to its
/// state: what a word means need not be told from what came before it.
class QuestionEncoderImpl : public torch::nn::Module {
 public:
  QuestionEncoderImpl(int64_t words, int64_t word_width, int64_t hidden, bool shortcut = false);

  /// tokens int64 [B, T], T >= 1, ids below `words` -> float32 [B, T, hidden]. On a CPU float32
  /// runs as one fused oneDNN primitive, forward and backward.
  torch::Tensor forward(const torch::Tensor& tokens);

  torch::nn::Embedding embedding = nullptr;
  torch::nn::LSTM lstm = nullptr;
  Linear word_linear = nullptr;  ///< the shortcut; null without it
};
TORCH_MODULE(QuestionEncoder);

}  // namespace vqalign
