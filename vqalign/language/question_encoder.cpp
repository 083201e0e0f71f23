#include "vqalign/language/question_encoder.h"

#include <torch/nn/modules/embedding.h>
#include <torch/nn/modules/rnn.h>
#include <torch/types.h>

#include <cassert>

#include "vqalign/attention/at_least_float.h"

namespace vqalign {

QuestionEncoderImpl::QuestionEncoderImpl(int64_t words, int64_t word_width, int64_t hidden,
                                         bool shortcut) {
  embedding = register_module("embedding", torch::nn::Embedding(words, word_width));
  lstm = register_module(
      "lstm", torch::nn::LSTM(torch::nn::LSTMOptions(word_width, hidden).batch_first(true)));
  if (shortcut) word_linear = register_module("word_linear", Linear(word_width, hidden));
}

torch::Tensor QuestionEncoderImpl::forward(const torch::Tensor& tokens) {
  assert(tokens.dim() == 2 && tokens.size(1) > 0);
  const torch::Tensor vectors = embedding(tokens);
  const torch::Tensor states = std::get<0>(lstm(vectors));
  return at_least_float(word_linear ? states + word_linear(vectors) : states);
}

}  // namespace vqalign
