#include <memory>

#include "vqalign/data/health_findings.h"
#include "vqalign/vision/feature_store.h"

namespace vqalign::detail {

std::function<bool(int64_t image_id)> open_feature_index(const std::filesystem::path& path) {
  constexpr int64_t kAnyWidth = 0;
  const std::shared_ptr<FeatureStore> features = open_features(path, kAnyWidth);
  return [features](int64_t image_id) { return features->has(image_id); };
}

}  // namespace vqalign::detail
