#include "vqalign/data/picture_cache.h"

namespace vqalign {
namespace {

// What a tensor and its place in the table cost besides the pixels.
constexpr int64_t kOverhead = 512;

}  // namespace

std::optional<ScaledPicture> PictureCache::find(int64_t image_id) const {
  const std::lock_guard lock(mutex_);
  const auto found = pictures_.find(image_id);
  if (found == pictures_.end()) return std::nullopt;
  return found->second;
}

void PictureCache::add(int64_t image_id, const ScaledPicture& picture) {
  const int64_t bytes = picture.pixels.numel() + kOverhead;
  const std::lock_guard lock(mutex_);
  if (bytes_ + bytes > max_bytes_) return;
  if (pictures_.emplace(image_id, picture).second) bytes_ += bytes;
}

int64_t PictureCache::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace vqalign
