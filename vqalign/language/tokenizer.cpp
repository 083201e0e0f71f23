#include "vqalign/language/tokenizer.h"

#include <cassert>

namespace vqalign {
namespace {

/// Python's str.split() in UTF-8; the longest is three bytes.
constexpr std::string_view kSpaces[] = {" ",      "\t",     "\n",     "\v",     "\f",     "\r",
                                        "\x1c",   "\x1d",   "\x1e",   "\x1f",   "\u0085", "\u00a0",
                                        "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004",
                                        "\u2005", "\u2006", "\u2007", "\u2008", "\u2009", "\u200a",
                                        "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};

/// Bytes of the separator that `text` starts with, 0 when it starts with none.
std::size_t separator_length(std::string_view text) {
  const char first = text.front();
  if (first == '-' || first == '/') return 1;
  if (first > ' ' && first < '\x7f') return 0;
  for (const std::string_view space : kSpaces) {
    if (text.starts_with(space)) return space.size();
  }
  return 0;
}

bool is_deleted(char c) {
  constexpr std::string_view kDeleted = ".,'!?\"()*#:;";
  return kDeleted.find(c) != std::string_view::npos;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

std::vector<std::string> tokenize(std::string_view question) {
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  while (!question.empty()) {
    const std::size_t separator = separator_length(question);
    if (separator > 0) {
      finish();
      question.remove_prefix(separator);
      continue;
    }
    if (!is_deleted(question.front())) word += lower(question.front());
    question.remove_prefix(1);
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
