#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vqalign {

// Text as the evaluator's language, Python, sees it. Bytes that are no UTF-8 stand for themselves.

/// The code point that starts at `position`, which moves behind it; `position` must lie inside.
char32_t next_code_point(std::string_view text, std::size_t& position);
void append_code_point(std::string& text, char32_t code_point);

/// Bytes of the well-formed UTF-8 sequence (RFC 3629) that `text`, which is not empty, starts with;
/// 0 when it starts with none.
std::size_t sequence_length(std::string_view text);
/// Whether all of it is well-formed UTF-8.
bool is_utf8(std::string_view text);

/// Python's str.isspace: what split() and strip() go by.
bool is_white_space(char32_t code_point);
/// A decimal digit of any script: the \d of Python's regular expressions.
bool is_decimal_digit(char32_t code_point);

/// str.lower(): a capital sigma at the end of a word becomes the small one that stands there.
std::string lower_case(std::string_view text);
/// str.strip()
std::string_view strip(std::string_view text);

/// Calls visit(word) for each of str.split()'s words.
template <typename Visit>
void for_each_word(std::string_view text, Visit visit) {
  std::size_t start = 0;
  std::size_t position = 0;
  while (position < text.size()) {
    const std::size_t here = position;
    if (!is_white_space(next_code_point(text, position))) continue;
    if (here > start) visit(text.substr(start, here - start));
    start = position;
  }
  if (text.size() > start) visit(text.substr(start));
}

}  // namespace vqalign
