#include "vqalign/vision/cell_grid.h"

#include <torch/types.h>

namespace vqalign {
namespace {

bool nothing_padded(const torch::Tensor& extents, int64_t height, int64_t width) {
  return extents.select(1, 0).eq(height).all().item<bool>() &&
         extents.select(1, 1).eq(width).all().item<bool>();
}

/// Boxes float32 [P, H * W, 4] of squares of `side` scaled pixels, in pixels of the originals.
torch::Tensor cell_boxes(const PictureBatch& pictures, int64_t height, int64_t width,
                         int64_t side) {
  const int64_t count = pictures.extents.size(0);
  const auto options = torch::TensorOptions().dtype(torch::kFloat32);
  const torch::Tensor extents = pictures.extents.cpu().to(torch::kFloat32);
  const torch::Tensor sizes = pictures.sizes.cpu();
  const torch::Tensor scale_x = (sizes.select(1, 0) / extents.select(1, 1)).view({-1, 1, 1});
  const torch::Tensor scale_y = (sizes.select(1, 1) / extents.select(1, 0)).view({-1, 1, 1});
  const auto edges = [&](int64_t cells, int64_t offset) {
    return (torch::arange(cells, options) + offset) * double(side);
  };
  const auto limit_x = sizes.select(1, 0).view({-1, 1, 1});
  const auto limit_y = sizes.select(1, 1).view({-1, 1, 1});
  const auto across = [&](int64_t offset) {
    return torch::minimum(edges(width, offset).view({1, 1, -1}) * scale_x, limit_x)
        .expand({count, height, width});
  };
  const auto down = [&](int64_t offset) {
    return torch::minimum(edges(height, offset).view({1, -1, 1}) * scale_y, limit_y)
        .expand({count, height, width});
  };
  return torch::stack({across(0), down(0), across(1), down(1)}, 3).view({count, -1, 4});
}

}  // namespace

torch::Tensor halved(const torch::Tensor& extents) {
  return torch::floor_divide(extents + 1, 2);
}

torch::Tensor cell_extents(const torch::Tensor& extents, int64_t side) {
  return torch::floor_divide(extents + (side - 1), side);
}

torch::Tensor valid_positions(const torch::Tensor& extents, int64_t height, int64_t width) {
  if (nothing_padded(extents, height, width)) return {};
  const auto options = extents.options();
  const auto rows = torch::arange(height, options).view({1, -1, 1});
  const auto columns = torch::arange(width, options).view({1, 1, -1});
  return (rows < extents.select(1, 0).view({-1, 1, 1}))
      .logical_and(columns < extents.select(1, 1).view({-1, 1, 1}))
      .contiguous();
}

torch::Tensor valid_factor(const torch::Tensor& extents, const torch::Tensor& x) {
  if (!extents.defined()) return {};
  const torch::Tensor valid = valid_positions(extents, x.size(2), x.size(3));
  return valid.defined() ? valid.unsqueeze(1).to(x.scalar_type()) : torch::Tensor();
}

RegionBatch grid_regions(const torch::Tensor& x, const torch::Tensor& valid,
                         const PictureBatch& pictures, int64_t side) {
  const int64_t count = x.size(0), height = x.size(2), width = x.size(3);
  RegionBatch regions;
  regions.features = x.permute({0, 2, 3, 1}).reshape({count, height * width, x.size(1)});
  regions.boxes = cell_boxes(pictures, height, width, side).to(x.device());
  regions.mask = valid.defined()
                     ? valid.logical_not().view({count, -1})
                     : torch::zeros({count, height * width}, x.options().dtype(torch::kBool));
  regions.boxes.masked_fill_(regions.mask.unsqueeze(2), 0.0);
  regions.sizes = pictures.sizes;
  return regions;
}

}  // namespace vqalign
