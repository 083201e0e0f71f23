#pragma once

#include <torch/types.h>

#include <vector>

namespace vqalign {

/// Values [B, H] of heads as a function of `inputs` [B, H, n or m, width], whose gradients are
/// known already: each head has one value, which scales all of its gradient, so that value and
/// gradient are found together and nothing else needs to be kept. `gradients` are those of the
/// inputs, one each. There is no second derivative: asked for, the backward pass throws Error.
torch::Tensor with_known_gradients(const torch::Tensor& values,
                                   const std::vector<torch::Tensor>& inputs,
                                   const std::vector<torch::Tensor>& gradients);

}  // namespace vqalign
