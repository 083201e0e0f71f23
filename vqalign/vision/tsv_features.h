#pragma once

#include "vqalign/core/formats/bottom_up_tsv.h"
#include "vqalign/vision/feature_source.h"
#include "vqalign/vision/stored_regions.h"

namespace vqalign {

/// A bottom-up TSV (bottom_up_tsv.h) as a store of features.
class TsvFeatures : public FeatureStore {
 public:
  /// Error as of BottomUpTsv.
  TsvFeatures(const std::filesystem::path& path, const RegionLimits& limits,
              const CancelToken* cancel);

  RegionFeatures load(int64_t image_id) const override;
  int64_t width() const override { return tsv_.width(); }
  bool has(int64_t image_id) const override { return tsv_.find(image_id) != nullptr; }
  std::optional<int64_t> regions(int64_t image_id) const override;
  std::vector<int64_t> image_ids() const override;
  std::string format() const override { return tsv_.packed() ? "TSV, gzip" : "TSV"; }
  std::string number_type() const override { return "float32"; }
  bool random_access() const override { return !tsv_.packed(); }

 private:
  std::string name_;
  BottomUpTsv tsv_;
  RegionLimits limits_;
};

}  // namespace vqalign
