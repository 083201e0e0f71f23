#include "vqalign/core/formats/npy_text.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

bool is_character(char32_t code) {
  return code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF);
}

void append_utf8(std::string& text, char32_t code) {
  if (code < 0x80) {
    text += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr unsigned char kLead[] = {0, 0xC0, 0xE0, 0xF0};
  text += static_cast<char>(kLead[more] | (code >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) text += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3F));
}

/// Takes one character off the front of `text`, which must not be empty.
char32_t take_character(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  if (lead < 0x80) return lead;
  const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < more) return kReplacement;
  char32_t code = lead & (0x3F >> more);
  for (std::size_t i = 0; i < more; ++i) {
    const auto next = static_cast<unsigned char>(text[i]);
    if ((next & 0xC0) != 0x80) return kReplacement;
    code = code << 6 | (next & 0x3F);
  }
  constexpr char32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
  if (code < kSmallest[more] || !is_character(code)) return kReplacement;
  text.remove_prefix(more);
  return code;
}

}  // namespace

FixedWidthText fixed_width_from_utf8(const std::vector<std::string>& strings) {
  std::vector<std::u32string> decoded;
  FixedWidthText result;
  for (std::string_view text : strings) {
    std::u32string& characters = decoded.emplace_back();
    while (!text.empty()) characters += take_character(text);
    result.width = std::max(result.width, characters.size());
  }
  for (std::u32string& characters : decoded) {
    characters.resize(result.width, U'\0');
    for (const char32_t code : characters) {
      for (int i = 0; i < 4; ++i) result.bytes += static_cast<char>(code >> (8 * i));
    }
  }
  return result;
}

std::vector<std::string> utf8_from_fixed_width(std::string_view bytes, std::size_t item_bytes,
                                               const std::string& where) {
  std::vector<std::string> strings;
  while (!bytes.empty()) {
    std::string& text = strings.emplace_back();
    std::size_t zeros = 0;  // Those inside a string count, those at its end are filling.
    for (std::size_t at = 0; at < item_bytes; at += 4) {
      uint32_t code = 0;
      std::memcpy(&code, bytes.data() + at, sizeof code);
      if (code == 0) {
        ++zeros;
        continue;
      }
      if (!is_character(code)) {
        fail(where, ": string ", strings.size(), " holds ", code, ", which is no character");
      }
      text.append(std::exchange(zeros, 0), '\0');
      append_utf8(text, code);
    }
    bytes.remove_prefix(item_bytes);
  }
  return strings;
}

}  // namespace vqalign
