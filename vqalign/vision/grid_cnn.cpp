#include "vqalign/vision/grid_cnn.h"

#include <torch/nn/init.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include "vqalign/vision/cell_grid.h"

namespace vqalign {
namespace {

torch::nn::Conv2d make_conv(int64_t in, int64_t out, int64_t stride) {
  torch::nn::Conv2d conv(
      torch::nn::Conv2dOptions(in, out, 3).stride(stride).padding(1).bias(false));
  torch::nn::init::kaiming_normal_(conv->weight, 0.0, torch::kFanOut, torch::kReLU);
  conv->weight.set_data(conv->weight.contiguous(torch::MemoryFormat::ChannelsLast));
  return conv;
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
    : GridEncoder(options.keep), pool_(options.pool), block_counts_(options.block_counts()) {
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
  add_saliency(width_);
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
  return with_saliency(grid_regions(x, valid, pictures, kStride * pool_));
}

}  // namespace vqalign
