#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/core/cancel.h"
#include "vqalign/core/progress.h"
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
  /// How many regions load() would give at most, told without loading them (it leaves regions
  /// without features out). Nothing where that is not known, or there is no such image.
  virtual std::optional<int64_t> regions(int64_t) const { return std::nullopt; }
};

/// Features in a file or folder of a known format; open_features() (feature_store.h) finds out
/// which.
class FeatureStore : public FeatureSource {
 public:
  /// Of every picture, in the order in which reading them all is quickest.
  virtual std::vector<int64_t> image_ids() const = 0;
  /// For people: "packed store", "folder of .npz", "TSV", "TSV, gzip" or "HDF5".
  virtual std::string format() const = 0;
  /// In which features are stored: "float32", "float16"; empty where pictures may differ.
  virtual std::string number_type() const = 0;
  /// False where reading to and fro takes far longer than reading in the order of image_ids().
  virtual bool random_access() const { return true; }
  /// Whether the format has checksums that verify() compares.
  virtual bool has_checksums() const { return false; }
  /// Compares every checksum; Error naming the first that differs.
  virtual void verify(Progress&, const CancelToken&) const {}
};

}  // namespace vqalign
