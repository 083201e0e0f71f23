#pragma once

#include <torch/nn/modules/container/modulelist.h>
#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>

#include "vqalign/vision/masked_batch_norm.h"
#include "vqalign/vision/picture_batch.h"
#include "vqalign/vision/regions.h"
#include "vqalign/vision/vision_options.h"

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

/// What the grid CNN makes of pictures before any cell is left out.
struct GridCells {
  RegionBatch cells;       ///< every cell, in row-major order
  torch::Tensor saliency;  ///< float [P, M] logits, how much a cell stands out; undefined when all
                           ///< cells are kept
};

/// A small CNN trained end to end whose cells are the regions: four 3x3 convolutions of stride 2
/// with residual blocks between, so a cell covers 16 x 16 pixels of the scaled picture; `pool` x
/// `pool` cells make a region. Pictures of different shape share a batch; positions beyond a
/// picture's own extent are zeroed after every layer and enter no statistic, so that in evaluation
/// a picture's regions do not depend on its neighbours. With `keep` only that many cells, those
/// that stand out most, become regions: objects are few among cells of background, and attention
/// costs by the region.
class GridCnnImpl : public torch::nn::Module {
 public:
  static constexpr int64_t kStride = 16;

  explicit GridCnnImpl(const VisionOptions& options);

  /// How pictures are scaled for it.
  static PictureScale picture_scale(const VisionOptions& options);

  /// pictures: P of them. Returns features [P, M, C] with M the cells of the padded grid in
  /// row-major order, boxes of the cells in pixels of the original pictures (cut at the border),
  /// padded cells masked.
  GridCells cells(const PictureBatch& pictures);

  /// The regions among the cells: all, or, of a picture with more, the `keep` most salient in
  /// falling order, their features scaled by the sigmoid of their saliency, through which saliency
  /// learns.
  RegionBatch choose(const GridCells& grid) const;

  /// Both steps.
  RegionBatch forward(const PictureBatch& pictures) { return choose(cells(pictures)); }

  /// C, the width of a region's features.
  int64_t width() const { return width_; }

 private:
  int64_t width_ = 0;
  int64_t pool_ = 1;
  int64_t keep_ = 0;
  torch::nn::Linear saliency_ = nullptr;
  torch::nn::ModuleList convs_;
  torch::nn::ModuleList norms_;
  torch::nn::ModuleList blocks_;
  std::vector<int64_t> block_counts_;
};
TORCH_MODULE(GridCnn);

}  // namespace vqalign
