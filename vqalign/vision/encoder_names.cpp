#include "vqalign/vision/encoder_names.h"

namespace vqalign {

std::vector<std::string> pretrained_network_names() {
  std::vector<std::string> names;
  for (const PretrainedNetwork& network : kPretrainedNetworks) names.emplace_back(network.name);
  return names;
}

std::vector<std::string> picture_encoder_names() {
  std::vector<std::string> names = pretrained_network_names();
  names.insert(names.begin(), "grid");
  names.emplace_back("detector");
  return names;
}

}  // namespace vqalign
