#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vqalign {

/// Texts, each kept once and known by a code: what makes a table of 200,000 questions quick to
/// filter and sort, as words are looked for and texts compared once for each different text and
/// numbers for each row.
class TextPool {
 public:
  using Code = uint32_t;
  static constexpr Code kEmpty = 0;  ///< the code of ""

  TextPool();
  TextPool(TextPool&&) = default;
  TextPool& operator=(TextPool&&) = default;

  Code add(std::string_view text);
  const std::string& text(Code code) const { return *texts_[code]; }
  std::size_t size() const { return texts_.size(); }
  /// For each code whether its text holds `lower_word` (in lower case) anywhere, in any case.
  std::vector<char> holding(std::string_view lower_word) const;
  /// For each code its text's place in the alphabet, regardless of case. Kept until a text comes
  /// that is new.
  const std::vector<uint32_t>& ranks() const;

 private:
  std::unordered_map<std::string, Code> codes_;
  std::vector<const std::string*> texts_;  // keys of codes_, which never move
  std::vector<std::string> lower_;
  mutable std::vector<uint32_t> ranks_;
};

}  // namespace vqalign
