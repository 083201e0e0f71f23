#include "vqalign/train/encoder_digest.h"

#include <torch/types.h>

#include <cassert>

#include "vqalign/core/digest.h"
#include "vqalign/core/formats/named_tensors.h"

namespace vqalign {
namespace {

/// Changes when encoders give other regions of the same weights.
constexpr std::string_view kVersion = "regions 1";

void add_tensor(Digest& digest, const std::string& name, const torch::Tensor& tensor) {
  const torch::Tensor values = tensor.detach().cpu().contiguous();
  digest.add(name).add({static_cast<const char*>(values.const_data_ptr()), values.nbytes()});
}

}  // namespace

std::string encoder_digest(ModelBundle& bundle) {
  assert(bundle.model->vision());
  VisionOptions vision = bundle.config.vision;
  // Where weights came from, and whether they will move, changes no region.
  vision.weights.clear();
  vision.detector.clear();
  vision.detector_names.clear();
  vision.tune = false;
  // Nor do options of other encoders.
  vision.feature_width = VisionOptions{}.feature_width;
  vision.max_regions = VisionOptions{}.max_regions;
  if (vision.pretrained()) {
    vision.channels = VisionOptions{}.channels;
    vision.blocks = VisionOptions{}.blocks;
  }
  Digest digest;
  digest.add(kVersion).add(options_to_json({{"vision", vision.fields()}}).dump());
  for (const auto& [name, tensor] : state_of(*bundle.model->vision())) {
    add_tensor(digest, name, tensor);
  }
  return digest.hex();
}

}  // namespace vqalign
