#pragma once

#include <torch/nn/pimpl.h>

#include "vqalign/vision/efficientnet_lite.h"
#include "vqalign/vision/grid_encoder.h"

namespace vqalign {

/// Features of a region of such an encoder.
int64_t efficientnet_width(const VisionOptions& options);

/// The cells of an EfficientNet-Lite ("network") as regions: squares of 32 scaled pixels, described
/// by the last stage (1280 features) and, with `vision.stages` = 2, also by the four cells of
/// stride 16 that lie in them, one behind the other (4 x 112 or 120). `pool` x `pool` cells make a
/// region by their mean. Pictures whose sides are multiples of 32, as picture_scale() has them
/// made, give the same regions in any batch.
class EfficientNetGridImpl : public GridEncoder {
 public:
  explicit EfficientNetGridImpl(const VisionOptions& options);

  GridCells cells(const PictureBatch& pictures) override;
  int64_t width() const override { return width_; }
  EfficientNetLite* pretrained_network() override { return &network_; }

  /// The two steps of cells(): the network's maps, of `vision.stages` = 1 the last alone, ...
  EfficientNetFeatures maps(const PictureBatch& pictures);
  /// ... and every cell of them, without saliency.
  RegionBatch regions(const EfficientNetFeatures& maps, const PictureBatch& pictures) const;

 private:
  int64_t width_ = 0;
  int64_t pool_ = 1;
  bool finer_ = false;
  EfficientNetLite network_ = nullptr;
};
TORCH_MODULE(EfficientNetGrid);

}  // namespace vqalign
