#include "vqalign/vision/grid_cnn.h"

#include <torch/nn/init.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

namespace vqalign {
namespace {

torch::nn::Conv2d make_conv(int64_t in, int64_t out, int64_t stride) {
  torch::nn::Conv2d conv(
      torch::nn::Conv2dOptions(in, out, 3).stride(stride).padding(1).bias(false));
  torch::nn::init::kaiming_normal_(conv->weight, 0.0, torch::kFanOut, torch::kReLU);
  conv->weight.set_data(conv->weight.contiguous(torch::MemoryFormat::ChannelsLast));
  return conv;
}

/// Valid height and width after one convolution of stride 2 and padding 1.
torch::Tensor halved(const torch::Tensor& extents) {
  return torch::floor_divide(extents + 1, 2);
}

bool nothing_padded(const torch::Tensor& extents, int64_t height, int64_t width) {
  return extents.select(1, 0).eq(height).all().item<bool>() &&
         extents.select(1, 1).eq(width).all().item<bool>();
}

/// bool [P, H, W], true inside each picture's extent; undefined when nothing is padded.
torch::Tensor valid_positions(const torch::Tensor& extents, int64_t height, int64_t width) {
  if (nothing_padded(extents, height, width)) return {};
  const auto options = extents.options();
  const auto rows = torch::arange(height, options).view({1, -1, 1});
  const auto columns = torch::arange(width, options).view({1, 1, -1});
  return (rows < extents.select(1, 0).view({-1, 1, 1}))
      .logical_and(columns < extents.select(1, 1).view({-1, 1, 1}))
      .contiguous();
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

/// Pixels 0..255 to about -1..1, padding kept at zero.
torch::Tensor normalised(const PictureBatch& pictures) {
  torch::Tensor pixels = pictures.pixels.to(torch::kFloat32).sub_(127.5).mul_(1.0 / 64.0);
  const torch::Tensor valid = valid_positions(pictures.extents, pixels.size(2), pixels.size(3));
  if (valid.defined()) pixels.mul_(valid.unsqueeze(1));
  return pixels.contiguous(torch::MemoryFormat::ChannelsLast);
}

}  // namespace

ResidualBlockImpl::ResidualBlockImpl(int64_t channels) {
  conv1_ = register_module("conv1", make_conv(channels, channels, 1));
  norm1_ = register_module("norm1", MaskedBatchNorm(channels));
  conv2_ = register_module("conv2", make_conv(channels, channels, 1));
  norm2_ = register_module("norm2", MaskedBatchNorm(channels));
}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x, const torch::Tensor& valid) {
  return norm2_(conv2_(norm1_(conv1_(x), valid)), valid, x);
}

GridCnnImpl::GridCnnImpl(const VisionOptions& options)
    : pool_(options.pool), keep_(options.keep), block_counts_(options.block_counts()) {
  register_module("convs", convs_);
  register_module("norms", norms_);
  register_module("blocks", blocks_);
  int64_t in = 3;
  const std::vector<int64_t> channels = options.channel_counts();
  for (std::size_t stage = 0; stage < channels.size(); ++stage) {
    const int64_t out = channels[stage];
    convs_->push_back(make_conv(in, out, 2));
    norms_->push_back(MaskedBatchNorm(out));
    for (int64_t block = 0; block < block_counts_[stage]; ++block) {
      blocks_->push_back(ResidualBlock(out));
    }
    in = out;
  }
  width_ = in;
  if (keep_ > 0) saliency_ = register_module("saliency", torch::nn::Linear(width_, 1));
}

PictureScale GridCnnImpl::picture_scale(const VisionOptions& options) {
  return {.pixels = options.pixels,
          .longest = options.longest,
          .multiple = kStride,
          .enlarge = options.enlarge};
}

GridCells GridCnnImpl::cells(const PictureBatch& pictures) {
  torch::Tensor x = normalised(pictures);
  torch::Tensor extents = pictures.extents;
  torch::Tensor valid;
  std::size_t block = 0;
  for (std::size_t stage = 0; stage < convs_->size(); ++stage) {
    x = convs_[stage]->as<torch::nn::Conv2d>()->forward(x);
    extents = halved(extents);
    valid = valid_positions(extents, x.size(2), x.size(3));
    x = norms_[stage]->as<MaskedBatchNorm>()->forward(x, valid);
    for (int64_t i = 0; i < block_counts_[stage]; ++i) {
      x = blocks_[block++]->as<ResidualBlock>()->forward(x, valid);
    }
  }
  if (pool_ > 1) {
    // Padded cells are zero and features are not negative: they never win.
    x = torch::max_pool2d(x, pool_, pool_, 0, 1, /*ceil_mode=*/true);
    extents = torch::floor_divide(extents + (pool_ - 1), pool_);
    valid = valid_positions(extents, x.size(2), x.size(3));
  }
  const int64_t height = x.size(2), width = x.size(3);
  RegionBatch regions;
  regions.features = x.permute({0, 2, 3, 1}).reshape({x.size(0), height * width, width_});
  regions.boxes = cell_boxes(pictures, height, width, kStride * pool_).to(x.device());
  regions.mask = valid.defined()
                     ? valid.logical_not().view({x.size(0), -1})
                     : torch::zeros({x.size(0), height * width}, x.options().dtype(torch::kBool));
  regions.boxes.masked_fill_(regions.mask.unsqueeze(2), 0.0);
  regions.sizes = pictures.sizes;
  GridCells grid{regions, {}};
  if (saliency_) grid.saliency = saliency_(regions.features).squeeze(2);
  return grid;
}

RegionBatch GridCnnImpl::choose(const GridCells& grid) const {
  if (keep_ == 0) return grid.cells;
  RegionBatch regions = grid.cells;
  const torch::Tensor saliency = grid.saliency.to(torch::kFloat32);
  regions.features = regions.features * saliency.sigmoid().unsqueeze(2);
  if (saliency.size(1) <= keep_) return regions;
  const torch::Tensor ranked = saliency.detach().masked_fill(regions.mask, -1e30);
  const torch::Tensor kept = std::get<1>(ranked.topk(keep_, 1));
  const auto rows = [&kept](const torch::Tensor& values) {
    return values.gather(1, kept.unsqueeze(2).expand({-1, -1, values.size(2)}));
  };
  regions.features = rows(regions.features);
  regions.boxes = rows(regions.boxes);
  regions.mask = regions.mask.gather(1, kept);
  return regions;
}

}  // namespace vqalign
