#include "vqalign/train/pretrained_encoder.h"

#include <algorithm>
#include <cassert>

#include "vqalign/core/error.h"
#include "vqalign/core/log.h"
#include "vqalign/inspect/shipped_files.h"
#include "vqalign/vision/detector_regions.h"

namespace vqalign {

namespace {

void load_detector(const VisionOptions& vision, ModelBundle& bundle) {
  auto* regions = dynamic_cast<DetectorRegionsImpl*>(bundle.model->vision());
  assert(regions);
  regions->use(read_detector_file(vision.detector));
  const Detector& detector = regions->detector();
  log_info(concat(vision.detector, ": a ", detector.profile(), " of ", vision.class_names().size(),
                  " classes"));
  const DetectorInput input = detector.input();
  if (2 * vision.pixels >= input.width * input.height) return;
  log_warning(concat("vision.pixels is ", vision.pixels, ", the detector takes pictures of ",
                     input.width, "x", input.height, ": vision.pixels=", input.width * input.height,
                     " and vision.longest=", 2 * std::max(input.width, input.height),
                     " let it see more"));
}

}  // namespace

void load_pretrained_encoder(ModelBundle& bundle) {
  const VisionOptions& vision = bundle.config.vision;
  if (!vision.pretrained()) return;
  EfficientNetLite* network = bundle.model->vision()->pretrained_network();
  assert(network);
  load_efficientnet(*network, vision.weights.empty() ? pretrained_weights(vision.network())
                                                     : std::filesystem::path(vision.weights));
  if (vision.detects()) load_detector(vision, bundle);
}

ModelBundle pretrained_encoder(const VisionOptions& options) {
  assert(options.pretrained());
  ModelConfig config;
  config.vision = options;
  config.vision.complete();
  config.model.layers = 1;
  ModelBundle bundle =
      ModelBundle::create(config, Vocabulary(std::vector<std::string>{"word"}), {"answer"}, {0});
  load_pretrained_encoder(bundle);
  return bundle;
}

}  // namespace vqalign
