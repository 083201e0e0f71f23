#include "vqalign/train/region_cache.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cassert>
#include <chrono>

namespace vqalign {
namespace {

constexpr std::size_t kSampled = 256;

}  // namespace

RegionBatch RegionCache::regions_of(const PictureBatch& pictures,
                                    const std::vector<int64_t>& image_ids, int64_t multiple,
                                    const Encode& encode) {
  assert(static_cast<int64_t>(image_ids.size()) == pictures.sizes.size(0));
  const torch::NoGradGuard constant;
  std::vector<RegionFeatures> found;
  for (std::size_t p = 0; p < image_ids.size(); ++p) {
    auto known = regions_.find(image_ids[p]);
    if (known == regions_.end()) {
      const auto begun = std::chrono::steady_clock::now();
      const PictureBatch one = picture_alone(pictures, static_cast<int64_t>(p), multiple);
      known = regions_.emplace(image_ids[p], without_padding(encode(one), 0)).first;
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
      seconds_ += took.count();
      if (first_.size() < kSampled) first_.push_back(took.count());
    }
    found.push_back(known->second);
  }
  return collate_regions(found);
}

double RegionCache::seconds_each() const {
  if (first_.empty()) return 0;
  std::vector<double> ordered = first_;
  const auto middle = ordered.begin() + static_cast<std::ptrdiff_t>(ordered.size() / 2);
  std::nth_element(ordered.begin(), middle, ordered.end());
  return *middle;
}

double RegionCache::seconds_left() const {
  return seconds_each() * static_cast<double>(pictures_ - static_cast<int64_t>(regions_.size()));
}

}  // namespace vqalign
