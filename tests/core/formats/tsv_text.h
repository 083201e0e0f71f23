#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace vqalign::testing_files {

/// Base64 by the book, bit by bit.
inline std::string base64_text(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  unsigned value = 0;
  int bits = 0;
  for (const char c : bytes) {
    value = value << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) text += kDigits[value >> (bits - 6) & 63];
  }
  if (bits > 0) text += kDigits[value << (6 - bits) & 63];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

inline std::string base64_floats(const std::vector<float>& values) {
  return base64_text({reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float)});
}

}  // namespace vqalign::testing_files
