#pragma once

#include <array>
#include <vector>

#include "vqalign/core/unicode_tables.h"

namespace vqalign::detail {

/// Code points first .. last, which all become `to`, or, with a step of 1, to, to + 1, ... .
struct PlainRange {
  char32_t first;
  char32_t last;
  char32_t to;
  uint32_t step;
};

/// A code point that becomes two or three others; the unused one is 0.
struct Parts {
  char32_t code;
  std::array<char32_t, 3> to;
};

// What BERT's tokenizer makes of code points; all in order, in none of them is Hangul.
extern const std::vector<CodePointRange> kDroppedRanges;      ///< controls, marks without width
extern const std::vector<CodePointRange> kIdeographRanges;    ///< each is a word
extern const std::vector<CodePointRange> kPunctuationRanges;  ///< beyond ASCII; each is a word
extern const std::vector<PlainRange> kPlainRanges;  ///< where it is not the lower case alone
extern const std::vector<Parts> kParts;
extern const std::vector<char32_t> kIdeographsF900;   ///< of U+F900 and what follows it
extern const std::vector<char32_t> kIdeographs2F800;  ///< of U+2F800 and what follows it

}  // namespace vqalign::detail
