#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace vqalign {

/// Which attention: words to words, regions to regions, regions (queries) to words (keys); words to
/// words inside a pretrained encoder of questions (language/bert.h), which not every model has.
enum class AttentionFamily { kQuestionSelf, kImageSelf, kGuided, kQuestionPretrained };

inline constexpr std::array kAllFamilies = {AttentionFamily::kQuestionSelf,
                                            AttentionFamily::kImageSelf, AttentionFamily::kGuided,
                                            AttentionFamily::kQuestionPretrained};

/// "question_self", "image_self", "guided", "question_pretrained": the names used in options,
/// tables and JSON.
const char* family_name(AttentionFamily family);
/// The family of that name, or nothing.
std::optional<AttentionFamily> family_of(std::string_view name);

/// How many heads a family has in a model; no layers where the model has no such attention.
struct FamilyShape {
  int64_t layers = 0;
  int64_t heads = 0;  ///< of a layer

  bool operator==(const FamilyShape&) const = default;
};

/// One head; layers and heads count from 0 in each family.
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
