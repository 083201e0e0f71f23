#include "vqalign/vision/grid_encoder.h"

#include <torch/types.h>

#include <algorithm>

#include "vqalign/vision/detector_regions.h"
#include "vqalign/vision/grid_cnn.h"
#include "vqalign/vision/pretrained_grid.h"

namespace vqalign {

void GridEncoder::add_saliency(int64_t width) {
  if (keep_ > 0) saliency_ = register_module("saliency", torch::nn::Linear(width, 1));
}

GridCells GridEncoder::with_saliency(RegionBatch cells) {
  GridCells grid{std::move(cells), {}};
  if (saliency_) grid.saliency = saliency_(grid.cells.features).squeeze(2);
  return grid;
}

RegionBatch GridEncoder::choose(const GridCells& grid) const {
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

std::shared_ptr<GridEncoder> make_grid_encoder(const VisionOptions& options) {
  if (options.encoder == "features") return nullptr;
  if (options.detects()) return std::make_shared<DetectorRegionsImpl>(options);
  if (options.pretrained()) return std::make_shared<PretrainedGridImpl>(options);
  return std::make_shared<GridCnnImpl>(options);
}

int64_t most_regions(const VisionOptions& options) {
  const int64_t side = picture_scale(options).multiple * options.pool;
  const int64_t cells = std::max<int64_t>(1, options.pixels / (side * side));
  if (!options.detects()) return options.keep > 0 ? options.keep : cells;
  return 1 + options.max_detections + (options.detector_grid ? cells : 0);
}

PictureScale picture_scale(const VisionOptions& options) {
  const bool pretrained = options.pretrained();
  return {.pixels = options.pixels,
          .longest = options.longest,
          .multiple = pretrained ? Backbone::kStride : GridCnnImpl::kStride,
          .enlarge = options.enlarge,
          .whole = pretrained};
}

}  // namespace vqalign
