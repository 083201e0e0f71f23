#include "vqalign/vision/npz_regions.h"

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>
#include <vector>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/npz.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

using Shape = std::vector<int64_t>;

class Members {
 public:
  explicit Members(const fs::path& file) : file_(file), arrays_(read_npz(file)) {}

  const torch::Tensor* find(const std::string& name) const {
    for (const NpzArray& array : arrays_) {
      if (array.name == name && array.tensor.defined()) return &array.tensor;
    }
    return nullptr;
  }

  const torch::Tensor& at(const std::string& name) const {
    if (const torch::Tensor* found = find(name)) return *found;
    fail(file_.string(), ": no numeric member \"", name, "\"");
  }

  bool has_size() const {
    return (find("image_w") || find("width")) && (find("image_h") || find("height"));
  }

  int64_t size(const std::string& name, const std::string& other) const {
    const torch::Tensor* found = find(name);
    if (found == nullptr) found = find(other);
    if (found == nullptr) fail(file_.string(), ": neither \"", name, "\" nor \"", other, "\"");
    if (found->numel() != 1) {
      fail(file_.string(), ": ", name, " has ", found->numel(), " elements, expected one number");
    }
    const auto value = found->to(torch::kDouble).item<double>();
    if (!(value >= 1 && value <= 1e9)) {
      fail(file_.string(), ": ", name, " is ", value, ", expected a number of pixels");
    }
    return static_cast<int64_t>(value);
  }

 private:
  fs::path file_;
  std::vector<NpzArray> arrays_;
};

std::string shape_text(const Shape& shape) {
  std::string text = "(";
  for (const int64_t size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + ")";
}

void check_boxes(const Shape& bbox, const fs::path& file) {
  if (bbox.size() == 2 && bbox[1] == 4) return;
  fail(file.string(), ": bbox has the shape ", shape_text(bbox), ", expected (n, 4)");
}

/// The axis of x along which its regions lie. Where both axes are as long as bbox the released
/// files' order is taken.
int64_t region_axis(const Shape& x, int64_t regions, const fs::path& file) {
  if (x.size() == 2 && x[1] == regions) return 1;
  if (x.size() == 2 && x[0] == regions) return 0;
  fail(file.string(), ": x has the shape ", shape_text(x), ", which does not fit the ", regions,
       " rows of bbox");
}

int64_t cell_axis(const Shape& x, int64_t width, const fs::path& file) {
  if (x.size() == 2 && width == 0) return x[0] > x[1] ? 1 : 0;
  if (x.size() == 2 && x[1] == width) return 0;
  if (x.size() == 2 && x[0] == width) return 1;
  fail(file.string(), ": x has the shape ", shape_text(x), " and there is no \"bbox\", expected ",
       width == 0 ? "(cells, width)" : concat("cells of width ", width));
}

struct GridShape {
  int64_t rows = 0;
  int64_t columns = 0;
};

/// `aspect`: of the picture, width to height; 0 when it is not known.
std::optional<GridShape> grid_shape(int64_t cells, double aspect) {
  const auto side = static_cast<int64_t>(std::llround(std::sqrt(static_cast<double>(cells))));
  if (side > 0 && side * side == cells) return GridShape{side, side};
  if (aspect == 0) return std::nullopt;
  // Strides of 16 or 32 pixels round a picture's sides, so grids have its aspect about.
  constexpr double kFarthest = 1.5;
  const double rows_of_aspect = std::sqrt(static_cast<double>(cells) / aspect);
  const double spread = std::sqrt(kFarthest);
  const auto most = std::min(static_cast<double>(cells), rows_of_aspect * spread);
  std::optional<GridShape> best;
  double least = INFINITY;
  for (auto rows = std::max<int64_t>(1, std::llround(std::ceil(rows_of_aspect / spread)));
       static_cast<double>(rows) <= most; ++rows) {
    if (cells % rows != 0) continue;
    const double distance = std::abs(std::log(static_cast<double>(rows) / rows_of_aspect));
    if (distance >= least) continue;
    least = distance;
    best = GridShape{rows, cells / rows};
  }
  return best;
}

torch::Tensor cell_boxes(const GridShape& grid, double width, double height) {
  torch::Tensor boxes = torch::empty({grid.rows * grid.columns, 4}, torch::kFloat);
  auto* box = boxes.mutable_data_ptr<float>();
  const double across = width / static_cast<double>(grid.columns);
  const double down = height / static_cast<double>(grid.rows);
  for (int64_t row = 0; row < grid.rows; ++row) {
    for (int64_t column = 0; column < grid.columns; ++column) {
      *box++ = static_cast<float>(static_cast<double>(column) * across);
      *box++ = static_cast<float>(static_cast<double>(row) * down);
      *box++ = static_cast<float>(static_cast<double>(column + 1) * across);
      *box++ = static_cast<float>(static_cast<double>(row + 1) * down);
    }
  }
  return boxes;
}

void add_cells(StoredRegions& regions, const Members& members, const fs::path& file) {
  const int64_t cells = regions.features.size(0);
  const bool sized = members.has_size();
  if (sized) {
    regions.image_width = members.size("image_w", "width");
    regions.image_height = members.size("image_h", "height");
  }
  const double aspect =
      sized ? static_cast<double>(regions.image_width) / static_cast<double>(regions.image_height)
            : 0.0;
  const std::optional<GridShape> grid = grid_shape(cells, aspect);
  if (!grid) {
    fail(file.string(), ": there is no \"bbox\", and ", cells,
         sized ? " cells are no grid of about the picture's shape"
               : " cells are no square grid; image_w and image_h would tell its shape");
  }
  if (!sized) {
    regions.image_width = grid->columns;
    regions.image_height = grid->rows;
  }
  regions.boxes = cell_boxes(*grid, static_cast<double>(regions.image_width),
                             static_cast<double>(regions.image_height));
}

}  // namespace

StoredRegions read_npz_regions(const fs::path& file, int64_t width) {
  const Members members(file);
  StoredRegions regions;
  regions.features_name = "x";
  regions.boxes_name = "bbox";
  const torch::Tensor* bbox = members.find("bbox");
  if (bbox != nullptr) check_boxes(bbox->sizes().vec(), file);
  const torch::Tensor& x = members.at("x");
  const Shape shape = x.sizes().vec();
  const int64_t axis =
      bbox ? region_axis(shape, bbox->size(0), file) : cell_axis(shape, width, file);
  regions.features = axis == 0 ? x : x.t();
  if (bbox == nullptr) {
    add_cells(regions, members, file);
    return regions;
  }
  regions.boxes = *bbox;
  regions.image_width = members.size("image_w", "width");
  regions.image_height = members.size("image_h", "height");
  return regions;
}

int64_t count_npz_regions(const fs::path& file, int64_t width) {
  Shape x, bbox;
  for (auto& [name, shape] : read_npz_shapes(file)) {
    if (name == "x") x = std::move(shape);
    if (name == "bbox") bbox = std::move(shape);
  }
  if (!bbox.empty()) {
    check_boxes(bbox, file);
    return bbox[0];
  }
  return x.empty() ? 0 : x[static_cast<std::size_t>(cell_axis(x, width, file))];
}

}  // namespace vqalign
