#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace vqalign {

/// An EfficientNet-Lite that this program knows: its width and depth are multiples of Lite0's.
struct LiteScaling {
  const char* name;
  double width, depth;
};

inline constexpr std::array<LiteScaling, 3> kLiteScalings = {{{"efficientnet-lite0", 1.0, 1.0},
                                                              {"efficientnet-lite1", 1.0, 1.1},
                                                              {"efficientnet-lite2", 1.1, 1.2}}};

/// A ResNet of bottlenecks that this program knows: how many of them its four stages have.
struct ResNetDepth {
  const char* name;
  std::array<int64_t, 4> blocks;
};

inline constexpr std::array<ResNetDepth, 2> kResNetDepths = {
    {{"resnet50", {3, 4, 6, 3}}, {"resnet101", {3, 4, 23, 3}}}};

/// The names of the networks trained on ImageNet whose shapes this program knows.
std::vector<std::string> pretrained_network_names();

/// Whether scripts/setup --pretrained fetches weights of that network. A user has those of others.
bool weights_are_fetched(const std::string& network);

/// Every encoder that makes regions of pictures, as `vision.encoder` and `extract --encoder` name
/// it: "grid", the pretrained networks, "detector".
std::vector<std::string> picture_encoder_names();

}  // namespace vqalign
