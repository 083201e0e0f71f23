#include "vqalign/vision/efficientnet_grid.h"

#include <torch/types.h>

#include "vqalign/vision/cell_grid.h"

namespace vqalign {
namespace {

/// Means of the valid ones among pool x pool cells; `valid` float [P, 1, H, W], x zero elsewhere.
torch::Tensor pooled_means(const torch::Tensor& x, const torch::Tensor& valid, int64_t pool) {
  const auto sums = [pool](const torch::Tensor& values) {
    return torch::avg_pool2d(values, pool, pool, 0, /*ceil_mode=*/true,
                             /*count_include_pad=*/false, /*divisor_override=*/1);
  };
  return sums(x) / sums(valid).clamp_min(1);
}

}  // namespace

int64_t efficientnet_width(const VisionOptions& options) {
  const EfficientNetShape shape = efficientnet_lite_shape(options.network());
  return shape.head + (options.stages == 2 ? 4 * shape.finer_width() : 0);
}

EfficientNetGridImpl::EfficientNetGridImpl(const VisionOptions& options)
    : GridEncoder(options.keep),
      width_(efficientnet_width(options)),
      pool_(options.pool),
      finer_(options.stages == 2) {
  network_ =
      register_module("network", EfficientNetLite(efficientnet_lite_shape(options.network())));
  add_saliency(width_);
}

EfficientNetFeatures EfficientNetGridImpl::maps(const PictureBatch& pictures) {
  torch::Tensor pixels = pictures.pixels.to(torch::kFloat32).sub_(127.5).mul_(1 / 127.5);
  const torch::Tensor valid = valid_positions(pictures.extents, pixels.size(2), pixels.size(3));
  if (valid.defined()) pixels.mul_(valid.unsqueeze(1));
  EfficientNetFeatures features =
      network_(pixels.contiguous(torch::MemoryFormat::ChannelsLast), pictures.extents);
  if (!finer_) features.finer = torch::Tensor();
  return features;
}

RegionBatch EfficientNetGridImpl::regions(const EfficientNetFeatures& maps,
                                          const PictureBatch& pictures) const {
  torch::Tensor x = maps.last;
  if (finer_) x = torch::cat({x, torch::pixel_unshuffle(maps.finer, 2)}, 1);

  constexpr int64_t kStride = EfficientNetLiteImpl::kStride;
  const auto extents_of = [&pictures](int64_t side) {
    return cell_extents(pictures.extents, side);
  };
  torch::Tensor valid = valid_positions(extents_of(kStride), x.size(2), x.size(3));
  if (valid.defined()) x = x * valid.unsqueeze(1);
  if (pool_ > 1) {
    const torch::Tensor counted =
        valid.defined() ? valid.unsqueeze(1).to(x.scalar_type())
                        : torch::ones({x.size(0), 1, x.size(2), x.size(3)}, x.options());
    x = pooled_means(x, counted, pool_);
    valid = valid_positions(extents_of(kStride * pool_), x.size(2), x.size(3));
  }
  return grid_regions(x, valid, pictures, kStride * pool_);
}

GridCells EfficientNetGridImpl::cells(const PictureBatch& pictures) {
  return with_saliency(regions(maps(pictures), pictures));
}

}  // namespace vqalign
