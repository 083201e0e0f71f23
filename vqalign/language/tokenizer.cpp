#include "vqalign/language/tokenizer.h"

#include <cassert>
#include <utility>

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

namespace {

/// Before a plain vocabulary's own words.
const std::vector<std::string> kSpecialWords = {"PAD", "UNK"};

class PlainWords : public TokenRule {
 public:
  std::vector<QuestionToken> read(std::string_view question,
                                  const Vocabulary& vocabulary) const override {
    std::vector<QuestionToken> tokens;
    for (std::string& word : tokenize(question)) {
      const int64_t id = vocabulary.id(word);
      tokens.push_back({std::move(word), id});
    }
    return tokens;
  }
};

std::vector<std::string> behind_special(const std::vector<std::string>& words) {
  std::vector<std::string> entries = kSpecialWords;
  entries.insert(entries.end(), words.begin(), words.end());
  return entries;
}

}  // namespace

Vocabulary::Vocabulary() : Vocabulary(std::vector<std::string>{}) {}

Vocabulary::Vocabulary(const std::vector<std::string>& words)
    : words_(behind_special(words)),
      own_from_(kSpecialWords.size()),
      rule_(std::make_shared<PlainWords>()) {
  number_words();
}

Vocabulary::Vocabulary(std::vector<std::string> entries, int64_t unknown,
                       std::shared_ptr<const TokenRule> rule)
    : words_(std::move(entries)), unknown_(unknown), rule_(std::move(rule)) {
  number_words();
}

void Vocabulary::number_words() {
  for (std::size_t id = own_from_; id < words_.size(); ++id) {
    [[maybe_unused]] const bool added = ids_.emplace(words_[id], static_cast<int64_t>(id)).second;
    assert(added && "a vocabulary names a word once");
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

std::vector<std::string> Vocabulary::own_words() const {
  return {words_.begin() + static_cast<std::ptrdiff_t>(own_from_), words_.end()};
}

int64_t Vocabulary::id(const std::string& word) const {
  const auto found = ids_.find(word);
  return found == ids_.end() ? unknown_ : found->second;
}

std::vector<QuestionToken> Vocabulary::read(std::string_view question) const {
  return rule_->read(question, *this);
}

std::vector<int64_t> Vocabulary::encode(std::string_view question, int64_t max_tokens) const {
  std::vector<int64_t> ids;
  for (const QuestionToken& token : read(question)) {
    if (static_cast<int64_t>(ids.size()) == max_tokens) break;
    ids.push_back(token.id);
  }
  return ids;
}

}  // namespace vqalign
