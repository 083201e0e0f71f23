#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>
#include <string>

#include "vqalign/core/formats/safetensors.h"
#include "vqalign/vision/backbone.h"

namespace vqalign::test {

/// Weights of the network of that name, drawn, as `folder`/NAME.safetensors: a published network's
/// are not there when tests run.
inline std::filesystem::path drawn_weights(const std::filesystem::path& folder,
                                           const std::string& name) {
  torch::manual_seed(3);
  const std::shared_ptr<Backbone> network = make_backbone(name);
  Safetensors content;
  for (const auto& [key, tensor] : state_of(*network)) {
    content.tensors.emplace_back(key, tensor.detach());
  }
  const std::filesystem::path path = folder / (name + ".safetensors");
  write_safetensors(path, content);
  return path;
}

}  // namespace vqalign::test
