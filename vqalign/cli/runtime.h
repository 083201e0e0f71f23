#pragma once

#include <torch/types.h>

#include "vqalign/cli/context.h"

namespace vqalign {

/// Readies LibTorch for a verb that computes: as many threads as --threads says, a seeded default
/// generator, no developers' warnings. Returns the device that --device names, made ready
/// (prepare_device()).
torch::Device prepare_torch(const Context& context);

}  // namespace vqalign
