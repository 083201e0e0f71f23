#pragma once

#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/pimpl.h>

#include "vqalign/vision/grid_encoder.h"
#include "vqalign/vision/masked_batch_norm.h"

namespace vqalign {

/// Two 3x3 convolutions around a shortcut: relu(bn(conv(relu(bn(conv(x))))) + x) (He et al. 2016).
class ResidualBlockImpl : public torch::nn::Module {
 public:
  explicit ResidualBlockImpl(int64_t channels);
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& valid);

 private:
  torch::nn::Conv2d conv1_ = nullptr, conv2_ = nullptr;
  MaskedBatchNorm norm1_ = nullptr, norm2_ = nullptr;
};
TORCH_MODULE(ResidualBlock);

/// A small CNN trained end to end whose cells are the regions: four 3x3 convolutions of stride 2
/// with residual blocks between, so a cell covers 16 x 16 pixels of the scaled picture; `pool` x
/// `pool` cells make a region. Pictures of different shape share a batch; positions beyond a
/// picture's own extent are zeroed after every layer and enter no statistic, so that in evaluation
/// a picture's regions do not depend on its neighbours.
class GridCnnImpl : public GridEncoder {
 public:
  static constexpr int64_t kStride = 16;

  explicit GridCnnImpl(const VisionOptions& options);

  GridCells cells(const PictureBatch& pictures) override;
  int64_t width() const override { return width_; }

 private:
  int64_t width_ = 0;
  int64_t pool_ = 1;
  torch::nn::ModuleList convs_;
  torch::nn::ModuleList norms_;
  torch::nn::ModuleList blocks_;
  std::vector<int64_t> block_counts_;
};
TORCH_MODULE(GridCnn);

}  // namespace vqalign
