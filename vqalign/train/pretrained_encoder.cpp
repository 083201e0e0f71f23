#include "vqalign/train/pretrained_encoder.h"

#include <cassert>

#include "vqalign/inspect/shipped_files.h"
#include "vqalign/vision/efficientnet_grid.h"

namespace vqalign {

void load_pretrained_encoder(ModelBundle& bundle) {
  const VisionOptions& vision = bundle.config.vision;
  if (!vision.pretrained()) return;
  auto* encoder = dynamic_cast<EfficientNetGridImpl*>(bundle.model->vision());
  assert(encoder);
  load_efficientnet(encoder->network(), vision.weights.empty()
                                            ? pretrained_weights(vision.encoder)
                                            : std::filesystem::path(vision.weights));
}

ModelBundle pretrained_encoder(const VisionOptions& options) {
  assert(options.pretrained());
  ModelConfig config;
  config.vision = options;
  config.model.layers = 1;
  ModelBundle bundle =
      ModelBundle::create(config, Vocabulary(std::vector<std::string>{"word"}), {"answer"}, {0});
  load_pretrained_encoder(bundle);
  return bundle;
}

}  // namespace vqalign
