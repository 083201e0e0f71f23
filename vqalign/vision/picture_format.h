#pragma once

#include <filesystem>
#include <string_view>

#include "vqalign/vision/picture_header.h"

namespace vqalign {

/// Which kind of picture a file's first bytes begin. Error naming `path`, with what to do about it,
/// where it is none that is read: by its name where it is a known one (HEIC, AVIF, GIF, JPEG XL,
/// a WebP with more than one picture, ...).
PictureHeader::Format picture_format(std::string_view bytes, const std::filesystem::path& path);

/// Whether they begin a picture of a kind that is read, or of one that picture_format() refuses by
/// name.
bool looks_like_picture(std::string_view bytes);

}  // namespace vqalign
