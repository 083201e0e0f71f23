#include "vqalign/vision/tsv_features.h"

#include <torch/types.h>

#include <algorithm>

#include "vqalign/core/error.h"

namespace vqalign {

TsvFeatures::TsvFeatures(const std::filesystem::path& path, const RegionLimits& limits,
                         const CancelToken* cancel)
    : name_(path.string()),
      tsv_(path, limits.width, cancel),
      limits_{tsv_.width(), limits.max_regions} {}

RegionFeatures TsvFeatures::load(int64_t image_id) const {
  const TsvRow* row = tsv_.find(image_id);
  if (row == nullptr) fail(name_, ": image ", image_id, " has no features");
  StoredRegions stored{torch::empty({row->regions, tsv_.width()}, torch::kFloat),
                       torch::empty({row->regions, 4}, torch::kFloat), row->image_width,
                       row->image_height};
  tsv_.read(*row, stored.boxes.mutable_data_ptr<float>(),
            stored.features.mutable_data_ptr<float>());
  return checked_regions(stored, limits_, tsv_.where(*row));
}

std::optional<int64_t> TsvFeatures::regions(int64_t image_id) const {
  const TsvRow* row = tsv_.find(image_id);
  if (row == nullptr) return std::nullopt;
  return std::min(row->regions, limits_.max_regions);
}

std::vector<int64_t> TsvFeatures::image_ids() const {
  std::vector<int64_t> ids;
  ids.reserve(tsv_.rows().size());
  for (const TsvRow& row : tsv_.rows()) ids.push_back(row.image_id);
  return ids;
}

}  // namespace vqalign
