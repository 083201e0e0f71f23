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
  /// Words that appear fewer times in the training questions are unknown words.
  int64_t minimum_count = 1;

  std::vector<OptionField> fields();
};

}  // namespace vqalign
