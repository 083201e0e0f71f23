#include "vqalign/vision/pretrained_grid.h"

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

int64_t pretrained_width(const VisionOptions& options) {
  const BackboneWidths widths = backbone_widths(options.network());
  return widths.last + (options.stages == 2 ? 4 * widths.finer : 0);
}

PretrainedGridImpl::PretrainedGridImpl(const VisionOptions& options)
    : GridEncoder(options.keep),
      width_(pretrained_width(options)),
      pool_(options.pool),
      finer_(options.stages == 2) {
  network_ = register_module("network", make_backbone(options.network()));
  add_saliency(width_);
}

BackboneMaps PretrainedGridImpl::maps(const PictureBatch& pictures) {
  torch::Tensor pixels = network_->normalised(pictures.pixels.to(torch::kFloat32));
  const torch::Tensor valid = valid_positions(pictures.extents, pixels.size(2), pixels.size(3));
  if (valid.defined()) pixels.mul_(valid.unsqueeze(1));
  BackboneMaps maps =
      network_->forward(pixels.contiguous(torch::MemoryFormat::ChannelsLast), pictures.extents);
  if (!finer_) maps.finer = torch::Tensor();
  return maps;
}

RegionBatch PretrainedGridImpl::regions(const BackboneMaps& maps,
                                        const PictureBatch& pictures) const {
  torch::Tensor x = maps.last;
  if (finer_) x = torch::cat({x, torch::pixel_unshuffle(maps.finer, 2)}, 1);

  constexpr int64_t kStride = Backbone::kStride;
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

GridCells PretrainedGridImpl::cells(const PictureBatch& pictures) {
  return with_saliency(regions(maps(pictures), pictures));
}

}  // namespace vqalign
