#include "vqalign/core/formats/base64.h"

#include <array>
#include <cstdint>

namespace vqalign {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// Sets a bit that no sextet reaches wherever it stands, so that one test serves four characters.
constexpr uint32_t kNoSextet = uint32_t{1} << 31;

/// A character's sextet where it stands as the `place`-th of four.
constexpr std::array<uint32_t, 256> sextets(int place) {
  std::array<uint32_t, 256> table{};
  for (uint32_t& entry : table) entry = kNoSextet;
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    table[static_cast<unsigned char>(kAlphabet[i])] = static_cast<uint32_t>(i) << (18 - 6 * place);
  }
  return table;
}

constexpr std::array<std::array<uint32_t, 256>, 4> kSextets = {sextets(0), sextets(1), sextets(2),
                                                               sextets(3)};

uint32_t three_bytes(const char* four) {
  uint32_t joined = 0;
  for (std::size_t i = 0; i < 4; ++i) joined |= kSextets[i][static_cast<unsigned char>(four[i])];
  return joined;
}

}  // namespace

std::string encode_base64(std::string_view bytes) {
  std::string text;
  text.reserve(base64_length(bytes.size()));
  unsigned value = 0;
  int bits = 0;
  for (const char c : bytes) {
    value = value << 8 | static_cast<unsigned char>(c);
    for (bits += 8; bits >= 6; bits -= 6) text += kAlphabet[value >> (bits - 6) & 63];
  }
  if (bits > 0) text += kAlphabet[value << (6 - bits) & 63];
  text.resize(base64_length(bytes.size()), '=');
  return text;
}

bool decode_base64(std::string_view text, void* out, std::size_t bytes) {
  if (text.size() != base64_length(bytes)) return false;
  auto* to = static_cast<unsigned char*>(out);
  const char* from = text.data();
  uint32_t seen = 0;
  for (std::size_t left = bytes / 3; left > 0; --left, from += 4, to += 3) {
    const uint32_t joined = three_bytes(from);
    seen |= joined;
    to[0] = static_cast<unsigned char>(joined >> 16);
    to[1] = static_cast<unsigned char>(joined >> 8);
    to[2] = static_cast<unsigned char>(joined);
  }
  if (const std::size_t rest = bytes % 3; rest > 0) {
    const char last[4] = {from[0], from[1], rest == 2 ? from[2] : 'A', 'A'};
    if (from[3] != '=' || (rest == 1 && from[2] != '=')) return false;
    const uint32_t joined = three_bytes(last);
    seen |= joined;
    to[0] = static_cast<unsigned char>(joined >> 16);
    if (rest == 2) to[1] = static_cast<unsigned char>(joined >> 8);
  }
  return (seen & kNoSextet) == 0;
}

}  // namespace vqalign
