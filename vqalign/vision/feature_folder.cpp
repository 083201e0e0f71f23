#include "vqalign/vision/feature_folder.h"

#include <torch/types.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "vqalign/core/error.h"
#include "vqalign/core/formats/npz.h"

namespace vqalign {
namespace {

namespace fs = std::filesystem;

// The last run of digits of a file's stem; none where there is none or it is no int64.
std::optional<int64_t> image_id_of(const std::string& stem) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const auto last = std::find_if(stem.rbegin(), stem.rend(), is_digit);
  const auto before = std::find_if_not(last, stem.rend(), is_digit);
  int64_t id = 0;
  const char* begin = stem.data() + (stem.rend() - before);
  const auto result = std::from_chars(begin, begin + (before - last), id);
  if (result.ec != std::errc()) return std::nullopt;
  return id;
}

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

std::string shape_of(const torch::Tensor& tensor) {
  std::string text = "(";
  for (const int64_t size : tensor.sizes()) {
    text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  }
  return text + ")";
}

// x as a view [n, d]. Where both axes are as long as bbox the released files' order is taken.
torch::Tensor regions_first(const torch::Tensor& x, int64_t regions, const fs::path& file) {
  if (x.dim() == 2 && x.size(1) == regions) return x.t();
  if (x.dim() == 2 && x.size(0) == regions) return x;
  fail(file.string(), ": x has the shape ", shape_of(x), ", which does not fit the ", regions,
       " rows of bbox");
}

// The first `count` rows as float32. By hand: see collate_regions.
torch::Tensor copy_rows(const torch::Tensor& values, int64_t count) {
  const torch::Tensor source =
      values.dtype() == torch::kFloat ? values : values.slice(0, 0, count).to(torch::kFloat);
  torch::Tensor rows = torch::empty({count, source.size(1)}, torch::kFloat);
  const auto* from = source.data_ptr<float>();
  auto* to = rows.data_ptr<float>();
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t j = 0; j < source.size(1); ++j) {
      *to++ = from[i * source.stride(0) + j * source.stride(1)];
    }
  }
  return rows;
}

void check_finite(const torch::Tensor& rows, const char* name, const fs::path& file) {
  const auto* values = rows.data_ptr<float>();
  for (int64_t i = 0; i < rows.numel(); ++i) {
    if (!std::isfinite(values[i])) {
      fail(file.string(), ": ", name, " of region ", i / rows.size(1), " is ", values[i],
           " in column ", i % rows.size(1), ", expected finite numbers");
    }
  }
}

// Moves the regions with any feature to the front; the others are dropped.
void drop_zero_regions(torch::Tensor& features, torch::Tensor& boxes) {
  const int64_t width = features.size(1);
  auto* values = features.data_ptr<float>();
  auto* corners = boxes.data_ptr<float>();
  int64_t kept = 0;
  for (int64_t i = 0; i < features.size(0); ++i) {
    const auto* row = values + i * width;
    if (std::all_of(row, row + width, [](float value) { return value == 0.0f; })) continue;
    if (kept != i) {
      std::copy_n(row, width, values + kept * width);
      std::copy_n(corners + i * 4, 4, corners + kept * 4);
    }
    ++kept;
  }
  features = features.slice(0, 0, kept);
  boxes = boxes.slice(0, 0, kept);
}

}  // namespace

FeatureFolder::FeatureFolder(const fs::path& folder, int64_t width, int64_t max_regions)
    : folder_(folder), width_(width), max_regions_(max_regions) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_directory(folder, error)) {
    fail(folder.string(), ": is a file; region features are read from a folder of .npz files");
  }
  constexpr int kDeepest = 2;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::follow_directory_symlink,
                                         error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry.depth() >= kDeepest) entry.disable_recursion_pending();
    if (entry->path().extension() != ".npz") continue;
    if (const auto id = image_id_of(entry->path().stem().string())) add(*id, entry->path());
  }
  if (error) fail(folder.string(), ": cannot be read as a folder of features: ", error.message());
  if (files_.empty()) {
    fail(folder.string(), ": no .npz file with an image id in its name");
  }
  if (width_ == 0) {
    const auto first =
        std::min_element(files_.begin(), files_.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
    width_ = load(first->first).features.size(1);
  }
}

void FeatureFolder::add(int64_t image_id, const fs::path& file) {
  const auto [known, added] = files_.emplace(image_id, file);
  if (added) return;
  const auto& [first, second] = std::minmax(known->second, file);
  fail(folder_.string(), ": image ", image_id, " has two files, ",
       first.lexically_relative(folder_).string(), " and ",
       second.lexically_relative(folder_).string());
}

RegionFeatures FeatureFolder::load(int64_t image_id) const {
  const auto found = files_.find(image_id);
  if (found == files_.end()) fail(folder_.string(), ": image ", image_id, " has no features");
  const fs::path& file = found->second;
  const Members members(file);
  const torch::Tensor& bbox = members.at("bbox");
  if (bbox.dim() != 2 || bbox.size(1) != 4) {
    fail(file.string(), ": bbox has the shape ", shape_of(bbox), ", expected (n, 4)");
  }
  const torch::Tensor x = regions_first(members.at("x"), bbox.size(0), file);
  if (x.size(1) == 0 || (width_ != 0 && x.size(1) != width_)) {
    fail(file.string(), ": x has features of width ", x.size(1), ", expected ",
         width_ == 0 ? "at least 1" : std::to_string(width_));
  }
  const int64_t count = std::min(bbox.size(0), max_regions_);
  RegionFeatures result{copy_rows(x, count), copy_rows(bbox, count),
                        members.size("image_w", "width"), members.size("image_h", "height")};
  check_finite(result.features, "x", file);
  check_finite(result.boxes, "bbox", file);
  drop_zero_regions(result.features, result.boxes);
  return result;
}

}  // namespace vqalign
