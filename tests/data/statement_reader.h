#pragma once

#include <algorithm>
#include <cctype>
#include <initializer_list>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace vqalign::test {

using Words = std::vector<std::string>;

/// Reads a sentence from its beginning.
class Reader {
 public:
  explicit Reader(Words words) : words_(std::move(words)) {}

  bool done() const { return at_ == words_.size(); }
  std::string peek() const { return done() ? "" : words_[at_]; }
  std::string next() {
    if (done()) throw std::runtime_error("the statement ends too soon");
    return words_[at_++];
  }
  /// Takes the phrase when it comes next.
  bool take(const std::string& phrase) {
    std::istringstream stream(phrase);
    std::size_t at = at_;
    for (std::string word; stream >> word; ++at) {
      if (at >= words_.size() || words_[at] != word) return false;
    }
    at_ = at;
    return true;
  }
  bool take_any(std::initializer_list<const char*> phrases) {
    return std::any_of(phrases.begin(), phrases.end(), [&](const char* p) { return take(p); });
  }
  /// Drops the phrase from the end when it stands there.
  bool drop(const std::string& phrase) {
    std::istringstream stream(phrase);
    const Words tail{std::istream_iterator<std::string>(stream), {}};
    if (words_.size() < tail.size() || !std::equal(tail.rbegin(), tail.rend(), words_.rbegin())) {
      return false;
    }
    words_.resize(words_.size() - tail.size());
    return true;
  }

 private:
  Words words_;
  std::size_t at_ = 0;
};

/// The sentence in lower case without its closing mark, which it must have.
inline Words words_of(const std::string& statement) {
  std::string text;
  for (const char c : statement) text += static_cast<char>(std::tolower(c));
  if (text.empty() || (text.back() != '.' && text.back() != '?')) {
    throw std::runtime_error("no full stop");
  }
  text.pop_back();
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

}  // namespace vqalign::test
