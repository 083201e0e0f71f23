#include "vqalign/language/word_piece.h"

#include <algorithm>
#include <unordered_map>

#include "vqalign/core/error.h"
#include "vqalign/core/json.h"
#include "vqalign/core/unicode.h"
#include "vqalign/language/word_piece_tables.h"

namespace vqalign {
namespace {

constexpr const char* kPadEntry = "[PAD]";
constexpr const char* kUnknownEntry = "[UNK]";
constexpr std::string_view kGoesOn = "##";
constexpr std::size_t kLongestWord = 100;
constexpr char32_t kPastUnicode = 0x110000;

bool is_dropped(char32_t code) {
  const bool no_text = code >= kPastUnicode || (code >= 0xD800 && code < 0xE000) || code == 0xFFFD;
  return no_text || detail::is_in(detail::kDroppedRanges, code);
}

bool is_mark(char32_t code) {
  if (code >= 0x80) return detail::is_in(detail::kPunctuationRanges, code);
  const bool letter =
      (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
  return code > ' ' && code < 0x7F && !letter;
}

/// The last of the table's entries that begins at or before `code`, or null.
template <typename Entry>
const Entry* entry_before(const std::vector<Entry>& table, char32_t code, char32_t Entry::*first) {
  const auto after =
      std::upper_bound(table.begin(), table.end(), code,
                       [first](char32_t value, const Entry& e) { return value < e.*first; });
  return after == table.begin() ? nullptr : &*(after - 1);
}

std::u32string one(uint32_t code) {
  return std::u32string(1, static_cast<char32_t>(code));
}

/// A syllable of Hangul as its letters (Unicode, 3.12).
std::u32string letters_of_syllable(char32_t code) {
  const char32_t index = code - 0xAC00;
  std::u32string letters = one(0x1100 + index / 588) + one(0x1161 + index % 588 / 28);
  return index % 28 == 0 ? letters : letters + one(0x11A7 + index % 28);
}

/// A code point without accents, in lower case.
std::u32string plain(char32_t code) {
  if (code < 0x80) return one(code >= 'A' && code <= 'Z' ? code + ('a' - 'A') : code);
  if (code >= 0xAC00 && code <= 0xD7A3) return letters_of_syllable(code);
  for (const auto& [first, table] : {std::pair{char32_t{0xF900}, &detail::kIdeographsF900},
                                     {char32_t{0x2F800}, &detail::kIdeographs2F800}}) {
    if (code >= first && code < first + table->size()) return one((*table)[code - first]);
  }
  const auto* range = entry_before(detail::kPlainRanges, code, &detail::PlainRange::first);
  if (range && code <= range->last) return one(range->to + range->step * (code - range->first));
  const auto* parts = entry_before(detail::kParts, code, &detail::Parts::code);
  if (parts && code == parts->code) {
    std::u32string all(parts->to.begin(), parts->to.end());
    if (all.back() == 0) all.pop_back();
    return all;
  }
  std::string text;
  append_code_point(text, code);
  const std::string lowered = lower_case(text);
  std::size_t position = 0;
  return one(next_code_point(lowered, position));
}

std::size_t characters_in(std::string_view word) {
  return static_cast<std::size_t>(std::count_if(word.begin(), word.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

bool begins_character(std::string_view word, std::size_t position) {
  return position == word.size() || (static_cast<unsigned char>(word[position]) & 0xC0) != 0x80;
}

class WordPieces : public TokenRule {
 public:
  std::vector<QuestionToken> read(std::string_view question,
                                  const Vocabulary& vocabulary) const override {
    std::vector<QuestionToken> tokens;
    for (const std::string& word : bert_words(question)) {
      const std::size_t before = tokens.size();
      if (characters_in(word) <= kLongestWord && add_pieces(word, vocabulary, tokens)) continue;
      tokens.resize(before);
      tokens.push_back({word, vocabulary.unknown()});
    }
    return tokens;
  }

 private:
  /// Whether the vocabulary has pieces for all of the word.
  static bool add_pieces(std::string_view word, const Vocabulary& vocabulary,
                         std::vector<QuestionToken>& tokens) {
    for (std::size_t start = 0; start < word.size();) {
      std::size_t end = word.size();
      int64_t id = vocabulary.unknown();
      for (; end > start; --end) {
        if (!begins_character(word, end)) continue;
        std::string entry(start > 0 ? kGoesOn : std::string_view());
        id = vocabulary.id(entry.append(word, start, end - start));
        if (id != vocabulary.unknown()) break;
      }
      if (end == start) return false;
      tokens.push_back({concat(start > 0 ? "-" : "", word.substr(start, end - start)), id});
      start = end;
    }
    return true;
  }
};

std::string shown_entry(const std::string& entry) {
  return Json(entry).dump();
}

}  // namespace

std::vector<std::string> bert_words(std::string_view question) {
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t position = 0; position < question.size();) {
    const char32_t code = next_code_point(question, position);
    if (is_dropped(code)) continue;
    if (is_white_space(code)) {
      finish();
      continue;
    }
    const bool ideograph = detail::is_in(detail::kIdeographRanges, code);
    if (ideograph) finish();
    for (const char32_t letter : plain(code)) {
      const bool alone = is_mark(letter);
      if (alone) finish();
      append_code_point(word, letter);
      if (alone) finish();
    }
    if (ideograph) finish();
  }
  finish();
  return words;
}

Vocabulary word_piece_vocabulary(std::vector<std::string> entries, const std::string& where) {
  std::unordered_map<std::string_view, std::size_t> ids;
  for (std::size_t id = 0; id < entries.size(); ++id) {
    if (entries[id].empty()) fail(where, ": entry ", id, " is empty");
    const auto [before, added] = ids.emplace(entries[id], id);
    if (!added) {
      fail(where, ": ", shown_entry(entries[id]), " is both entry ", before->second, " and ", id);
    }
  }
  for (const char* needed : {kPadEntry, kUnknownEntry, kSentenceBegin, kSentenceEnd}) {
    if (!ids.contains(needed)) {
      fail(where, ": has no ", needed, " among its ", entries.size(),
           " entries: it is no vocabulary of word pieces as BERT has them");
    }
  }
  const std::size_t padding = ids.at(kPadEntry);
  if (padding != 0) fail(where, ": [PAD] must be entry 0, it is ", padding);
  const auto unknown = static_cast<int64_t>(ids.at(kUnknownEntry));
  return {std::move(entries), unknown, std::make_shared<WordPieces>()};
}

Vocabulary make_vocabulary(const LanguageOptions& options, std::vector<std::string> own_words,
                           const std::string& where) {
  return options.pretrained() ? word_piece_vocabulary(std::move(own_words), where)
                              : Vocabulary(own_words);
}

}  // namespace vqalign
