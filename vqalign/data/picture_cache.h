#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "vqalign/vision/picture_batch.h"

namespace vqalign {

/// Scaled pictures by image id, up to a bound. What comes first stays: an epoch visits every
/// picture once in random order, and then throwing out the least recently used would keep fewer of
/// those asked for next. All members may be called from several threads at once.
class PictureCache {
 public:
  explicit PictureCache(int64_t max_bytes) : max_bytes_(max_bytes) {}

  std::optional<ScaledPicture> find(int64_t image_id) const;
  /// Keeps it when it fits; a picture already there stays.
  void add(int64_t image_id, const ScaledPicture& picture);
  int64_t bytes() const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<int64_t, ScaledPicture> pictures_;
  int64_t max_bytes_;
  int64_t bytes_ = 0;
};

}  // namespace vqalign
