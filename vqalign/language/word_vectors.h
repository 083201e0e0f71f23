#pragma once

#include <torch/types.h>

#include <filesystem>

#include "vqalign/language/tokenizer.h"

namespace vqalign {

struct WordVectors {
  torch::Tensor vectors;  ///< float32 [vocabulary size, d]; rows of words not in the file are 0
  int64_t found = 0;      ///< how many words had a vector
};

/// Reads GloVe's text form: a word and d numbers a line, separated by spaces, d being the first
/// line's. Only the rows that `vocabulary` needs are read as numbers (of two with the same word,
/// the first), all lines are counted; a word may itself hold spaces, as some of glove.840B do.
/// Error naming the file and the line: wrong count of numbers, no number, not finite, empty file.
WordVectors read_word_vectors(const std::filesystem::path& path, const Vocabulary& vocabulary);

}  // namespace vqalign
