#include "vqalign/fusion/model_weights.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <set>

#include "vqalign/core/error.h"
#include "vqalign/fusion/model_shapes.h"

namespace vqalign {
namespace {

std::string shape_text(at::IntArrayRef shape) {
  std::string text = "[";
  for (const int64_t size : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(size);
  }
  return text + "]";
}

}  // namespace

NamedTensors named_state(const VqaModel& model) {
  NamedTensors state;
  for (const auto& item : model->named_parameters()) state.emplace_back(item.key(), item.value());
  for (const auto& item : model->named_buffers()) state.emplace_back(item.key(), item.value());
  return state;
}

void check_plausible(const ModelConfig& config, const NamedTensors& tensors,
                     const std::string& path, const char* asked_by) {
  for (const auto& [name, shape] : telling_shapes(config)) {
    const torch::Tensor found = find_tensor(tensors, name);
    if (!found.defined()) fail(path, ": tensor ", name, " is missing");
    if (found.sizes() == shape) continue;
    fail(path, ": tensor ", name, " has shape ", shape_text(found.sizes()), ", ", asked_by, " ",
         shape_text(shape));
  }
}

bool made_to_fit(torch::Tensor live, const torch::Tensor& stored) {
  if (live.scalar_type() != torch::kByte) return live.sizes() == stored.sizes();
  if (stored.scalar_type() != torch::kByte || stored.dim() != live.dim()) return false;
  live.resize_(stored.sizes());
  return true;
}

void fill_weights(const VqaModel& model, const NamedTensors& tensors, const std::string& path) {
  const torch::NoGradGuard no_grad;
  std::set<std::string> expected;
  for (auto& [name, tensor] : named_state(model)) {
    expected.insert(name);
    const torch::Tensor stored = find_tensor(tensors, name);
    if (!stored.defined()) fail(path, ": tensor ", name, " is missing");
    if (!made_to_fit(tensor, stored)) {
      fail(path, ": tensor ", name, " has shape ", shape_text(stored.sizes()), ", expected ",
           shape_text(tensor.sizes()));
    }
    tensor.copy_(stored);
    if (!torch::isfinite(tensor).all().item<bool>()) {
      fail(path, ": tensor ", name, " holds NaN or infinity");
    }
  }
  for (const auto& [name, tensor] : tensors) {
    if (!expected.contains(name)) fail(path, ": tensor ", name, " has no place in the model");
  }
}

}  // namespace vqalign
