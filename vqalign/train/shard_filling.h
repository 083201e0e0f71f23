#pragma once

#include <functional>
#include <string>

#include "vqalign/core/progress.h"
#include "vqalign/train/picture_encoding.h"
#include "vqalign/vision/region_shards.h"

namespace vqalign {

/// How pictures are encoded into shards.
struct ShardFilling {
  std::string stage;  ///< what progress calls it
  DataOptions data;
  torch::Device device = torch::kCPU;
};

/// Encodes those of the pictures (one question each) that the shards do not hold under the number
/// that `name` gives them, and adds them. When it is cancelled or fails, what was made until then
/// is kept. Two pictures of one number are one. Progress counts those that were there as done.
void fill_shards(RegionShards& shards, ModelBundle& bundle, const Dataset& pictures,
                 const std::function<int64_t(const Question&)>& name, const ShardFilling& how,
                 Progress& progress, const CancelToken& cancel);

}  // namespace vqalign
