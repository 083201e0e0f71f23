#pragma once

#include <filesystem>

#include "vqalign/core/cancel.h"
#include "vqalign/core/json.h"
#include "vqalign/core/progress.h"

namespace vqalign {

/// What `info` tells about stored region features of any format: format, images, width, the least,
/// mean and largest number of regions of a picture as stored, the type of number (null where
/// pictures may differ), and "good" checksums (null where the format has none). Error as of
/// open_features(), and where a checksum differs.
Json describe_features(const std::filesystem::path& path, Progress& progress,
                       const CancelToken& cancel);

}  // namespace vqalign
