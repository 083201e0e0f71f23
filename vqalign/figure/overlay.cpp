#include "vqalign/figure/overlay.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "vqalign/figure/colour_map.h"

namespace vqalign {
namespace {

constexpr int kShades = 256;
constexpr double kFullByUniform = 4;

/// First and last-but-one pixel of an edge to edge span, at least one pixel inside 0 .. size.
std::pair<int, int> pixel_span(double from, double to, double whole, int size) {
  const double scale = size / std::max(whole, 1.0);
  const auto pixel = [&](double edge) {
    return static_cast<int>(std::lround(std::clamp(edge * scale, 0.0, double(size))));
  };
  const int first = std::min(pixel(from), size - 1);
  return {first, std::max(pixel(to), first + 1)};
}

}  // namespace

double overlay_scale(const AnswerEvidence& evidence, const FigureOptions& options) {
  if (options.scale > 0) return options.scale;
  double largest = 0;
  for (const PictureRegion& region : evidence.regions) largest = std::max(largest, region.weight);
  const auto regions = std::max<double>(1, double(evidence.regions.size()));
  return std::max(largest, std::min(1.0, kFullByUniform / regions));
}

QImage weight_overlay(const AnswerEvidence& evidence, QSize size, const FigureOptions& options) {
  const double scale = overlay_scale(evidence, options);
  const auto width = static_cast<std::size_t>(size.width());
  std::vector<float> weights(width * static_cast<std::size_t>(size.height()), 0.0F);
  for (const PictureRegion& region : evidence.regions) {
    const auto value = static_cast<float>(region.weight / scale);
    const auto [left, right] =
        pixel_span(region.x1, region.x2, double(evidence.picture_width), size.width());
    const auto [top, bottom] =
        pixel_span(region.y1, region.y2, double(evidence.picture_height), size.height());
    for (int y = top; y < bottom; ++y) {
      float* row = weights.data() + static_cast<std::size_t>(y) * width;
      for (int x = left; x < right; ++x) row[x] = std::max(row[x], value);
    }
  }
  std::vector<QRgb> shades(kShades);
  for (int i = 0; i < kShades; ++i) {
    const double value = double(i) / (kShades - 1);
    shades[std::size_t(i)] =
        qPremultiply(overlay_colour(options.colours, value, options.opacity).rgba());
  }
  QImage overlay(size, QImage::Format_ARGB32_Premultiplied);
  for (int y = 0; y < size.height(); ++y) {
    auto* row = reinterpret_cast<QRgb*>(overlay.scanLine(y));
    const float* from = weights.data() + static_cast<std::size_t>(y) * width;
    for (std::size_t x = 0; x < width; ++x) {
      row[x] = shades[std::size_t(std::lround(std::min(from[x], 1.0F) * (kShades - 1)))];
    }
  }
  return overlay;
}

}  // namespace vqalign
