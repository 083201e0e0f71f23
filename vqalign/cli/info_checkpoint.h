#pragma once

#include <filesystem>

#include "vqalign/core/json.h"

namespace vqalign {

/// What `info` tells about a file of Python's torch.save (is_torch_checkpoint()): an object whose
/// "kind" is "checkpoint", with its format, tensors and parameters; for weights of a known network
/// its name (network_of()) and SHA-256, for one of the public MCAN code its layout and sizes
/// besides. Error as TorchCheckpoint and read_mcan_checkpoint() say.
Json describe_checkpoint(const std::filesystem::path& path);

}  // namespace vqalign
