#include "vqalign/figure/heat_map.h"

#include <QPaintEngine>
#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "vqalign/figure/colour_map.h"

namespace vqalign {
namespace {

constexpr int kTints = 256;
constexpr double kLeastScale = 1e-9;
constexpr double kPixelsOnPaper = 4;  // a unit

/// Whether cells are larger than pixels, so that each can be drawn as what it is.
bool has_room(const QImage& cells, QSize pixels) {
  return pixels.width() >= cells.width() && pixels.height() >= cells.height();
}

QImage scaled_cells(const QImage& cells, QSize pixels) {
  // Whole cells first, so that averaging blurs none into its neighbours.
  if (has_room(cells, pixels)) {
    return cells.scaled(pixels, Qt::IgnoreAspectRatio, Qt::FastTransformation);
  }
  return cells.scaled(pixels, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
}

}  // namespace

double map_scale(const AttentionMap& map, const FigureOptions& options) {
  if (options.scale > 0) return options.scale;
  float largest = 0;
  for (const float weight : map.weights) largest = std::max(largest, weight);
  return std::max<double>(largest, kLeastScale);
}

QImage heat_map(const AttentionMap& map, double scale, const FigureOptions& options) {
  if (map.queries == 0 || map.keys == 0) return {};
  std::array<QRgb, kTints> tints;
  for (int i = 0; i < kTints; ++i) {
    const QColor colour = overlay_colour(options.colours, double(i) / (kTints - 1), 1.0);
    tints[std::size_t(i)] = laid_over(colour, options.palette().card).rgb();
  }
  QImage image(static_cast<int>(map.keys), static_cast<int>(map.queries), QImage::Format_RGB32);
  const auto by_scale = static_cast<float>((kTints - 1) / scale);
  const float* weight = map.weights.data();
  for (int y = 0; y < image.height(); ++y) {
    auto* row = reinterpret_cast<QRgb*>(image.scanLine(y));
    for (int x = 0; x < image.width(); ++x, ++weight) {
      const float tint = std::clamp(*weight * by_scale + 0.5F, 0.0F, float(kTints - 1));
      row[x] = tints[static_cast<std::size_t>(tint)];
    }
  }
  return image;
}

void draw_cells(QPainter& painter, const QRectF& where, const QImage& cells) {
  if (cells.isNull() || where.isEmpty()) return;
  painter.save();
  painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
  if (painter.paintEngine()->type() == QPaintEngine::Raster) {
    const QTransform to_device = painter.deviceTransform();
    const QRectF mapped = to_device.mapRect(where);
    const QRect pixels = QRectF(mapped.topLeft(), mapped.bottomRight())
                             .toRect()
                             .united(QRect(mapped.topLeft().toPoint(), QSize(1, 1)));
    painter.drawImage(to_device.inverted().mapRect(QRectF(pixels)),
                      scaled_cells(cells, pixels.size()));
  } else {
    // Viewers smooth what they enlarge: each cell is given so many pixels that it does not show.
    const double factor =
        std::max({1.0, std::ceil(kPixelsOnPaper * where.width() / cells.width() / 2),
                  std::ceil(kPixelsOnPaper * where.height() / cells.height() / 2)});
    painter.drawImage(where, cells.scaled(cells.size() * std::min(factor, 32.0)));
  }
  painter.restore();
}

QString family_title(AttentionFamily family) {
  switch (family) {
    case AttentionFamily::kQuestionSelf:
      return QString::fromUtf8("question self-attention");
    case AttentionFamily::kImageSelf:
      return QString::fromUtf8("image self-attention");
    case AttentionFamily::kGuided:
      return QString::fromUtf8("guided attention");
    case AttentionFamily::kQuestionPretrained:
      return QString::fromUtf8("pretrained question attention");
  }
  assert(false && "unknown attention family");
  return {};
}

}  // namespace vqalign
