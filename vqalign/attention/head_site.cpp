#include "vqalign/attention/head_site.h"

#include <cassert>
#include <charconv>

namespace vqalign {
namespace {

std::optional<int64_t> place_of(std::string_view digits) {
  int64_t place = 0;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, place);
  if (error != std::errc() || stop != end || place < 0) return {};
  return place;
}

}  // namespace

const char* family_name(AttentionFamily family) {
  switch (family) {
    case AttentionFamily::kQuestionSelf:
      return "question_self";
    case AttentionFamily::kImageSelf:
      return "image_self";
    case AttentionFamily::kGuided:
      return "guided";
    case AttentionFamily::kQuestionPretrained:
      return "question_pretrained";
  }
  assert(false && "unknown attention family");
  return "";
}

std::optional<AttentionFamily> family_of(std::string_view name) {
  for (const AttentionFamily family : kAllFamilies) {
    if (name == family_name(family)) return family;
  }
  return {};
}

std::string site_text(const HeadSite& site) {
  return std::string(family_name(site.family)) + ":" + std::to_string(site.layer) + ":" +
         std::to_string(site.head);
}

std::optional<HeadSite> parse_site(std::string_view text) {
  const std::size_t first = text.find(':'), last = text.rfind(':');
  if (first == std::string_view::npos || first == last) return {};
  const auto family = family_of(text.substr(0, first));
  const auto layer = place_of(text.substr(first + 1, last - first - 1));
  const auto head = place_of(text.substr(last + 1));
  if (!family || !layer || !head) return {};
  return HeadSite{*family, *layer, *head};
}

}  // namespace vqalign
