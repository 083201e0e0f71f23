#include "vqalign/vision/hdf5_features.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>

#include "vqalign/core/error.h"
#include "vqalign/vision/hdf5_ids.h"

namespace vqalign {
namespace {

constexpr const char* kImageFeatures = "image_features";
constexpr const char* kImageBoxes = "image_bb";
constexpr const char* kSpatial = "spatial_features";
constexpr const char* kPositions = "pos_boxes";
constexpr int64_t kSpatialColumns = 6;

std::string sizes_text(const std::vector<int64_t>& shape) {
  std::string text;
  for (const int64_t size : shape) text += (text.empty() ? "[" : ", ") + std::to_string(size);
  return text + "]";
}

/// A side of the picture from one column of its boxes in pixels and in shares of the side: the
/// largest pair, which rounding disturbs least. 0 where none tells.
double side_from_shares(const torch::Tensor& boxes, const torch::Tensor& spatial, int64_t column) {
  const auto* pixels = boxes.const_data_ptr<float>();
  const auto* shares = spatial.const_data_ptr<float>();
  float largest = 0, side = 0;
  for (int64_t i = 0; i < boxes.size(0); ++i) {
    const float share = shares[i * kSpatialColumns + column];
    // A share beyond 1 by more than rounding is none, so the columns mean something else.
    if (!(share > largest) || share > 1.001f) continue;
    largest = share;
    side = pixels[i * 4 + column] / share;
  }
  return std::isfinite(side) ? static_cast<double>(side) : 0.0;
}

double extent(const torch::Tensor& boxes, int64_t column) {
  const auto* pixels = boxes.const_data_ptr<float>();
  float largest = 1;
  for (int64_t i = 0; i < boxes.size(0); ++i) largest = std::max(largest, pixels[i * 4 + column]);
  return std::isfinite(largest) ? static_cast<double>(largest) : 1.0;
}

}  // namespace

Hdf5Features::Hdf5Features(const std::filesystem::path& path, const RegionLimits& limits)
    : name_(path.string()), file_(path), limits_(limits) {
  check_shapes();
  const int64_t pictures = adaptive_ ? static_cast<int64_t>(positions_.size()) / 2 : shape_[0];
  place_pictures(read_hdf5_ids(file_, path, pictures));
}

void Hdf5Features::check_shapes() {
  shape_ = file_.shape(kImageFeatures);
  adaptive_ = file_.has(kPositions);
  spatial_ = file_.has(kSpatial);
  const std::size_t rank = adaptive_ ? 2 : 3;
  if (shape_.size() != rank) {
    fail(name_, ": image_features has the shape ", sizes_text(shape_), ", expected ",
         adaptive_ ? "[rows, width], for there is pos_boxes" : "[pictures, regions, width]");
  }
  const int64_t width = shape_.back();
  if (width == 0 || (limits_.width != 0 && width != limits_.width)) {
    fail(name_, ": has features of width ", width, ", expected ",
         limits_.width == 0 ? "at least 1" : std::to_string(limits_.width));
  }
  limits_.width = width;
  check_columns(kImageBoxes, 4);
  if (spatial_) check_columns(kSpatial, kSpatialColumns);
  if (!adaptive_) return;
  const std::vector<int64_t> shape = file_.shape(kPositions);
  if (shape.size() != 2 || shape[1] != 2) {
    fail(name_, ": pos_boxes has the shape ", sizes_text(shape), ", expected [pictures, 2]");
  }
  positions_ = file_.read_integers(kPositions);
  for (std::size_t i = 0; i < positions_.size(); i += 2) {
    if (0 <= positions_[i] && positions_[i] <= positions_[i + 1] && positions_[i + 1] <= shape_[0])
      continue;
    fail(name_, ": pos_boxes of row ", i / 2, " is ", positions_[i], " to ", positions_[i + 1],
         ", image_features has ", shape_[0], " rows");
  }
}

void Hdf5Features::check_columns(const std::string& name, int64_t columns) const {
  std::vector<int64_t> expected = shape_;
  expected.back() = columns;
  const std::vector<int64_t> shape = file_.shape(name);
  if (shape == expected) return;
  fail(name_, ": ", name, " has the shape ", sizes_text(shape), ", image_features has ",
       sizes_text(shape_), ", which asks for ", sizes_text(expected));
}

void Hdf5Features::place_pictures(const std::vector<int64_t>& ids) {
  if (ids.empty()) fail(name_, ": holds no picture");
  pictures_.reserve(ids.size());
  for (std::size_t row = 0; row < ids.size(); ++row) {
    const auto [known, added] = pictures_.emplace(ids[row], static_cast<int64_t>(row));
    if (added) continue;
    fail(name_, ": image ", ids[row], " is said to be row ", known->second, " and row ", row);
  }
  ids_ = ids;
}

Hdf5Features::Rows Hdf5Features::rows_of(int64_t image_id) const {
  const auto found = pictures_.find(image_id);
  if (found == pictures_.end()) fail(name_, ": image ", image_id, " has no features");
  if (!adaptive_) return {found->second, 1};
  const auto at = static_cast<std::size_t>(2 * found->second);
  return {positions_[at], positions_[at + 1] - positions_[at]};
}

std::optional<int64_t> Hdf5Features::regions(int64_t image_id) const {
  if (!has(image_id)) return std::nullopt;
  return std::min(adaptive_ ? rows_of(image_id).count : shape_[1], limits_.max_regions);
}

std::string Hdf5Features::number_type() const {
  return file_.type(kImageFeatures);
}

torch::Tensor Hdf5Features::read(const std::string& name, const Rows& rows, int64_t columns) const {
  const int64_t regions = adaptive_ ? rows.count : shape_[1];
  torch::Tensor values = torch::empty({regions, columns}, torch::kFloat);
  file_.read_rows(name, rows.first, rows.count, values.mutable_data_ptr<float>());
  return values;
}

void Hdf5Features::find_size(StoredRegions& stored, const Rows& rows) const {
  double width = 0, height = 0;
  if (spatial_) {
    const torch::Tensor spatial = read(kSpatial, rows, kSpatialColumns);
    width = side_from_shares(stored.boxes, spatial, 2);
    height = side_from_shares(stored.boxes, spatial, 3);
  }
  const auto side = [](double told, double least) {
    // Boxes may end half a pixel beyond the picture; more, and the quotient was of something else.
    const double pixels = told + 1 >= least ? std::round(told) : std::ceil(least);
    return static_cast<int64_t>(std::clamp(pixels, 1.0, 1e9));
  };
  stored.image_width = side(width, extent(stored.boxes, 2));
  stored.image_height = side(height, extent(stored.boxes, 3));
}

RegionFeatures Hdf5Features::load(int64_t image_id) const {
  const Rows rows = rows_of(image_id);
  StoredRegions stored;
  stored.features = read(kImageFeatures, rows, limits_.width);
  stored.boxes = read(kImageBoxes, rows, 4);
  stored.features_name = kImageFeatures;
  stored.boxes_name = kImageBoxes;
  find_size(stored, rows);
  return checked_regions(stored, limits_, concat(name_, ": image ", image_id));
}

}  // namespace vqalign
