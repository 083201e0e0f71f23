#include "vqalign/language/tokenizer.h"

#include <cassert>

#include "vqalign/core/unicode.h"

namespace vqalign {
namespace {

bool is_separator(char32_t code_point) {
  return code_point == U'-' || code_point == U'/' || is_white_space(code_point);
}

bool is_deleted(char32_t code_point) {
  constexpr std::u32string_view kDeleted = U".,'!?\"()*#:;";
  return kDeleted.find(code_point) != std::u32string_view::npos;
}

}  // namespace

std::vector<std::string> tokenize(std::string_view question) {
  const std::string text = lower_case(question);
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t position = 0; position < text.size();) {
    const char32_t code_point = next_code_point(text, position);
    if (is_separator(code_point)) {
      finish();
    } else if (!is_deleted(code_point)) {
      append_code_point(word, code_point);
    }
  }
  finish();
  return words;
}

Vocabulary::Vocabulary() : Vocabulary(std::vector<std::string>{}) {}

Vocabulary::Vocabulary(const std::vector<std::string>& words) : words_{"PAD", "UNK"} {
  for (const std::string& word : words) {
    [[maybe_unused]] const bool added =
        ids_.emplace(word, static_cast<int64_t>(words_.size())).second;
    assert(added && "a vocabulary names a word once");
    words_.push_back(word);
  }
}

Vocabulary Vocabulary::from_questions(const std::vector<std::string>& questions,
                                      int64_t minimum_count) {
  std::vector<std::string> order;
  std::unordered_map<std::string, int64_t> counts;
  for (const std::string& question : questions) {
    for (const std::string& word : tokenize(question)) {
      if (++counts[word] == 1) order.push_back(word);
    }
  }
  std::erase_if(order, [&](const std::string& word) { return counts[word] < minimum_count; });
  return Vocabulary(order);
}

int64_t Vocabulary::id(const std::string& word) const {
  const auto found = ids_.find(word);
  return found == ids_.end() ? kUnknown : found->second;
}

std::vector<int64_t> Vocabulary::encode(std::string_view question, int64_t max_tokens) const {
  std::vector<int64_t> ids;
  for (const std::string& word : tokenize(question)) {
    if (static_cast<int64_t>(ids.size()) == max_tokens) break;
    ids.push_back(id(word));
  }
  return ids;
}

}  // namespace vqalign
