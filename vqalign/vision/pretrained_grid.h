#pragma once

#include <torch/nn/pimpl.h>

#include "vqalign/vision/backbone.h"
#include "vqalign/vision/grid_encoder.h"

namespace vqalign {

/// Features of a region of such an encoder.
int64_t pretrained_width(const VisionOptions& options);

/// The cells of a network trained on ImageNet ("network", the one that the options name) as
/// regions: squares of 32 scaled pixels, described by the last map (1280 features of an
/// EfficientNet-Lite, 2048 of a ResNet) and, with `vision.stages` = 2, also by the four cells of
/// stride 16 that lie in them, channel by channel (4 x 112 or 120; 4 x 1024). `pool` x `pool` cells
/// make a region by their mean. Pictures whose sides are multiples of 32, as picture_scale() has
/// them made, give the same regions in any batch.
class PretrainedGridImpl : public GridEncoder {
 public:
  explicit PretrainedGridImpl(const VisionOptions& options);

  GridCells cells(const PictureBatch& pictures) override;
  int64_t width() const override { return width_; }
  Backbone* pretrained_network() override { return network_.get(); }

  /// The two steps of cells(): the network's maps, of `vision.stages` = 1 the last alone, ...
  BackboneMaps maps(const PictureBatch& pictures);
  /// ... and every cell of them, without saliency.
  RegionBatch regions(const BackboneMaps& maps, const PictureBatch& pictures) const;

 private:
  int64_t width_ = 0;
  int64_t pool_ = 1;
  bool finer_ = false;
  std::shared_ptr<Backbone> network_;
};
TORCH_MODULE(PretrainedGrid);

}  // namespace vqalign
