#include "vqalign/figure/overlay.h"

#include <algorithm>
#include <cmath>

#include "vqalign/figure/colour_map.h"

namespace vqalign {
namespace {

constexpr int kShades = 256;
constexpr double kLeastTold = 0.001;
constexpr double kLeastFull = 0.01;  // a hundredth of all is no strong colour
constexpr double kFullByUniform = 4;

/// A region in pixels of the overlay: first and last-but-one.
struct PixelBox {
  int left, right, top, bottom;
  float value;
};

/// First and last-but-one pixel of an edge to edge span, at least one pixel inside 0 .. size.
std::pair<int, int> pixel_span(double from, double to, double whole, int size) {
  const double scale = size / std::max(whole, 1.0);
  const auto pixel = [&](double edge) {
    return static_cast<int>(std::lround(std::clamp(edge * scale, 0.0, double(size))));
  };
  const int first = std::min(pixel(from), size - 1);
  return {first, std::max(pixel(to), first + 1)};
}

/// The regions that have a weight, as far as they lie in `part`, in its own pixels.
std::vector<PixelBox> boxes_in(const AnswerEvidence& evidence, QSize size, const QRect& part,
                               double scale) {
  std::vector<PixelBox> boxes;
  for (const PictureRegion& region : evidence.regions) {
    const auto [left, right] =
        pixel_span(region.x1, region.x2, double(evidence.picture_width), size.width());
    const auto [top, bottom] =
        pixel_span(region.y1, region.y2, double(evidence.picture_height), size.height());
    const PixelBox box{std::max(left - part.left(), 0), std::min(right - part.left(), part.width()),
                       std::max(top - part.top(), 0), std::min(bottom - part.top(), part.height()),
                       static_cast<float>(region.weight / scale)};
    if (box.value > 0 && box.left < box.right && box.top < box.bottom) boxes.push_back(box);
  }
  // Painted over each other in this order, the largest weight stays.
  std::stable_sort(boxes.begin(), boxes.end(),
                   [](const PixelBox& a, const PixelBox& b) { return a.value < b.value; });
  return boxes;
}

/// The rows at which what a row looks like may change.
std::vector<int> bands_of(const std::vector<PixelBox>& boxes, int height) {
  std::vector<int> edges = {0, height};
  for (const PixelBox& box : boxes) {
    edges.push_back(box.top);
    edges.push_back(box.bottom);
  }
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges;
}

}  // namespace

double overlay_scale(const AnswerEvidence& evidence, const FigureOptions& options) {
  if (options.scale > 0) return options.scale;
  double largest = 0, sum = 0;
  for (const PictureRegion& region : evidence.regions) {
    largest = std::max(largest, region.weight);
    sum += region.weight;
  }
  if (largest <= 0) return 1;
  const double uniform = sum / double(evidence.regions.size());
  return std::max({largest, std::min(1.0, kFullByUniform * uniform), kLeastFull});
}

QImage weight_overlay(const AnswerEvidence& evidence, QSize size, const FigureOptions& options) {
  return weight_overlay(evidence, size, QRect(QPoint(0, 0), size), options);
}

QImage weight_overlay(const AnswerEvidence& evidence, QSize size, const QRect& part,
                      const FigureOptions& options) {
  const std::vector<PixelBox> boxes =
      boxes_in(evidence, size, part, overlay_scale(evidence, options));
  std::vector<QRgb> colours;
  for (const PixelBox& box : boxes) {
    const double value = std::round(std::min(box.value, 1.0F) * (kShades - 1)) / (kShades - 1);
    colours.push_back(qPremultiply(overlay_colour(options.colours, value, options.opacity).rgba()));
  }
  QImage overlay(part.size(), QImage::Format_ARGB32_Premultiplied);
  const std::vector<int> bands = bands_of(boxes, part.height());
  for (std::size_t band = 0; band + 1 < bands.size(); ++band) {
    auto* first = reinterpret_cast<QRgb*>(overlay.scanLine(bands[band]));
    std::fill_n(first, part.width(), QRgb{0});
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      if (boxes[i].top > bands[band] || boxes[i].bottom <= bands[band]) continue;
      std::fill(first + boxes[i].left, first + boxes[i].right, colours[i]);
    }
    for (int y = bands[band] + 1; y < bands[band + 1]; ++y) {
      std::copy_n(first, part.width(), reinterpret_cast<QRgb*>(overlay.scanLine(y)));
    }
  }
  return overlay;
}

std::vector<std::size_t> numbered_regions(const AnswerEvidence& evidence,
                                          const FigureOptions& options) {
  std::vector<std::size_t> regions = top_regions(evidence, std::size_t(options.regions));
  std::erase_if(regions, [&](std::size_t i) { return evidence.regions[i].weight < kLeastTold; });
  return regions;
}

}  // namespace vqalign
