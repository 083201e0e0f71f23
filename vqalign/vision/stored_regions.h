#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>

#include "vqalign/vision/regions.h"

namespace vqalign {

/// A picture's regions as some file has them: any type of number, views in any order of memory.
struct StoredRegions {
  torch::Tensor features;  ///< [n, d]
  torch::Tensor boxes;     ///< [n, 4]
  int64_t image_width = 0;
  int64_t image_height = 0;
  std::string features_name = "features";  ///< what the file calls them
  std::string boxes_name = "boxes";
};

/// Which regions of a store are used.
struct RegionLimits {
  int64_t width = 0;          ///< of the features; 0: whatever it is
  int64_t max_regions = 100;  ///< the first ones of a picture
};

/// What every format does with what it has read: the first `max_regions` rows as float32 of their
/// own, without those whose features are all zero, as the reference masks them. Error(`where`: ..)
/// when the features have another width (both are told), when a feature or box of these rows is
/// no finite number, or the picture has no size.
RegionFeatures checked_regions(const StoredRegions& stored, const RegionLimits& limits,
                               const std::string& where);

}  // namespace vqalign
