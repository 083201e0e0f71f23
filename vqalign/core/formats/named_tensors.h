#pragma once

#include <torch/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace vqalign {

/// Tensors by name, in the order of a file or a model.
using NamedTensors = std::vector<std::pair<std::string, torch::Tensor>>;

/// Undefined when there is none of that name.
inline torch::Tensor find_tensor(const NamedTensors& tensors, std::string_view name) {
  for (const auto& [key, tensor] : tensors) {
    if (key == name) return tensor;
  }
  return {};
}

}  // namespace vqalign
