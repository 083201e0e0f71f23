#include "vqalign/vision/region_shards.h"

#include <torch/types.h>

#include <cassert>
#include <limits>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/vision/stored_regions.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

constexpr const char* kShardEnding = ".vqf";

}  // namespace

RegionShards::RegionShards(const fs::path& folder, int64_t width, bool half)
    : folder_(folder), width_(width), half_(half) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) fail(folder.string(), ": cannot be made: ", failed.message());
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
    if (entry.path().extension() != kShardEnding) continue;
    try {
      open_shard(entry.path());
    } catch (const Error& error) {
      log_warning(concat(error.what(), "; passed over"));
    }
  }
  if (failed) fail(folder.string(), ": cannot be read: ", failed.message());
}

void RegionShards::open_shard(const fs::path& file) {
  auto store = std::make_unique<PackedStore>(file);
  if (store->width() != width_) {
    fail(file.string(), ": has features of width ", store->width(), ", expected ", width_);
  }
  for (const PackedEntry& entry : store->entries()) {
    places_.try_emplace(entry.image_id, store.get(), &entry);
  }
  shards_.push_back(std::move(store));
}

RegionShards::Place RegionShards::place_of(int64_t id) const {
  const auto found = places_.find(id);
  return found == places_.end() ? Place{} : found->second;
}

RegionFeatures RegionShards::load(int64_t id) const {
  const auto [store, entry] = place_of(id);
  if (!entry) fail(folder_.string(), ": has nothing for picture ", id);
  const RegionLimits all{width_, std::numeric_limits<int64_t>::max()};
  return checked_regions(
      {store->features(*entry), store->boxes(*entry), entry->image_width, entry->image_height}, all,
      concat(folder_.string(), ": picture ", id));
}

std::optional<int64_t> RegionShards::regions(int64_t id) const {
  const PackedEntry* entry = place_of(id).second;
  if (!entry) return std::nullopt;
  return entry->regions;
}

void RegionShards::add(int64_t id, RegionFeatures picture) {
  assert(!has(id) && picture.features.size(1) == width_);
  if (!torch::isfinite(picture.features).all().item<bool>()) {
    fail(folder_.string(), ": picture ", id, " has features that are no numbers");
  }
  waiting_.emplace_back(id, std::move(picture));
}

void RegionShards::flush() {
  if (waiting_.empty()) return;
  const fs::path file = folder_ / concat(waiting_.front().first, kShardEnding);
  PackedStoreWriter writer(file, width_, half_);
  for (const auto& [id, picture] : waiting_) {
    writer.add(id, picture.image_width, picture.image_height, picture.boxes.contiguous(),
               picture.features.contiguous());
  }
  writer.finish();
  waiting_.clear();
  open_shard(file);
}

}  // namespace vqalign
