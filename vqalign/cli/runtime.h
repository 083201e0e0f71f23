#pragma once

#include <torch/types.h>

#include "vqalign/cli/context.h"

namespace vqalign {

/// Wrong usage when --device names no device, or a GPU where this build's LibTorch has no CUDA,
/// where it finds no GPU, or beyond the last.
void check_device(const std::string& name);

/// Readies LibTorch for a verb that computes: as many threads as --threads says, a seeded default
/// generator, no developers' warnings. Returns the device that --device names.
torch::Device prepare_torch(const Context& context);

}  // namespace vqalign
