#include "vqalign/core/formats/named_tensors.h"

#include <torch/nn/module.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <set>

#include "vqalign/core/error.h"

namespace vqalign {

NamedTensors state_of(const torch::nn::Module& network) {
  NamedTensors state;
  for (const auto& item : network.named_parameters()) state.emplace_back(item.key(), item.value());
  for (const auto& item : network.named_buffers()) state.emplace_back(item.key(), item.value());
  return state;
}

bool made_to_fit(torch::Tensor live, const torch::Tensor& stored) {
  if (live.scalar_type() != torch::kByte) return live.sizes() == stored.sizes();
  if (stored.scalar_type() != torch::kByte || stored.dim() != live.dim()) return false;
  live.resize_(stored.sizes());
  return true;
}

void fill_network(const torch::nn::Module& network, const NamedTensors& stored,
                  const std::string& file) {
  const torch::NoGradGuard no_grad;
  std::set<std::string> expected;
  for (auto& [name, tensor] : state_of(network)) {
    expected.insert(name);
    const torch::Tensor found = find_tensor(stored, name);
    if (!found.defined()) fail(file, ": tensor ", name, " is missing");
    if (!made_to_fit(tensor, found)) {
      fail(file, ": tensor ", name, " has shape ", found.sizes(), ", the network asks for ",
           tensor.sizes());
    }
    tensor.copy_(found);
    if (!torch::isfinite(tensor).all().item<bool>()) {
      fail(file, ": tensor ", name, " holds NaN or infinity");
    }
  }
  for (const auto& [name, tensor] : stored) {
    if (!expected.contains(name)) fail(file, ": tensor ", name, " has no place in the network");
  }
}

}  // namespace vqalign
