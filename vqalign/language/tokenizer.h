#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vqalign {

/// The reference's tokenizer: lower case, the characters . , ' ! ? " ( ) * # : ; deleted, - and /
/// made spaces, split on white space (Unicode's too, as Python splits). "What's up/down?" gives
/// whats, up, down. Other UTF-8, and bytes that are none, pass through.
std::vector<std::string> tokenize(std::string_view question);

/// Words and their ids: 0 is padding, 1 an unknown word, then the words in order. words() shows the
/// two as "PAD" and "UNK", which no question can spell: its words are lower case.
class Vocabulary {
 public:
  static constexpr int64_t kPadding = 0;
  static constexpr int64_t kUnknown = 1;

  Vocabulary();
  /// `words` without the two special entries; duplicates assert.
  explicit Vocabulary(const std::vector<std::string>& words);

  /// Words of the questions in order of first appearance, without those that appear fewer than
  /// `minimum_count` times: training then meets unknown words, and learns a vector for them.
  static Vocabulary from_questions(const std::vector<std::string>& questions,
                                   int64_t minimum_count = 1);

  std::size_t size() const { return words_.size(); }  ///< with padding and unknown
  const std::vector<std::string>& words() const { return words_; }
  int64_t id(const std::string& word) const;  ///< kUnknown when it is not there

  /// Ids of a question's words, cut to `max_tokens`; may be empty.
  std::vector<int64_t> encode(std::string_view question, int64_t max_tokens) const;

 private:
  std::vector<std::string> words_;
  std::unordered_map<std::string, int64_t> ids_;
};

}  // namespace vqalign
