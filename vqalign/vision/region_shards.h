#pragma once

#include <filesystem>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "vqalign/core/formats/packed_store.h"
#include "vqalign/vision/feature_source.h"

namespace vqalign {

/// Regions of pictures in a folder that grows: packed stores (packed_store.h) of some hundred
/// pictures each, so that of an interrupted work little is lost, and nothing that was written is
/// written again. load(), has() and regions() may be called from
/// several threads, but not while add() or flush() runs.
class RegionShards : public FeatureSource {
 public:
  /// Opens, or makes, the folder; `half`: what is added is rounded to float16. A shard that is
  /// damaged, or of another width, is passed over with a warning. Error when the folder cannot be
  /// made.
  RegionShards(const std::filesystem::path& folder, int64_t width, bool half);

  RegionFeatures load(int64_t id) const override;
  int64_t width() const override { return width_; }
  bool has(int64_t id) const override { return places_.contains(id); }
  std::optional<int64_t> regions(int64_t id) const override;

  /// Takes a picture that is not there yet; it is on disk, and can be loaded, after flush().
  /// Error naming the folder when a feature is no finite number or does not fit float16.
  void add(int64_t id, RegionFeatures picture);
  /// Pictures added since the last flush().
  int64_t waiting() const { return static_cast<int64_t>(waiting_.size()); }
  /// Writes these as one more shard, atomically.
  void flush();

 private:
  using Place = std::pair<const PackedStore*, const PackedEntry*>;

  void open_shard(const std::filesystem::path& file);
  Place place_of(int64_t id) const;

  std::filesystem::path folder_;
  int64_t width_;
  bool half_;
  std::vector<std::unique_ptr<PackedStore>> shards_;
  std::unordered_map<int64_t, Place> places_;
  std::vector<std::pair<int64_t, RegionFeatures>> waiting_;
};

}  // namespace vqalign
