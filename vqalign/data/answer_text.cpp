// The string steps of the official evaluator.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "vqalign/core/unicode.h"
#include "vqalign/data/accuracy.h"
#include "vqalign/data/contractions.h"

namespace vqalign {
namespace {

constexpr std::string_view kPunctuation = ";/[]\"{}()=+\\_-><@`,?!";
/// The evaluator passes re.UNICODE, whose value is 32, where re.sub expects the largest count.
constexpr int kMostPeriodsRemoved = 32;

using CharacterSet = std::array<bool, 256>;

constexpr CharacterSet make_set(std::string_view characters) {
  CharacterSet set{};
  for (const char c : characters) set[static_cast<unsigned char>(c)] = true;
  return set;
}

constexpr CharacterSet kIsPunctuation = make_set(kPunctuation);

bool contains(const CharacterSet& set, char c) {
  return set[static_cast<unsigned char>(c)];
}

bool digit_at(std::string_view text, std::size_t position) {
  return position < text.size() && is_decimal_digit(next_code_point(text, position));
}

bool digit_before(std::string_view text, std::size_t position) {
  if (position == 0) return false;
  std::size_t start = position - 1;
  while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
  return digit_at(text, start);
}

/// Which punctuation is deleted rather than made a space: decided on the text as it came.
CharacterSet deleted_punctuation(std::string_view text) {
  CharacterSet deleted{};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!contains(kIsPunctuation, text[i])) continue;
    if (text[i] == ',' && digit_before(text, i) && digit_at(text, i + 1)) {
      return kIsPunctuation;
    }
    const bool beside_space =
        (i > 0 && text[i - 1] == ' ') || (i + 1 < text.size() && text[i + 1] == ' ');
    if (beside_space) deleted[static_cast<unsigned char>(text[i])] = true;
  }
  return deleted;
}

void remove_periods(std::string& text) {
  std::size_t kept = 0;
  int removed = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && removed < kMostPeriodsRemoved && !digit_at(text, i + 1)) {
      ++removed;
    } else {
      text[kept++] = text[i];
    }
  }
  text.resize(kept);
}

using WordMap = std::unordered_map<std::string_view, std::string_view>;

/// Number words and contractions; no word is in both tables, nor what one makes in the other.
const WordMap& replacements() {
  static const WordMap map = [] {
    WordMap words = {{"none", "0"},  {"zero", "0"},  {"one", "1"},  {"two", "2"},
                     {"three", "3"}, {"four", "4"},  {"five", "5"}, {"six", "6"},
                     {"seven", "7"}, {"eight", "8"}, {"nine", "9"}, {"ten", "10"}};
    words.insert(detail::kContractions.begin(), detail::kContractions.end());
    return words;
  }();
  return map;
}

}  // namespace

std::string process_punctuation(std::string_view text) {
  const CharacterSet deleted = deleted_punctuation(text);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (!contains(kIsPunctuation, c)) {
      out += c;
    } else if (!contains(deleted, c)) {
      out += ' ';
    }
  }
  remove_periods(out);
  return out;
}

std::string process_digit_article(std::string_view text) {
  const std::string lowered = lower_case(text);
  std::string out;
  out.reserve(lowered.size() + 2);
  bool first = true;
  for_each_word(lowered, [&](std::string_view word) {
    if (word == "a" || word == "an" || word == "the") return;
    const auto replacement = replacements().find(word);
    if (!first) out += ' ';
    first = false;
    out += replacement == replacements().end() ? word : replacement->second;
  });
  return out;
}

std::string normalise_answer(std::string_view answer) {
  // The reference deletes remaining commas here; none can remain, a comma is punctuation.
  return process_digit_article(process_punctuation(answer));
}

}  // namespace vqalign
