#include "vqalign/language/question_encoder.h"

#include <torch/torch.h>

#include <cassert>

namespace vqalign {

QuestionEncoderImpl::QuestionEncoderImpl(int64_t words, int64_t word_width, int64_t hidden) {
  embedding = register_module("embedding", torch::nn::Embedding(words, word_width));
  lstm = register_module(
      "lstm", torch::nn::LSTM(torch::nn::LSTMOptions(word_width, hidden).batch_first(true)));
}

torch::Tensor QuestionEncoderImpl::forward(const torch::Tensor& tokens) {
  assert(tokens.dim() == 2 && tokens.size(1) > 0);
  return std::get<0>(lstm(embedding(tokens)));
}

}  // namespace vqalign
