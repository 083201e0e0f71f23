#pragma once

#include <torch/nn/pimpl.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/vision/detector.h"
#include "vqalign/vision/grid_encoder.h"
#include "vqalign/vision/pretrained_grid.h"

namespace vqalign {

/// Features of a region of such an encoder: the backbone's, then one a class.
int64_t detector_width(const VisionOptions& options);

/// Things as regions: the whole picture, then what a detector finds in it, the highest score first,
/// then, with `vision.detector_grid`, the cells of the backbone. A region is described by the
/// backbone's maps inside of its box (roi_align.h): the mean of the last, with `vision.stages` = 2
/// also the means of its four quarters of the one before, as pretrained_grid.h has them of a
/// cell. Behind these stand as many numbers as there are classes: the score at the place of the
/// detection's class, zero elsewhere and in regions that are no detection, so that a region's label
/// is in its features, stored ones too.
///
/// Detector and backbone see the same scaled picture. The detector runs on the CPU and is never
/// trained; its file lies in the module as bytes ("detector_file", "detector_config"), so that a
/// model file carries it.
class DetectorRegionsImpl : public GridEncoder {
 public:
  /// The detector is still missing: use() gives it, or weights with its bytes and prepare() do.
  explicit DetectorRegionsImpl(const VisionOptions& options);

  /// Takes a detector in. Error as of Detector.
  void use(const DetectorFile& file);

  /// Asserts that there is one.
  const Detector& detector() const;

  void prepare(const std::string& where) override;
  GridCells cells(const PictureBatch& pictures) override;
  int64_t width() const override { return width_; }
  bool reentrant() const override { return false; }  // OpenCV's networks are not
  Backbone* pretrained_network() override { return backbone_->pretrained_network(); }
  std::vector<RegionLabel> labels(const torch::Tensor& features) const override;

 private:
  /// What was found in each picture, in pixels of the original.
  std::vector<std::vector<Detection>> detections(const PictureBatch& pictures);
  /// Features [P, R, backbone's width] inside of boxes [P, R, 4].
  torch::Tensor described(const BackboneMaps& maps, const PictureBatch& pictures,
                          const torch::Tensor& boxes) const;

  int64_t width_ = 0;
  int64_t classes_ = 0;
  bool grid_ = false;
  DetectionLimits limits_;
  PretrainedGrid backbone_ = nullptr;
  torch::Tensor file_;    ///< uint8 [n]
  torch::Tensor config_;  ///< uint8 [n], empty for ONNX
  std::unique_ptr<Detector> detector_;
};
TORCH_MODULE(DetectorRegions);

}  // namespace vqalign
