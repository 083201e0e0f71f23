#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

namespace vqalign {

/// What a picture file says of itself before any pixel is decoded.
struct PictureHeader {
  enum class Format { kJpeg, kPng, kBmp, kTiff, kWebp };
  Format format = Format::kPng;
  int64_t width = 0;  ///< as stored, before turning
  int64_t height = 0;
  int orientation = 1;  ///< EXIF's 1..8; 1 = upright
};

/// The most pixels that are read from one picture.
inline constexpr int64_t kMaxPicturePixels = 100'000'000;
/// The largest file that is read as one picture.
inline constexpr std::size_t kMaxPictureBytes = std::size_t{1} << 30;

/// Reads the header of a whole file's bytes. Error naming `path` when it is no picture of a known
/// format, has no pixels, or has more than kMaxPicturePixels.
PictureHeader parse_picture_header(std::string_view bytes, const std::filesystem::path& path);

/// Error naming `path` when the file ends before its picture does: no end marker (JPEG), no IEND
/// chunk (PNG), pixel data beyond the end of the file (BMP, TIFF, WebP); or when a PNG's chunk does
/// not fit its check sum. Decoders only print warnings about these.
void check_picture_complete(std::string_view bytes, const PictureHeader& header,
                            const std::filesystem::path& path);

/// The same of a file, cheap enough to ask of every picture of a dataset: a JPEG or PNG that ends
/// as these end is not looked at further (so that a PNG's check sums are not compared), any other
/// is read as a whole, undecoded.
void check_picture_ends(const std::filesystem::path& path);

/// Width and height as the picture will have once turned upright, read from the start of the file:
/// cheap enough to ask of every picture of a dataset. Error as above.
std::pair<int64_t, int64_t> read_picture_size(const std::filesystem::path& path);

}  // namespace vqalign
