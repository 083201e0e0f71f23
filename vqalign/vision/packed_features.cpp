#include "vqalign/vision/packed_features.h"

#include <torch/types.h>

#include <algorithm>
#include <numeric>

#include "vqalign/core/error.h"

namespace vqalign {

PackedFeatures::PackedFeatures(const std::filesystem::path& path, const RegionLimits& limits)
    : name_(path.string()), store_(path), limits_(limits) {
  if (limits_.width != 0 && limits_.width != store_.width()) {
    fail(name_, ": has features of width ", store_.width(), ", expected ", limits_.width);
  }
}

RegionFeatures PackedFeatures::load(int64_t image_id) const {
  const PackedEntry* entry = store_.find(image_id);
  if (entry == nullptr) fail(name_, ": image ", image_id, " has no features");
  return checked_regions(
      {store_.features(*entry), store_.boxes(*entry), entry->image_width, entry->image_height},
      limits_, concat(name_, ": image ", image_id));
}

std::optional<int64_t> PackedFeatures::regions(int64_t image_id) const {
  const PackedEntry* entry = store_.find(image_id);
  if (entry == nullptr) return std::nullopt;
  return std::min(int64_t{entry->regions}, limits_.max_regions);
}

std::vector<int64_t> PackedFeatures::image_ids() const {
  std::vector<const PackedEntry*> by_place;
  by_place.reserve(store_.entries().size());
  for (const PackedEntry& entry : store_.entries()) by_place.push_back(&entry);
  std::sort(by_place.begin(), by_place.end(), [](const PackedEntry* a, const PackedEntry* b) {
    return std::pair(a->at, a->image_id) < std::pair(b->at, b->image_id);
  });
  std::vector<int64_t> ids;
  ids.reserve(by_place.size());
  for (const PackedEntry* entry : by_place) ids.push_back(entry->image_id);
  return ids;
}

std::string PackedFeatures::number_type() const {
  return store_.type() == torch::kHalf ? "float16" : "float32";
}

void PackedFeatures::verify(Progress& progress, const CancelToken& cancel) const {
  const std::vector<int64_t> ids = image_ids();
  progress.begin("comparing checksums", static_cast<int64_t>(ids.size()), "images");
  int64_t done = 0;
  for (const int64_t id : ids) {
    cancel.check();
    store_.verify(*store_.find(id));
    progress.update(++done);
  }
  progress.end();
}

}  // namespace vqalign
