#pragma once

#include <cstdint>
#include <filesystem>
#include <unordered_map>

#include "vqalign/vision/feature_source.h"

namespace vqalign {

/// Bottom-up features as the reference stores them: a folder with one .npz a picture, found by the
/// last run of digits of its name (COCO_val2014_000000000042.jpg.npz is picture 42), in the folder
/// or up to two folders below it.
///
/// Of a file are read: x, float, [d, n] (as released) or [n, d] (as newer extractors write); bbox
/// [n, 4], x1 y1 x2 y2 in pixels; image_w and image_h (or width and height). The axis of x that is
/// not bbox's n is the feature's. Regions whose features are all zero are left out, as the
/// reference masks them. A file is read when it is asked for; nothing is kept.
class FeatureFolder : public FeatureSource {
 public:
  /// `width` is what every picture must have; 0 takes the first file's. `max_regions` bounds how
  /// many regions of a picture are used, the first ones. Error when the folder is missing, holds no
  /// .npz with a number in its name, or holds two for one picture.
  FeatureFolder(const std::filesystem::path& folder, int64_t width, int64_t max_regions = 100);

  /// Error naming the file and the place: no file for that id, a member missing or of the wrong
  /// shape, another width (both are told), NaN or infinite features or boxes.
  RegionFeatures load(int64_t image_id) const override;
  int64_t width() const override { return width_; }
  bool has(int64_t image_id) const override { return files_.contains(image_id); }
  std::size_t size() const { return files_.size(); }

 private:
  void add(int64_t image_id, const std::filesystem::path& file);

  std::filesystem::path folder_;
  std::unordered_map<int64_t, std::filesystem::path> files_;
  int64_t width_;
  int64_t max_regions_;
};

}  // namespace vqalign
