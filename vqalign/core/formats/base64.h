#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vqalign {

/// Characters that `bytes` bytes take in base64 (RFC 4648, padded).
constexpr std::size_t base64_length(std::size_t bytes) {
  return (bytes + 2) / 3 * 4;
}

std::string encode_base64(std::string_view bytes);

/// Decodes to exactly `bytes` bytes. False, with `out` in any state, where the text is of another
/// length or holds anything but base64, line breaks included.
bool decode_base64(std::string_view text, void* out, std::size_t bytes);

}  // namespace vqalign
