#include "vqalign/language/language_options.h"

namespace vqalign {

std::vector<OptionField> LanguageOptions::fields() {
  return {
      {.name = "word_width",
       .target = &word_width,
       .help = "width of a word vector",
       .minimum = 1,
       .maximum = 4096},
      {.name = "max_tokens",
       .target = &max_tokens,
       .help = "words of a question read at most",
       .minimum = 1,
       .maximum = 512},
      {.name = "vectors",
       .target = &vectors,
       .help = "file of word vectors (GloVe's text form) the embedding starts from"},
      {.name = "shortcut",
       .target = &shortcut,
       .help = "whether a word's own vector is added to its state"},
      {.name = "minimum_count",
       .target = &minimum_count,
       .help = "words that appear fewer times in training are unknown",
       .minimum = 1,
       .maximum = 1e9},
  };
}

}  // namespace vqalign
