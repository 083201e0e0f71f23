#pragma once

#include <filesystem>

#include "vqalign/core/json.h"

namespace vqalign {

/// What `info` tells about a picture file: an object whose "kind" is "picture", with its format and
/// its width and height once upright. Pixels are not decoded. Error as picture_format(),
/// read_picture_size() and check_picture_ends() say.
Json describe_picture(const std::filesystem::path& path);

}  // namespace vqalign
