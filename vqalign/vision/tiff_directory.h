#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace vqalign {

/// What the first image file directory of a TIFF file, or of the TIFF-shaped EXIF block inside
/// other formats, says of its picture.
struct TiffDirectory {
  int64_t width = 0;
  int64_t height = 0;
  int orientation = 1;   ///< EXIF's 1..8; 1 = upright, also for a value out of range
  bool complete = true;  ///< every strip or tile lies inside the file
};

/// Nothing when the bytes are no TIFF. Never reads beyond them, whatever they say.
std::optional<TiffDirectory> parse_tiff_directory(std::string_view bytes);

/// The orientation that an EXIF block (with or without its "Exif" prefix) gives; 1 when it gives
/// none.
int exif_orientation(std::string_view exif);

}  // namespace vqalign
