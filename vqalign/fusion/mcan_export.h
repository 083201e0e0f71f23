#pragma once

#include <filesystem>
#include <string>

#include "vqalign/fusion/model_file.h"

namespace vqalign {

/// Writes a checkpoint that the public MCAN code loads, for testing and for going on training:
/// {"state_dict", "optimizer" (a fresh Adam's), "lr_base" (mcan-small's)}, and for OpenVQA "epoch"
/// 0 and its name for the features' linear map. `layout` is "mcan-vqa" or "openvqa". Atomic.
///
/// Error naming `model` (where it came from), the option and both values when that code has no
/// place for what the model has: regions of its own making, a shortcut, stacking, boxes, pre-norm,
/// a feed-forward not four times as wide as the states.
void export_mcan(const std::filesystem::path& path, const ModelBundle& bundle,
                 const std::string& layout, const std::string& model);

/// The settings that the public code needs to build the same network, by its own names
/// (HIDDEN_SIZE, MULTI_HEAD, ..).
Json mcan_settings(const ModelConfig& config);

}  // namespace vqalign
