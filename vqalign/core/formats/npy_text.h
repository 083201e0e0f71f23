#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace vqalign {

/// NumPy's text arrays: strings of one width, four bytes (little-endian) a character, filled up
/// with zeros.
struct FixedWidthText {
  std::size_t width = 1;  ///< characters of each string, at least 1
  std::string bytes;
};

/// Bytes that are no UTF-8 become U+FFFD.
FixedWidthText fixed_width_from_utf8(const std::vector<std::string>& strings);

/// Strings of `item_bytes` (a multiple of 4) bytes each. Error("`where`: ...") at a number that is
/// no character.
std::vector<std::string> utf8_from_fixed_width(std::string_view bytes, std::size_t item_bytes,
                                               const std::string& where);

}  // namespace vqalign
