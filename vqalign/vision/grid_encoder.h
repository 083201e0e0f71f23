#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>

#include <memory>

#include "vqalign/vision/picture_batch.h"
#include "vqalign/vision/regions.h"
#include "vqalign/vision/vision_options.h"

namespace vqalign {

/// What an encoder makes of pictures before any cell is left out.
struct GridCells {
  RegionBatch cells;       ///< every cell, in row-major order
  torch::Tensor saliency;  ///< float [P, M] logits, how much a cell stands out; undefined when all
                           ///< cells are kept
};

/// A network whose cells are the regions of pictures. With `keep` only that many cells, those that
/// stand out most, become regions: objects are few among cells of background, and attention costs
/// by the region.
class GridEncoder : public torch::nn::Module {
 public:
  /// pictures: P of them. Returns features [P, M, C] with M the cells of the padded grid in
  /// row-major order, boxes of the cells in pixels of the original pictures (cut at the border),
  /// padded cells masked and zero.
  virtual GridCells cells(const PictureBatch& pictures) = 0;

  /// C, the width of a region's features.
  virtual int64_t width() const = 0;

  /// Whether calls without gradients may overlap, once the first has returned.
  virtual bool reentrant() const { return true; }

  /// The regions among the cells: all, or, of a picture with more, the `keep` most salient in
  /// falling order, their features scaled by the sigmoid of their saliency, through which saliency
  /// learns.
  RegionBatch choose(const GridCells& grid) const;

  /// Both steps.
  RegionBatch forward(const PictureBatch& pictures) { return choose(cells(pictures)); }

 protected:
  /// `keep`: VisionOptions' own.
  explicit GridEncoder(int64_t keep) : keep_(keep) {}

  /// Registers what tells saliency, for features of that width, where cells are left out.
  void add_saliency(int64_t width);

  /// Fills in the saliency of the cells.
  GridCells with_saliency(RegionBatch cells);

 private:
  int64_t keep_ = 0;
  torch::nn::Linear saliency_ = nullptr;
};

/// The encoder that `vision.encoder` names, of random weights; null for stored features.
std::shared_ptr<GridEncoder> make_grid_encoder(const VisionOptions& options);

/// How pictures are scaled for it.
PictureScale picture_scale(const VisionOptions& options);

}  // namespace vqalign
