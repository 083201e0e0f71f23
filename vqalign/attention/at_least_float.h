#pragma once

#include <torch/types.h>

namespace vqalign {

/// Half precision as float32, which autocast leaves behind its matrix products; float32 and float64
/// as they are.
inline torch::Tensor at_least_float(const torch::Tensor& x) {
  return x.to(at::promote_types(x.scalar_type(), torch::kFloat));
}

}  // namespace vqalign
