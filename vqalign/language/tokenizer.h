#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vqalign {

/// The reference's tokenizer: lower case, the characters . , ' ! ? " ( ) * # : ; deleted, - and /
/// made spaces, split on white space (Unicode's too, as Python splits). "What's up/down?" gives
/// whats, up, down. Other UTF-8, and bytes that are none, pass through.
std::vector<std::string> tokenize(std::string_view question);

/// What a model reads at one place of a question.
struct QuestionToken {
  std::string text;  ///< for people; of an unknown word the word itself
  int64_t id = 0;
};

class Vocabulary;

/// Cuts questions into entries of a vocabulary: whole words, or pieces of them.
class TokenRule {
 public:
  virtual ~TokenRule() = default;
  virtual std::vector<QuestionToken> read(std::string_view question,
                                          const Vocabulary& vocabulary) const = 0;
};

/// What questions are made of, and the ids of it: 0 is padding, which no question holds, in every
/// vocabulary. The plain one has words: 1 is an unknown word, then come the words in order; words()
/// shows the two as "PAD" and "UNK", which no question can spell: its words are lower case. Another
/// rule has entries of its own (word_piece.h).
class Vocabulary {
 public:
  static constexpr int64_t kPadding = 0;
  static constexpr int64_t kUnknown = 1;  ///< of plain words

  Vocabulary();
  /// `words` without the two special entries; duplicates assert.
  explicit Vocabulary(const std::vector<std::string>& words);
  /// All of its entries, padding first, and which of them stands for what is unknown.
  Vocabulary(std::vector<std::string> entries, int64_t unknown,
             std::shared_ptr<const TokenRule> rule);

  /// Words of the questions in order of first appearance, without those that appear fewer than
  /// `minimum_count` times: training then meets unknown words, and learns a vector for them.
  static Vocabulary from_questions(const std::vector<std::string>& questions,
                                   int64_t minimum_count = 1);

  std::size_t size() const { return words_.size(); }  ///< with padding and unknown
  const std::vector<std::string>& words() const { return words_; }
  /// What tells it from others of its kind: without the two entries that all plain ones have.
  std::vector<std::string> own_words() const;
  int64_t unknown() const { return unknown_; }
  int64_t id(const std::string& word) const;  ///< unknown() when it is not there

  /// A question's tokens; may be empty.
  std::vector<QuestionToken> read(std::string_view question) const;
  /// Ids of a question's tokens, cut to `max_tokens`; may be empty.
  std::vector<int64_t> encode(std::string_view question, int64_t max_tokens) const;

 private:
  void number_words();

  std::vector<std::string> words_;
  std::size_t own_from_ = 0;
  std::unordered_map<std::string, int64_t> ids_;
  int64_t unknown_ = kUnknown;
  std::shared_ptr<const TokenRule> rule_;
};

}  // namespace vqalign
