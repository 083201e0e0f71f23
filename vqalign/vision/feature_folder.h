#pragma once

#include <cstdint>
#include <filesystem>
#include <unordered_map>

#include "vqalign/vision/feature_source.h"
#include "vqalign/vision/stored_regions.h"

namespace vqalign {

/// Region features as the reference stores them: a folder with one .npz a picture, found by the
/// last run of digits of its name (COCO_val2014_000000000042.jpg.npz is picture 42), in the folder
/// or up to two folders below it. npz_regions.h tells what a file holds, stored_regions.h what
/// becomes of it. A file is read when it is asked for; nothing is kept.
class FeatureFolder : public FeatureStore {
 public:
  /// `width` is what every picture must have; 0 takes the first file's. `max_regions` bounds how
  /// many regions of a picture are used, the first ones. Error when the folder is missing, holds no
  /// .npz with a number in its name, or holds two for one picture.
  FeatureFolder(const std::filesystem::path& folder, int64_t width, int64_t max_regions = 100);

  /// Error naming the file and the place: no file for that id, a member missing or of the wrong
  /// shape, another width (both are told), NaN or infinite features or boxes.
  RegionFeatures load(int64_t image_id) const override;
  int64_t width() const override { return limits_.width; }
  bool has(int64_t image_id) const override { return files_.contains(image_id); }
  /// From the headers of the picture's file.
  std::optional<int64_t> regions(int64_t image_id) const override;
  std::vector<int64_t> image_ids() const override;
  std::string format() const override { return "folder of .npz"; }
  std::string number_type() const override { return {}; }
  std::size_t size() const { return files_.size(); }

 private:
  void add(int64_t image_id, const std::filesystem::path& file);
  const std::filesystem::path& file_of(int64_t image_id) const;

  std::filesystem::path folder_;
  std::unordered_map<int64_t, std::filesystem::path> files_;
  RegionLimits limits_;
};

}  // namespace vqalign
