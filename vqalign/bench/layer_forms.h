#pragma once

#include <torch/types.h>

#include <functional>
#include <string>

#include "vqalign/bench/layer_work.h"

namespace vqalign {

/// A distance or one of attention's layers on random numbers, forward and backward once a call: by
/// this project's kernels, and composed of LibTorch's operators.
struct LayerForms {
  std::function<void()> kernels, composed;
};

/// `kind` as kernel_work() has it. Points of distances, and what a norm adds to, are float32 where
/// `type` is a lower one. Work on a device is not waited for.
LayerForms layer_forms(const LayerHeads& on, const std::string& kind, int64_t batch,
                       torch::Device device, torch::ScalarType type);

/// The reference's norm (layer_norm.h) of z, as the public MCAN code composes it.
torch::Tensor composed_norm(const torch::Tensor& z, const torch::Tensor& a, const torch::Tensor& b);

}  // namespace vqalign
