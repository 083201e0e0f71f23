#pragma once

#include <filesystem>
#include <string_view>

#include "vqalign/vision/picture_header.h"

namespace vqalign {

/// Which kind of picture a file's first bytes begin. Error naming `path`, with what to do about it,
/// where it is none that is read: by its name where it is a known one (HEIC, AVIF, GIF, JPEG XL,
/// a WebP with more than one picture, ...).
PictureHeader::Format picture_format(std::string_view bytes, const std::filesystem::path& path);

}  // namespace vqalign
