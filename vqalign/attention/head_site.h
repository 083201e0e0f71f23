#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vqalign {

/// Which attention: words to words, regions to regions, regions (queries) to words (keys).
enum class AttentionFamily { kQuestionSelf, kImageSelf, kGuided };

/// "question_self", "image_self", "guided": the names used in options, tables and JSON.
const char* family_name(AttentionFamily family);
/// The family of that name, or nothing.
std::optional<AttentionFamily> family_of(std::string_view name);

/// One head of a co-attention stack; layers and heads count from 0.
struct HeadSite {
  AttentionFamily family = AttentionFamily::kQuestionSelf;
  int64_t layer = 0;
  int64_t head = 0;

  auto operator<=>(const HeadSite&) const = default;
};

/// "guided:2:1", its family, layer and head, for options and files; and back, nothing where the
/// text is none.
std::string site_text(const HeadSite& site);
std::optional<HeadSite> parse_site(std::string_view text);

}  // namespace vqalign
