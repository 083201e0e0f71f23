#include "vqalign/core/unicode.h"

#include <algorithm>

#include "vqalign/core/unicode_tables.h"

namespace vqalign {

bool detail::is_in(const std::vector<CodePointRange>& ranges, char32_t code) {
  const auto after = std::upper_bound(
      ranges.begin(), ranges.end(), code,
      [](char32_t value, const CodePointRange& range) { return value < range.first; });
  return after != ranges.begin() && code <= (after - 1)->last;
}

namespace {

/// Invalid bytes are mapped here, beyond Unicode, so that they can be told from characters.
constexpr char32_t kByteBase = 0x200000;

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

char32_t lower_code_point(char32_t code) {
  const auto& ranges = detail::kLowerCaseRanges;
  const auto after = std::upper_bound(
      ranges.begin(), ranges.end(), code,
      [](char32_t value, const detail::LowerCaseRange& range) { return value < range.first; });
  if (after == ranges.begin()) return code;
  const detail::LowerCaseRange& range = *(after - 1);
  if (code > range.last || (code - range.first) % range.step != 0) return code;
  return static_cast<char32_t>(static_cast<int32_t>(code) + range.delta);
}

/// The code point that ends before `position`, which moves to its start; not at the text's start.
char32_t previous_code_point(std::string_view text, std::size_t& position) {
  const std::size_t end = position--;
  while (position > 0 && end - position < 4 && (byte_at(text, position) & 0xC0) == 0x80) --position;
  std::size_t stop = position;
  const char32_t code = next_code_point(text, stop);
  if (stop == end) return code;
  position = end - 1;
  return kByteBase + byte_at(text, position);
}

/// Whether the capital sigma at `start` .. `end` - 1 ends a word, as Python decides it: the nearest
/// character before it is cased, the nearest one behind it is not, marks that count for nothing
/// left out.
bool ends_word(std::string_view text, std::size_t start, std::size_t end) {
  using detail::is_in;
  const auto ignored = [](char32_t code) { return is_in(detail::kCaseIgnoredRanges, code); };
  const auto cased = [](char32_t code) { return is_in(detail::kCasedRanges, code); };
  char32_t before = ' ';
  while (start > 0 && ignored(before = previous_code_point(text, start))) before = ' ';
  if (!cased(before)) return false;
  char32_t behind = ' ';
  while (end < text.size() && ignored(behind = next_code_point(text, end))) behind = ' ';
  return !cased(behind);
}

}  // namespace

char32_t next_code_point(std::string_view text, std::size_t& position) {
  const unsigned lead = byte_at(text, position++);
  if (lead < 0x80) return lead;
  const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
  if (lead < 0xC2 || lead > 0xF4 || text.size() - position < more) return kByteBase + lead;
  char32_t code = lead & (0x3F >> more);
  for (std::size_t i = 0; i < more; ++i) {
    const unsigned byte = byte_at(text, position + i);
    if ((byte & 0xC0) != 0x80) return kByteBase + lead;
    code = code << 6 | (byte & 0x3F);
  }
  position += more;
  return code;
}

void append_code_point(std::string& text, char32_t code) {
  if (code >= kByteBase) {
    text += static_cast<char>(code - kByteBase);
  } else if (code < 0x80) {
    text += static_cast<char>(code);
  } else if (code < 0x800) {
    text += static_cast<char>(0xC0 | code >> 6);
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    text += static_cast<char>(0xE0 | code >> 12);
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | code >> 18);
    text += static_cast<char>(0x80 | (code >> 12 & 0x3F));
    text += static_cast<char>(0x80 | (code >> 6 & 0x3F));
    text += static_cast<char>(0x80 | (code & 0x3F));
  }
}

bool is_white_space(char32_t code) {
  if (code < 0x80)
    return code == ' ' || (code >= 9 && code <= 13) || (code >= 0x1C && code <= 0x1F);
  return code == 0x85 || code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) ||
         code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

bool is_decimal_digit(char32_t code) {
  if (code < 0x80) return code >= '0' && code <= '9';
  const auto& tens = detail::kDigitTens;
  const auto after = std::upper_bound(tens.begin(), tens.end(), code);
  return after != tens.begin() && code - *(after - 1) < 10;
}

std::string lower_case(std::string_view text) {
  std::string lowered;
  lowered.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    if (byte_at(text, i) < 0x80) {
      const char c = text[i++];
      lowered += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
      continue;
    }
    const std::size_t start = i;
    const char32_t code = next_code_point(text, i);
    // The one letter whose lower case is two code points: i and a dot above.
    if (code == 0x130) {
      lowered += "i\xCC\x87";
    } else if (code == 0x3A3 && ends_word(text, start, i)) {
      lowered += "\xCF\x82";
    } else {
      append_code_point(lowered, lower_code_point(code));
    }
  }
  return lowered;
}

std::size_t sequence_length(std::string_view text) {
  const unsigned lead = byte_at(text, 0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte_at(text, i) & 0xC0U) != 0x80U) return 0;
  }
  const unsigned second = byte_at(text, 1);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool surrogate = lead == 0xED && second >= 0xA0;
  const bool beyond = lead == 0xF4 && second >= 0x90;
  return overlong || surrogate || beyond ? 0 : length;
}

bool is_utf8(std::string_view text) {
  unsigned char bits = 0;
  for (const char c : text) bits |= static_cast<unsigned char>(c);
  if (bits < 0x80) return true;
  while (!text.empty()) {
    const std::size_t length = sequence_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string_view strip(std::string_view text) {
  std::size_t first = text.size();
  std::size_t last = 0;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t here = i;
    if (is_white_space(next_code_point(text, i))) continue;
    first = std::min(first, here);
    last = i;
  }
  return first < last ? text.substr(first, last - first) : std::string_view();
}

}  // namespace vqalign
