#pragma once

#include <compare>
#include <cstdint>

namespace vqalign {

/// Which attention: words to words, regions to regions, regions (queries) to words (keys).
enum class AttentionFamily { kQuestionSelf, kImageSelf, kGuided };

/// "question_self", "image_self", "guided": the names used in options, tables and JSON.
const char* family_name(AttentionFamily family);

/// One head of a co-attention stack; layers and heads count from 0.
struct HeadSite {
  AttentionFamily family = AttentionFamily::kQuestionSelf;
  int64_t layer = 0;
  int64_t head = 0;

  auto operator<=>(const HeadSite&) const = default;
};

}  // namespace vqalign
