#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>

#include <memory>
#include <string>
#include <vector>

#include "vqalign/vision/picture_batch.h"
#include "vqalign/vision/regions.h"
#include "vqalign/vision/vision_options.h"

namespace vqalign {

class Backbone;

/// What a region shows, where its encoder knows.
struct RegionLabel {
  int64_t class_id = -1;  ///< place among VisionOptions::class_names(); -1: not known
  float score = 0;        ///< how sure the encoder is, 0 to 1
};

/// What an encoder makes of pictures before any cell is left out.
struct GridCells {
  RegionBatch cells;       ///< every cell, in row-major order
  torch::Tensor saliency;  ///< float [P, M] logits, how much a cell stands out; undefined when all
                           ///< cells are kept
};

/// A network whose cells, or what it finds, are the regions of pictures. With `keep` only that many
/// cells, those that stand out most, become regions: objects are few among cells of background, and
/// attention costs by the region.
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

  /// The network among it that was trained elsewhere, for load_backbone(); null where there is
  /// none.
  virtual Backbone* pretrained_network() { return nullptr; }

  /// Gets ready for pictures once its weights are in place. Error beginning with `where` when
  /// something in them cannot be used; nothing to do for networks that are numbers alone.
  virtual void prepare(const std::string& /*where*/) {}

  /// What regions with these features [n, C] show: n labels, or none where the encoder has none to
  /// give.
  virtual std::vector<RegionLabel> labels(const torch::Tensor& /*features*/) const { return {}; }

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

/// How many regions it makes of a picture, about, at most.
int64_t most_regions(const VisionOptions& options);

/// How pictures are scaled for it.
PictureScale picture_scale(const VisionOptions& options);

}  // namespace vqalign
