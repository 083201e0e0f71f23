#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace vqalign {

inline constexpr int64_t kMostSeverity = 5;

/// What a test of robustness does to a model's input: a kind, by its name, and how much of it.
/// vision/corruption.h has kinds for pictures, language/question_attack.h for questions.
struct Harm {
  std::string kind;      ///< empty: none
  int64_t severity = 0;  ///< 0: none; 1 to kMostSeverity

  bool any() const { return !kind.empty() && severity > 0; }
  /// "blur:3"
  std::string text() const { return kind + ":" + std::to_string(severity); }
};

/// "blur:3" as `option` of a command line has it. UsageError naming the option where the text has
/// another form, the severity is none of 1 to kMostSeverity, or the kind is none of `kinds`.
Harm parse_harm(std::string_view text, const std::vector<std::string>& kinds,
                std::string_view option);

/// UsageError naming the option, the kind and the nearest of `kinds` unless it is one of these.
void check_harm_kind(const std::string& kind, const std::vector<std::string>& kinds,
                     std::string_view option);

}  // namespace vqalign
