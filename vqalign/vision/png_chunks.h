#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace vqalign {

inline constexpr std::string_view kPngSignature{"\x89PNG\r\n\x1a\n", 8};

struct PngChunk {
  uint64_t at = 0;         ///< where it starts in the file
  std::string_view type;   ///< "IHDR"
  std::string_view data;   ///< without length, type and check sum
  std::string_view whole;  ///< with them
};

/// The chunks that lie wholly in `bytes`, IEND, behind which nothing is part of the PNG, being the
/// last. `bytes` may be a PNG's beginning.
std::vector<PngChunk> png_chunks(std::string_view bytes);

/// A PNG without the chunks that do not decide its pixels: text, times, colour profiles, gamma. The
/// decoder tells of faults in these on stderr, though the picture is fine. `bytes` is a complete
/// PNG (picture_header.h). Error naming the file when a chunk that decides them is missing, does
/// not fit the picture or is unknown.
std::string essential_png(std::string_view bytes, const std::filesystem::path& path);

}  // namespace vqalign
