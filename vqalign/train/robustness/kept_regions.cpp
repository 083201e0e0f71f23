#include "vqalign/train/robustness/kept_regions.h"

#include <unordered_map>

#include "vqalign/train/picture_encoding.h"
#include "vqalign/vision/feature_source.h"

namespace vqalign {
namespace {

class KeptRegions : public FeatureSource {
 public:
  explicit KeptRegions(int64_t width) : width_(width) {}

  RegionFeatures load(int64_t image_id) const override { return pictures_.at(image_id); }
  int64_t width() const override { return width_; }
  bool has(int64_t image_id) const override { return pictures_.contains(image_id); }
  std::optional<int64_t> regions(int64_t image_id) const override {
    const auto found = pictures_.find(image_id);
    if (found == pictures_.end()) return std::nullopt;
    return found->second.features.size(0);
  }

  void add(int64_t image_id, RegionFeatures regions) {
    pictures_.emplace(image_id, std::move(regions));
  }
  int64_t size() const { return static_cast<int64_t>(pictures_.size()); }

 private:
  int64_t width_;
  std::unordered_map<int64_t, RegionFeatures> pictures_;
};

}  // namespace

std::shared_ptr<const FeatureSource> kept_regions(ModelBundle& bundle, const Dataset& dataset,
                                                  const EvaluationOptions& options,
                                                  Progress& progress, const CancelToken& cancel) {
  GridEncoder* encoder = bundle.model->vision();
  if (!encoder) return nullptr;
  const Dataset pictures = one_question_a_picture(dataset);
  const auto count = static_cast<int64_t>(pictures.questions.size());
  const int64_t floats = most_regions(bundle.config.vision) * (encoder->width() + 4);
  if (count * floats * 4 > options.data.regions_mb << 20) return nullptr;
  const auto kept = std::make_shared<KeptRegions>(encoder->width());
  progress.begin("pictures", count, "pictures");
  encode_pictures(bundle, pictures, options.data, options.device, cancel,
                  [&](int64_t image_id, RegionFeatures regions) {
                    kept->add(image_id, std::move(regions));
                    progress.update(kept->size());
                  });
  progress.end();
  return kept;
}

}  // namespace vqalign
