#include "vqalign/core/image_id.h"

#include <charconv>

namespace vqalign {

std::optional<int64_t> image_id_of(std::string_view stem) {
  constexpr std::string_view kDigits = "0123456789";
  const std::size_t last = stem.find_last_of(kDigits);
  if (last == std::string_view::npos) return std::nullopt;
  const std::size_t before = stem.find_last_not_of(kDigits, last);
  const std::size_t first = before == std::string_view::npos ? 0 : before + 1;
  int64_t id = 0;
  const auto [stopped, error] = std::from_chars(stem.data() + first, stem.data() + last + 1, id);
  if (error != std::errc()) return std::nullopt;
  return id;
}

}  // namespace vqalign
