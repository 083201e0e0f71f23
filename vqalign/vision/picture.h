#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace vqalign {

/// A decoded picture: upright, three channels.
struct Picture {
  int64_t width = 0;
  int64_t height = 0;
  std::vector<uint8_t> rgb;  ///< height * width * 3, row-major, interleaved R G B
};

/// Decodes JPEG, PNG, BMP, TIFF, WebP: 8 and 16 bit, grey, colour, palettes, CMYK, alpha (laid over
/// white), turned upright by its EXIF orientation; of several pages the first, of an animated PNG
/// the still picture that it has for those who know of no animation. Pictures up to 100 megapixels
/// are read, larger ones refused before their pixels are allocated. Error naming the file when it
/// is missing, empty, truncated, zero-sized or no picture.
Picture read_picture(const std::filesystem::path& path);

/// Writes a PNG atomically.
void write_png(const std::filesystem::path& path, const Picture& picture);

}  // namespace vqalign
