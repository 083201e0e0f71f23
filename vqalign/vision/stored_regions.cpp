#include "vqalign/vision/stored_regions.h"

#include <torch/types.h>

#include <algorithm>
#include <bit>
#include <cassert>

#include "vqalign/core/error.h"

namespace vqalign {
namespace {

// All of this by hand: pictures are loaded on threads of the loader, where every parallel tensor
// operation would start an OpenMP pool of its own.

template <typename Number>
void copy_numbers(const torch::Tensor& source, float* to) {
  const auto* from = source.const_data_ptr<Number>();
  const int64_t across = source.stride(1);
  for (int64_t i = 0; i < source.size(0); ++i, to += source.size(1)) {
    const auto* row = from + i * source.stride(0);
    if (across == 1) {
      std::copy_n(row, source.size(1), to);
    } else {
      for (int64_t j = 0; j < source.size(1); ++j) to[j] = static_cast<float>(row[j * across]);
    }
  }
}

torch::Tensor copy_rows(const torch::Tensor& values, int64_t count) {
  torch::Tensor rows = torch::empty({count, values.size(1)}, torch::kFloat);
  const torch::Tensor source = values.slice(0, 0, count);
  auto* to = rows.mutable_data_ptr<float>();
  switch (source.scalar_type()) {
    case torch::kFloat:
      copy_numbers<float>(source, to);
      break;
    case torch::kHalf:
      copy_numbers<c10::Half>(source, to);
      break;
    case torch::kDouble:
      copy_numbers<double>(source, to);
      break;
    default:
      copy_numbers<float>(source.to(torch::kFloat), to);
  }
  return rows;
}

// The largest bits decide for a whole row at once: all above these are infinite or NaN.
constexpr int32_t kInfinityBits = 0x7f800000;

int32_t magnitude_bits(float value) {
  return std::bit_cast<int32_t>(value) & 0x7fffffff;
}

void check_finite(const torch::Tensor& rows, const std::string& name, const std::string& where) {
  const int64_t width = rows.size(1);
  const auto* row = rows.const_data_ptr<float>();
  for (int64_t i = 0; i < rows.size(0); ++i, row += width) {
    int32_t largest = 0;
    for (int64_t j = 0; j < width; ++j) largest = std::max(largest, magnitude_bits(row[j]));
    if (largest < kInfinityBits) continue;
    const auto* bad = std::find_if(
        row, row + width, [](float value) { return magnitude_bits(value) >= kInfinityBits; });
    fail(where, ": ", name, " of region ", i, " is ", *bad, " in column ", bad - row,
         ", expected finite numbers");
  }
}

// Moves the regions with any feature to the front; the others are dropped.
void drop_zero_regions(torch::Tensor& features, torch::Tensor& boxes) {
  const int64_t width = features.size(1);
  auto* values = features.mutable_data_ptr<float>();
  auto* corners = boxes.mutable_data_ptr<float>();
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

RegionFeatures checked_regions(const StoredRegions& stored, const RegionLimits& limits,
                               const std::string& where) {
  assert(stored.features.size(0) == stored.boxes.size(0) && stored.boxes.size(1) == 4);
  const int64_t width = stored.features.size(1);
  if (width == 0 || (limits.width != 0 && width != limits.width)) {
    fail(where, ": ", stored.features_name, " has features of width ", width, ", expected ",
         limits.width == 0 ? "at least 1" : std::to_string(limits.width));
  }
  constexpr int64_t kMostPixels = 1'000'000'000;
  for (const int64_t size : {stored.image_width, stored.image_height}) {
    if (size >= 1 && size <= kMostPixels) continue;
    fail(where, ": the picture is ", stored.image_width, " x ", stored.image_height,
         " pixels, expected 1 to ", kMostPixels);
  }
  const int64_t count = std::min(stored.features.size(0), limits.max_regions);
  RegionFeatures result{copy_rows(stored.features, count), copy_rows(stored.boxes, count),
                        stored.image_width, stored.image_height};
  check_finite(result.features, stored.features_name, where);
  check_finite(result.boxes, stored.boxes_name, where);
  drop_zero_regions(result.features, result.boxes);
  return result;
}

}  // namespace vqalign
