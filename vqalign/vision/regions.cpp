#include "vqalign/vision/regions.h"

#include <torch/types.h>

#include <algorithm>
#include <cassert>
#include <cstring>

namespace vqalign {

// Copies by hand: batches are put together on loader threads, where every parallel tensor operation
// would start an OpenMP pool of its own.
RegionBatch collate_regions(const std::vector<RegionFeatures>& pictures) {
  assert(!pictures.empty());
  const auto count = static_cast<int64_t>(pictures.size());
  const int64_t width = pictures.front().features.size(1);
  int64_t longest = 1;
  for (const RegionFeatures& picture : pictures) {
    assert(picture.features.size(1) == width);
    assert(picture.boxes.size(0) == picture.features.size(0));
    longest = std::max(longest, picture.features.size(0));
  }

  RegionBatch batch{torch::empty({count, longest, width}, torch::kFloat),
                    torch::empty({count, longest, 4}, torch::kFloat),
                    torch::empty({count, longest}, torch::kBool),
                    torch::empty({count, 2}, torch::kFloat)};
  auto* features = batch.features.data_ptr<float>();
  auto* boxes = batch.boxes.data_ptr<float>();
  auto* mask = batch.mask.data_ptr<bool>();
  auto* sizes = batch.sizes.data_ptr<float>();
  for (const RegionFeatures& picture : pictures) {
    const int64_t regions = picture.features.size(0);
    const torch::Tensor own_features = picture.features.contiguous();
    const torch::Tensor own_boxes = picture.boxes.contiguous();
    std::copy_n(own_features.data_ptr<float>(), regions * width, features);
    std::fill(features + regions * width, features + longest * width, 0.0f);
    std::copy_n(own_boxes.data_ptr<float>(), regions * 4, boxes);
    std::fill(boxes + regions * 4, boxes + longest * 4, 0.0f);
    std::fill(mask, mask + regions, false);
    std::fill(mask + regions, mask + longest, true);
    sizes[0] = static_cast<float>(picture.image_width);
    sizes[1] = static_cast<float>(picture.image_height);
    features += longest * width;
    boxes += longest * 4;
    mask += longest;
    sizes += 2;
  }
  return batch;
}

RegionFeatures without_padding(const RegionBatch& batch, int64_t picture) {
  const torch::Tensor rows = batch.mask[picture].logical_not().nonzero().squeeze(1);
  const auto chosen = [&](const torch::Tensor& values) {
    return values[picture].detach().index_select(0, rows).to(torch::kCPU, torch::kFloat32);
  };
  const torch::Tensor size = batch.sizes[picture];
  return {chosen(batch.features), chosen(batch.boxes), size[0].item<int64_t>(),
          size[1].item<int64_t>()};
}

RegionBatch to_device(RegionBatch regions, torch::Device device) {
  regions.features = regions.features.to(device);
  regions.boxes = regions.boxes.to(device);
  regions.mask = regions.mask.to(device);
  regions.sizes = regions.sizes.to(device);
  return regions;
}

}  // namespace vqalign
