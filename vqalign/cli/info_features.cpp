#include "vqalign/cli/info_features.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>

#include "vqalign/cli/text_output.h"
#include "vqalign/vision/feature_store.h"

namespace vqalign {
namespace {

Json region_counts(const FeatureStore& features, Progress& progress, const CancelToken& cancel) {
  const std::vector<int64_t> ids = features.image_ids();
  int64_t least = std::numeric_limits<int64_t>::max(), most = 0, sum = 0, done = 0;
  progress.begin("counting regions", static_cast<int64_t>(ids.size()), "images");
  for (const int64_t id : ids) {
    cancel.check();
    const int64_t regions = features.regions(id).value_or(0);
    least = std::min(least, regions);
    most = std::max(most, regions);
    sum += regions;
    progress.update(++done);
  }
  progress.end();
  if (ids.empty()) return {};
  const double mean = static_cast<double>(sum) / static_cast<double>(ids.size());
  return Json::object().set("min", least).set("mean", rounded(mean, 2)).set("max", most);
}

}  // namespace

Json describe_features(const std::filesystem::path& path, Progress& progress,
                       const CancelToken& cancel) {
  const std::unique_ptr<FeatureStore> features =
      open_features(path, 0, std::numeric_limits<int64_t>::max(), &cancel);
  Json regions = region_counts(*features, progress, cancel);
  features->verify(progress, cancel);
  const std::string type = features->number_type();
  return Json::object()
      .set("kind", "features")
      .set("format", features->format())
      .set("images", features->image_ids().size())
      .set("width", features->width())
      .set("regions", std::move(regions))
      .set("type", type.empty() ? Json() : Json(type))
      .set("checksums", features->has_checksums() ? Json("good") : Json());
}

}  // namespace vqalign
