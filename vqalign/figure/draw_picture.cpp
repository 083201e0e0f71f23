#include "vqalign/figure/draw_picture.h"

#include <QFontMetricsF>
#include <QLinearGradient>
#include <QPaintEngine>
#include <algorithm>
#include <cmath>

#include "vqalign/figure/colour_map.h"
#include "vqalign/figure/overlay.h"
#include "vqalign/figure/palette.h"

namespace vqalign {
namespace {

constexpr double kRamp = 130;
constexpr double kTag = 18;
constexpr int kMostPixels = 8192;

/// Pixels that a rectangle covers on a screen or image; twice its units on paper, which has none.
QSize pixels_of(const QPainter& painter, const QRectF& where) {
  const bool raster = painter.paintEngine()->type() == QPaintEngine::Raster;
  const QRectF mapped = painter.deviceTransform().mapRect(where);
  const QSizeF size = raster ? mapped.size() : mapped.size() * 2;
  const auto bounded = [](double length) {
    return static_cast<int>(std::clamp(std::round(length), 1.0, double(kMostPixels)));
  };
  return {bounded(size.width()), bounded(size.height())};
}

/// The picture no larger than it is seen: a painter's own scaling skips pixels.
QImage as_seen(const QImage& picture, QSize pixels) {
  const bool smaller = pixels.width() < picture.width() && pixels.height() < picture.height();
  return smaller ? picture.scaled(pixels, Qt::IgnoreAspectRatio, Qt::SmoothTransformation)
                 : picture;
}

QRectF region_on(const QRectF& where, const AnswerEvidence& evidence, const PictureRegion& region) {
  const double sx = where.width() / std::max<double>(1, double(evidence.picture_width));
  const double sy = where.height() / std::max<double>(1, double(evidence.picture_height));
  return {QPointF(where.left() + region.x1 * sx, where.top() + region.y1 * sy),
          QPointF(where.left() + region.x2 * sx, where.top() + region.y2 * sy)};
}

void draw_tag(QPainter& painter, QPointF centre, std::size_t number) {
  const QRectF disc(centre.x() - kTag / 2, centre.y() - kTag / 2, kTag, kTag);
  painter.setPen(QPen(Qt::white, 1.2));
  painter.setBrush(palette::kTag);
  painter.drawEllipse(disc);
  draw_line(painter, disc, Qt::AlignHCenter, figure_font(11, QFont::Bold), Qt::white,
            QString::number(number));
}

std::vector<std::size_t> outlined_regions(const AnswerEvidence& evidence,
                                          const FigureOptions& options) {
  std::vector<std::size_t> regions = top_regions(evidence, std::size_t(options.regions));
  std::erase_if(regions, [&](std::size_t i) { return evidence.regions[i].weight <= 0; });
  return regions;
}

void outline_regions(QPainter& painter, const QRectF& where, const AnswerEvidence& evidence,
                     const std::vector<std::size_t>& regions) {
  painter.setBrush(Qt::NoBrush);
  for (const std::size_t index : regions) {
    const QRectF box = region_on(where, evidence, evidence.regions[index]).adjusted(1, 1, -1, -1);
    painter.setPen(QPen(QColor(0, 0, 0, 150), 3.5, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    painter.drawRect(box);
    painter.setPen(QPen(Qt::white, 1.5, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
    painter.drawRect(box);
  }
  // After all outlines, the first last, so that it lies on top.
  for (std::size_t i = regions.size(); i-- > 0;) {
    const QRectF box = region_on(where, evidence, evidence.regions[regions[i]]);
    draw_tag(painter, box.topLeft() + QPointF(3, 3), i + 1);
  }
}

QString region_list(const AnswerEvidence& evidence, const std::vector<std::size_t>& regions) {
  QStringList parts;
  for (std::size_t i = 0; i < regions.size(); ++i) {
    const double weight = evidence.regions[regions[i]].weight;
    parts << QString::fromUtf8("%1\u00a0\u00b7\u00a0%2").arg(i + 1).arg(percent_text(weight, 0));
  }
  return parts.join(QString::fromUtf8("    "));
}

void draw_legend(QPainter& painter, const FigureLayout& layout, const AnswerEvidence& evidence,
                 const FigureOptions& options, const std::vector<std::size_t>& regions) {
  constexpr int kStops = 16;
  const double scale = overlay_scale(evidence, options);
  const double line = layout.legend.height() / layout.legend_lines;
  const QRectF legend(layout.legend.topLeft(), QSizeF(layout.legend.width(), line));
  const QRectF ramp(legend.left(), legend.center().y() - 5, kRamp, 10);
  QLinearGradient gradient(ramp.topLeft(), ramp.topRight());
  for (int i = 0; i <= kStops; ++i) {
    const double value = double(i) / kStops;
    gradient.setColorAt(
        value, laid_over(overlay_colour(options.colours, value, options.opacity), palette::kCard));
  }
  painter.setPen(QPen(palette::kLine, 1));
  painter.setBrush(gradient);
  painter.drawRect(ramp);
  const QFont font = figure_font(12);
  const QString text = QString::fromUtf8("0 to %1 of region pooling").arg(percent_text(scale));
  const double after = ramp.right() + 10;
  const double width = QFontMetricsF(font).horizontalAdvance(text) + 1;
  draw_line(painter, QRectF(after, legend.top(), width, legend.height()), Qt::AlignLeft, font,
            palette::kMuted, text);
  const bool below = layout.legend_lines > 1;
  const double start = below ? legend.left() : after + width + 16;
  const QRectF list(QPointF(start, layout.legend.bottom() - line), layout.legend.bottomRight());
  draw_line(painter, list, below ? Qt::AlignLeft : Qt::AlignRight, font, palette::kText,
            region_list(evidence, regions));
}

}  // namespace

void draw_picture(QPainter& painter, const FigureLayout& layout, const AnswerEvidence& evidence,
                  const QImage& picture, const FigureOptions& options) {
  const QRectF& where = layout.picture;
  const QSize pixels = pixels_of(painter, where);
  painter.drawImage(where, as_seen(picture, pixels));
  painter.drawImage(where, weight_overlay(evidence, pixels, options));
  painter.setPen(QPen(palette::kLine, 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(where);
  const std::vector<std::size_t> regions = outlined_regions(evidence, options);
  outline_regions(painter, where, evidence, regions);
  draw_legend(painter, layout, evidence, options, regions);
}

}  // namespace vqalign
