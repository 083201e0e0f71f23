#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/core/options.h"

namespace vqalign {

/// How questions become word states: option group "language".
struct LanguageOptions {
  /// Width of a word vector.
  int64_t word_width = 300;
  /// Words of a question beyond this many are cut off.
  int64_t max_tokens = 14;
  /// A file of word vectors (GloVe's text form) that the embedding starts from; empty: random.
  std::string vectors;
  /// Whether a linear map of a word's vector is added to its LSTM state, which binds words to
  /// regions several times sooner in a training from nothing; the reference has no such thing.
  bool shortcut = false;
  /// Words that appear fewer times in the training questions are unknown words.
  int64_t minimum_count = 1;

  std::vector<OptionField> fields();
};

}  // namespace vqalign
