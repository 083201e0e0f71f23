#include "vqalign/fusion/model_weights.h"

#include <torch/types.h>

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

}  // namespace vqalign
