#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/core/options.h"

namespace vqalign {

/// How questions become word states: option group "language".
struct LanguageOptions {
  /// "lstm": words that training finds, read from left to right. "minilm": pieces of words, read
  /// by a BERT that was trained on other texts (bert.h).
  std::string encoder = "lstm";
  /// Of a pretrained encoder: its weights (.safetensors) with vocab.txt beside them, or the folder
  /// that has them as model.safetensors; empty: those that scripts/setup --pretrained fetches.
  std::string weights;
  /// Whether training changes a pretrained encoder too (at train.language_rate), or leaves it as it
  /// is.
  bool tune = false;
  /// Sizes of the pretrained encoder, which its weights must have: layers, width of a state, heads
  /// of a layer, width inside the feed-forward, longest sentence. The defaults are those of
  /// all-MiniLM-L6-v2. (How many heads there are no weight tells.)
  int64_t layers = 6;
  int64_t width = 384;
  int64_t heads = 12;
  int64_t feed_forward = 1536;
  int64_t positions = 512;
  /// Width of a word vector.
  int64_t word_width = 300;
  /// Words of a question, or pieces, beyond this many are cut off.
  int64_t max_tokens = 14;
  /// A file of word vectors (GloVe's text form) that the embedding starts from; empty: random.
  std::string vectors;
  /// Whether a linear map of a word's vector is added to its LSTM state, which binds words to
  /// regions several times sooner in a training from nothing; the reference has no such thing.
  bool shortcut = false;
  /// Words that appear fewer times in the training questions are unknown words.
  int64_t minimum_count = 1;

  std::vector<OptionField> fields();
  /// Whether the encoder was trained on other texts before.
  bool pretrained() const { return encoder != "lstm"; }
  /// UsageError where options contradict each other.
  void check() const;
};

}  // namespace vqalign
