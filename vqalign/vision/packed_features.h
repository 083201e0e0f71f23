#pragma once

#include "vqalign/core/formats/packed_store.h"
#include "vqalign/vision/feature_source.h"
#include "vqalign/vision/stored_regions.h"

namespace vqalign {

/// Our packed store (packed_store.h) as a store of features.
class PackedFeatures : public FeatureStore {
 public:
  /// Error as of PackedStore, and when its features have another width (both are told).
  PackedFeatures(const std::filesystem::path& path, const RegionLimits& limits);

  RegionFeatures load(int64_t image_id) const override;
  int64_t width() const override { return store_.width(); }
  bool has(int64_t image_id) const override { return store_.find(image_id) != nullptr; }
  std::optional<int64_t> regions(int64_t image_id) const override;
  std::vector<int64_t> image_ids() const override;
  std::string format() const override { return "packed store"; }
  std::string number_type() const override;
  bool has_checksums() const override { return true; }
  void verify(Progress& progress, const CancelToken& cancel) const override;

 private:
  std::string name_;
  PackedStore store_;
  RegionLimits limits_;
};

}  // namespace vqalign
