#pragma once

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

#include "vqalign/vision/picture_batch.h"
#include "vqalign/vision/regions.h"

namespace vqalign {

/// Regions by image id, of a grid CNN that no longer changes: every picture is encoded once, and
/// alone, so that its regions are the same to the last bit whatever batch it first came in (a
/// training that was resumed meets it in another one). The regions take no part in autograd.
class RegionCache {
 public:
  using Encode = std::function<RegionBatch(const PictureBatch& one)>;

  /// For that many pictures.
  explicit RegionCache(int64_t pictures) : pictures_(pictures) {}

  /// The regions of `pictures`, whose ids are `image_ids`, on the CPU in float32. `encode` is given
  /// one picture, cut to its own extent (rounded up to `multiple`).
  RegionBatch regions_of(const PictureBatch& pictures, const std::vector<int64_t>& image_ids,
                         int64_t multiple, const Encode& encode);

  /// Seconds that encoding took so far.
  double seconds() const { return seconds_; }
  /// Seconds for one picture: the median of the first ones, for those of a shape not seen before
  /// take far longer than the rest. 0 before the first.
  double seconds_each() const;
  /// And for all that are still missing.
  double seconds_left() const;

 private:
  std::unordered_map<int64_t, RegionFeatures> regions_;
  int64_t pictures_;
  double seconds_ = 0;
  std::vector<double> first_;  ///< seconds of the first pictures
};

}  // namespace vqalign
