#include "vqalign/vision/encoder_names.h"

#include <algorithm>

namespace vqalign {

std::vector<std::string> pretrained_network_names() {
  std::vector<std::string> names;
  for (const LiteScaling& network : kLiteScalings) names.emplace_back(network.name);
  for (const ResNetDepth& network : kResNetDepths) names.emplace_back(network.name);
  return names;
}

bool weights_are_fetched(const std::string& network) {
  return std::any_of(kLiteScalings.begin(), kLiteScalings.end(),
                     [&network](const LiteScaling& lite) { return network == lite.name; });
}

std::vector<std::string> picture_encoder_names() {
  std::vector<std::string> names = pretrained_network_names();
  names.insert(names.begin(), "grid");
  names.emplace_back("detector");
  return names;
}

}  // namespace vqalign
