#pragma once

#include <cstdint>

#include "vqalign/vision/regions.h"

namespace vqalign {

/// Stored region features by image id, in place of pictures. All members may be called from several
/// threads at once.
class FeatureSource {
 public:
  virtual ~FeatureSource() = default;

  /// Error naming the source when it has nothing for that id, or holds bad data for it.
  virtual RegionFeatures load(int64_t image_id) const = 0;
  /// Columns of every picture's features.
  virtual int64_t width() const = 0;
  virtual bool has(int64_t image_id) const = 0;
};

}  // namespace vqalign
