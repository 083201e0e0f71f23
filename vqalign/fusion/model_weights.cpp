#include "vqalign/fusion/model_weights.h"

#include <torch/types.h>

#include <algorithm>

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
                     const std::string& path, const char* asked_by,
                     const std::vector<LeftOut>& left_out) {
  for (const auto& [name, shape] : telling_shapes(config)) {
    const bool elsewhere =
        std::any_of(left_out.begin(), left_out.end(),
                    [&key = name](const LeftOut& one) { return one.part.has(key); });
    if (elsewhere) continue;
    const torch::Tensor found = find_tensor(tensors, name);
    if (!found.defined()) fail(path, ": tensor ", name, " is missing");
    if (found.sizes() == shape) continue;
    fail(path, ": tensor ", name, " has shape ", shape_text(found.sizes()), ", ", asked_by, " ",
         shape_text(shape));
  }
}

}  // namespace vqalign
