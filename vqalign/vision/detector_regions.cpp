#include "vqalign/vision/detector_regions.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "vqalign/core/error.h"
#include "vqalign/vision/cell_grid.h"
#include "vqalign/vision/roi_align.h"

namespace vqalign {
namespace {

/// Points of a map that a box is looked at, a side.
constexpr int64_t kRoiPoints = 14;
constexpr int64_t kFinerBins = 2;

torch::Tensor bytes_tensor(const std::string& bytes) {
  torch::Tensor tensor = torch::empty({static_cast<int64_t>(bytes.size())}, torch::kByte);
  std::memcpy(tensor.data_ptr<uint8_t>(), bytes.data(), bytes.size());
  return tensor;
}

std::string bytes_of(const torch::Tensor& tensor) {
  const torch::Tensor bytes = tensor.to(torch::kCPU, torch::kByte).contiguous();
  return {reinterpret_cast<const char*>(bytes.const_data_ptr<uint8_t>()),
          static_cast<std::size_t>(bytes.numel())};
}

VisionOptions backbone_options(VisionOptions options) {
  options.encoder = options.backbone;
  options.keep = 0;
  return options;
}

/// The whole picture and its detections as regions whose features are those of the classes alone.
RegionBatch found_regions(const std::vector<std::vector<Detection>>& found,
                          const torch::Tensor& sizes, int64_t classes) {
  std::vector<RegionFeatures> pictures;
  const torch::Tensor originals = sizes.to(torch::kCPU).contiguous();
  const float* size = originals.const_data_ptr<float>();
  for (const std::vector<Detection>& detections : found) {
    const auto count = static_cast<int64_t>(detections.size()) + 1;
    RegionFeatures regions{torch::zeros({count, classes}), torch::empty({count, 4}),
                           static_cast<int64_t>(size[0]), static_cast<int64_t>(size[1])};
    auto* features = regions.features.data_ptr<float>();
    auto* box = regions.boxes.data_ptr<float>();
    const auto add_box = [&box](const Box& corners) {
      for (const float corner : {corners.x1, corners.y1, corners.x2, corners.y2}) *box++ = corner;
    };
    add_box({0, 0, size[0], size[1]});
    for (const Detection& detection : detections) {
      features += classes;
      features[detection.class_id] = detection.score;
      add_box(detection.box);
    }
    pictures.push_back(std::move(regions));
    size += 2;
  }
  return collate_regions(pictures);
}

}  // namespace

int64_t detector_width(const VisionOptions& options) {
  return pretrained_width(options) + static_cast<int64_t>(options.class_names().size());
}

DetectorRegionsImpl::DetectorRegionsImpl(const VisionOptions& options)
    : GridEncoder(/*keep=*/0),
      width_(detector_width(options)),
      classes_(static_cast<int64_t>(options.class_names().size())),
      grid_(options.detector_grid),
      limits_{options.detector_score, options.detector_overlap, options.max_detections} {
  backbone_ = register_module("backbone", PretrainedGrid(backbone_options(options)));
  file_ = register_buffer("detector_file", torch::empty({0}, torch::kByte));
  config_ = register_buffer("detector_config", torch::empty({0}, torch::kByte));
}

void DetectorRegionsImpl::use(const DetectorFile& file) {
  const torch::NoGradGuard no_grad;
  detector_ = std::make_unique<Detector>(file, classes_);
  for (auto& [bytes, buffer] : {std::pair{&file.network, &file_}, {&file.config, &config_}}) {
    buffer->resize_({static_cast<int64_t>(bytes->size())}).copy_(bytes_tensor(*bytes));
  }
}

const Detector& DetectorRegionsImpl::detector() const {
  assert(detector_);
  return *detector_;
}

void DetectorRegionsImpl::prepare(const std::string& where) {
  const DetectorFile file{where + ": its detector", bytes_of(file_), bytes_of(config_)};
  detector_ = std::make_unique<Detector>(file, classes_);
}

std::vector<std::vector<Detection>> DetectorRegionsImpl::detections(const PictureBatch& pictures) {
  const torch::Tensor pixels =
      pictures.pixels.to(torch::kCPU).permute({0, 2, 3, 1}).contiguous();  // [P, H, W, 3]
  const torch::Tensor extents = pictures.extents.to(torch::kCPU).contiguous();
  const torch::Tensor sizes = pictures.sizes.to(torch::kCPU).contiguous();
  const int64_t row_bytes = pixels.size(2) * 3;
  std::vector<std::vector<Detection>> found;
  for (int64_t p = 0; p < pixels.size(0); ++p) {
    const int64_t* extent = extents.const_data_ptr<int64_t>() + 2 * p;
    const float* size = sizes.const_data_ptr<float>() + 2 * p;
    const RgbView view{pixels.const_data_ptr<uint8_t>() + p * pixels.size(1) * row_bytes, extent[1],
                       extent[0], row_bytes};
    std::vector<Detection> own = detector().detect(view, limits_);
    const float x = size[0] / float(extent[1]), y = size[1] / float(extent[0]);
    for (Detection& detection : own) {
      const Box& box = detection.box;
      detection.box = {box.x1 * x, box.y1 * y, std::min(box.x2 * x, size[0]),
                       std::min(box.y2 * y, size[1])};
    }
    found.push_back(std::move(own));
  }
  return found;
}

torch::Tensor DetectorRegionsImpl::described(const BackboneMaps& maps, const PictureBatch& pictures,
                                             const torch::Tensor& boxes) const {
  // Columns a pixel of the original, then rows.
  const torch::Tensor pixels_each = pictures.extents.flip(1).to(torch::kFloat32) / pictures.sizes;
  const auto aligned = [&](const torch::Tensor& values, int64_t stride, int64_t bins) {
    const RoiMaps roi{values, cell_extents(pictures.extents, stride), pixels_each / double(stride)};
    return roi_align(roi, boxes, {bins, kRoiPoints / bins}).flatten(2);
  };
  constexpr int64_t kStride = Backbone::kStride;
  const torch::Tensor last = aligned(maps.last, kStride, 1);
  if (!maps.finer.defined()) return last;
  return torch::cat({last, aligned(maps.finer, kStride / 2, kFinerBins)}, 2);
}

GridCells DetectorRegionsImpl::cells(const PictureBatch& pictures) {
  const BackboneMaps maps = backbone_->maps(pictures);
  RegionBatch regions = to_device(found_regions(detections(pictures), pictures.sizes, classes_),
                                  pictures.pixels.device());
  const torch::Tensor described_by =
      described(maps, pictures, regions.boxes).masked_fill(regions.mask.unsqueeze(2), 0.0);
  regions.features = torch::cat({described_by, regions.features}, 2);
  regions.sizes = pictures.sizes;
  if (!grid_) return {std::move(regions), {}};
  const RegionBatch cells = backbone_->regions(maps, pictures);
  const torch::Tensor no_class = torch::zeros(
      {cells.features.size(0), cells.features.size(1), classes_}, cells.features.options());
  regions.features = torch::cat({regions.features, torch::cat({cells.features, no_class}, 2)}, 1);
  regions.boxes = torch::cat({regions.boxes, cells.boxes}, 1);
  regions.mask = torch::cat({regions.mask, cells.mask}, 1);
  return {std::move(regions), {}};
}

std::vector<RegionLabel> DetectorRegionsImpl::labels(const torch::Tensor& features) const {
  assert(features.size(1) == width_);
  const auto [scores, places] =
      features.detach().slice(1, width_ - classes_).to(torch::kCPU, torch::kFloat32).max(1);
  std::vector<RegionLabel> labels(static_cast<std::size_t>(features.size(0)));
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const float score = scores.data_ptr<float>()[i];
    if (score > 0) labels[i] = {places.data_ptr<int64_t>()[i], score};
  }
  return labels;
}

}  // namespace vqalign
