#include "vqalign/core/harm.h"

#include <algorithm>
#include <charconv>

#include "vqalign/core/error.h"
#include "vqalign/core/options.h"

namespace vqalign {

void check_harm_kind(const std::string& kind, const std::vector<std::string>& kinds,
                     std::string_view option) {
  if (std::find(kinds.begin(), kinds.end(), kind) != kinds.end()) return;
  throw UsageError(concat(option, ": there is no kind \"", kind, "\""),
                   concat("did you mean ", nearest_name(kind, kinds), "?"));
}

Harm parse_harm(std::string_view text, const std::vector<std::string>& kinds,
                std::string_view option) {
  const std::size_t colon = text.find(':');
  Harm harm{std::string(text.substr(0, colon)), 0};
  check_harm_kind(harm.kind, kinds, option);
  const std::string_view number =
      colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  const char* end = number.data() + number.size();
  const auto [stopped, error] = std::from_chars(number.data(), end, harm.severity);
  if (number.empty() || error != std::errc() || stopped != end || harm.severity < 1 ||
      harm.severity > kMostSeverity) {
    throw UsageError(concat(option, " ", text, ": expected ", harm.kind, ":SEVERITY from 1 to ",
                            kMostSeverity, ", found \"", number, "\""));
  }
  return harm;
}

}  // namespace vqalign
