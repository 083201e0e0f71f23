#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include <filesystem>

#include "vqalign/core/formats/safetensors.h"
#include "vqalign/vision/efficientnet_lite.h"

namespace vqalign::test {

/// Weights of an efficientnet-lite0, drawn, as `folder`/lite0.safetensors: a published network's
/// are not there when tests run.
inline std::filesystem::path drawn_lite0(const std::filesystem::path& folder) {
  torch::manual_seed(3);
  const EfficientNetLite network(efficientnet_lite_shape("efficientnet-lite0"));
  Safetensors content;
  for (const auto& [name, tensor] : state_of(*network)) {
    content.tensors.emplace_back(name, tensor.detach());
  }
  write_safetensors(folder / "lite0.safetensors", content);
  return folder / "lite0.safetensors";
}

}  // namespace vqalign::test
