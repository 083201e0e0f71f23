#pragma once

#include <torch/types.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace torch::nn {
class Module;
}

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

/// A network's parameters, then its buffers. They share its memory.
NamedTensors state_of(const torch::nn::Module& network);

/// Whether `stored` has the shape of `live`. A buffer of bytes, a file that a model carries, takes
/// the size of what is stored, which must be bytes too: it is made so large here.
bool made_to_fit(torch::Tensor live, const torch::Tensor& stored);

/// Copies tensors of any floating type into the network's. Error naming `file` and the tensor:
/// missing, of another shape (both named), NaN or infinite, left over; the network is then half
/// filled.
void fill_network(const torch::nn::Module& network, const NamedTensors& stored,
                  const std::string& file);

}  // namespace vqalign
