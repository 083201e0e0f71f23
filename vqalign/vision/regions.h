#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "vqalign/vision/box.h"

namespace vqalign {

/// One picture as a set of regions, before padding.
struct RegionFeatures {
  torch::Tensor features;   ///< float32 [n, d]
  torch::Tensor boxes;      ///< float32 [n, 4], x1 y1 x2 y2 in pixels of the original picture
  int64_t image_width = 0;  ///< pixels of the original picture
  int64_t image_height = 0;
};

/// Several pictures' regions, padded to the longest and masked.
struct RegionBatch {
  torch::Tensor features;  ///< float32 [B, M, d]
  torch::Tensor boxes;     ///< float32 [B, M, 4], pixels of the original pictures; 0 where padded
  torch::Tensor mask;      ///< bool [B, M], true = padding
  torch::Tensor sizes;     ///< float32 [B, 2], width and height of the original pictures
};

/// Pads and stacks; the pictures must agree in d. An empty picture (n = 0) becomes an all-masked
/// row.
RegionBatch collate_regions(const std::vector<RegionFeatures>& pictures);

/// One of a batch's pictures without its padding, constant and on the CPU.
RegionFeatures without_padding(const RegionBatch& batch, int64_t picture);

RegionBatch to_device(RegionBatch regions, torch::Device device);

}  // namespace vqalign
