#pragma once

#include <array>
#include <string>
#include <vector>

namespace vqalign {

/// A network trained on ImageNet whose shape this program knows: an EfficientNet-Lite, whose width
/// and depth are multiples of Lite0's.
struct PretrainedNetwork {
  const char* name;
  double width, depth;
};

inline constexpr std::array<PretrainedNetwork, 3> kPretrainedNetworks = {
    {{"efficientnet-lite0", 1.0, 1.0},
     {"efficientnet-lite1", 1.0, 1.1},
     {"efficientnet-lite2", 1.1, 1.2}}};

/// Their names.
std::vector<std::string> pretrained_network_names();

/// Every encoder that makes regions of pictures, as `vision.encoder` and `extract --encoder` name
/// it: "grid", the pretrained networks, "detector".
std::vector<std::string> picture_encoder_names();

}  // namespace vqalign
