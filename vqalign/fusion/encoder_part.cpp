#include "vqalign/fusion/encoder_part.h"

#include <torch/types.h>

#include <cstring>

#include "vqalign/core/atomic_file.h"
#include "vqalign/language/bert.h"
#include "vqalign/vision/backbone.h"
#include "vqalign/vision/detector_file.h"

namespace vqalign {
namespace {

constexpr const char* kLanguage = "language";

NamedTensors file_bytes(const std::filesystem::path& path) {
  const std::string bytes = read_file(path, kMostDetectorBytes);
  const torch::Tensor tensor = torch::empty({static_cast<int64_t>(bytes.size())}, torch::kByte);
  std::memcpy(tensor.data_ptr<uint8_t>(), bytes.data(), bytes.size());
  return {{"", tensor}};
}

}  // namespace

std::vector<EncoderPart> encoder_parts(const ModelConfig& config) {
  std::vector<EncoderPart> parts;
  const VisionOptions& vision = config.vision;
  if (vision.pretrained()) {
    parts.push_back({.name = "vision",
                     .encoder = vision.network(),
                     .usual_file = vision.network() + ".pth",
                     .prefix = vision.detects() ? "vision.backbone.network." : "vision.network.",
                     .tuned = vision.tune});
  }
  if (vision.detects()) {
    parts.push_back({.name = "detector",
                     .encoder = "the detector",
                     .usual_file = {},
                     .prefix = "vision.detector_file"});
  }
  const LanguageOptions& language = config.language;
  if (language.pretrained()) {
    parts.push_back({.name = kLanguage,
                     .encoder = language.encoder,
                     .usual_file = language.encoder + "/model.safetensors",
                     .prefix = "language.",
                     .tuned = language.tune});
  }
  return parts;
}

NamedTensors read_part(const EncoderPart& part, const std::filesystem::path& weights) {
  NamedTensors tensors = part.is_detector()       ? file_bytes(weights)
                         : part.name == kLanguage ? read_bert(weights)
                                                  : read_backbone(weights);
  for (auto& [name, tensor] : tensors) name.insert(0, part.prefix);
  return tensors;
}

NamedTensors tensors_of(const EncoderPart& part, const NamedTensors& tensors) {
  NamedTensors own;
  for (const auto& item : tensors) {
    if (part.has(item.first)) own.push_back(item);
  }
  return own;
}

}  // namespace vqalign
