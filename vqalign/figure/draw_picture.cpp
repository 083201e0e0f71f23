#include "vqalign/figure/draw_picture.h"

#include <QFontMetricsF>
#include <QPaintDevice>
#include <QPaintEngine>
#include <algorithm>
#include <cmath>

#include "vqalign/figure/hatching.h"
#include "vqalign/figure/overlay.h"
#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr double kTag = 18;
constexpr double kTagPadding = 14;
constexpr double kHatch = 7;
constexpr int kMostPixels = 8192;  // of an overlay on paper
constexpr double kMostKeptPixels = 8.0 * 1024 * 1024;

QImage scaled_part(const QImage& picture, QSize whole, const QRect& part) {
  if (part.size() == whole) {
    return picture.scaled(whole, Qt::IgnoreAspectRatio, Qt::SmoothTransformation)
        .convertToFormat(QImage::Format_RGB32);
  }
  QImage scaled(part.size(), QImage::Format_RGB32);
  scaled.fill(Qt::white);
  QPainter painter(&scaled);
  painter.setRenderHint(QPainter::SmoothPixmapTransform);
  painter.drawImage(QRectF(QRect(-part.topLeft(), whole)), picture);
  return scaled;
}

/// A part of a picture that is `whole` pixels in all, kept until another is asked for: a painter's
/// own scaling skips pixels, and scaling well takes longer than a frame.
const QImage& as_seen(const QImage& picture, QSize whole, const QRect& part) {
  struct Seen {
    qint64 key = -1;
    QSize whole;
    QRect part;
    QImage image;
  };
  thread_local Seen seen;
  if (seen.key != picture.cacheKey() || seen.whole != whole || seen.part != part) {
    seen = {picture.cacheKey(), whole, part, scaled_part(picture, whole, part)};
  }
  return seen.image;
}

/// Picture and overlay on a grid of pixels, both exactly on it.
void draw_on_pixels(QPainter& painter, const QRectF& where, const AnswerEvidence& evidence,
                    const QImage& picture, const FigureOptions& options) {
  const QTransform to_device = painter.deviceTransform();
  const QRectF mapped = to_device.mapRect(where);
  const QRect whole(mapped.topLeft().toPoint(), QSize(std::max(qRound(mapped.width()), 1),
                                                      std::max(qRound(mapped.height()), 1)));
  const QPaintDevice& device = *painter.paintEngine()->paintDevice();  // a widget's is its window's
  const QRect screen(0, 0, device.width(), device.height());
  const QRect part = whole.intersected(screen);
  if (part.isEmpty()) return;
  const auto on_paper = [&](const QRect& pixels) {
    return to_device.inverted().mapRect(QRectF(pixels));
  };
  painter.save();
  painter.setRenderHint(QPainter::SmoothPixmapTransform, false);
  const bool small = double(whole.width()) * whole.height() <= kMostKeptPixels;
  const QRect kept = small ? whole : part;  // all of it where that is little, for panning
  painter.drawImage(on_paper(kept),
                    as_seen(picture, whole.size(), kept.translated(-whole.topLeft())));
  painter.drawImage(on_paper(part), weight_overlay(evidence, whole.size(),
                                                   part.translated(-whole.topLeft()), options));
  painter.restore();
}

/// On what has no pixels: the picture as it is, unless it is far finer than anybody will see.
void draw_on_paper(QPainter& painter, const QRectF& where, const AnswerEvidence& evidence,
                   const QImage& picture, const FigureOptions& options) {
  const QSizeF size = painter.deviceTransform().mapRect(where).size() * 2;
  const auto bounded = [](double length) {
    return static_cast<int>(std::clamp(std::round(length), 1.0, double(kMostPixels)));
  };
  const QSize pixels(bounded(size.width()), bounded(size.height()));
  const bool finer = pixels.width() < picture.width() && pixels.height() < picture.height();
  painter.drawImage(where, finer ? as_seen(picture, pixels, QRect(QPoint(0, 0), pixels)) : picture);
  painter.drawImage(where, weight_overlay(evidence, pixels, options));
}

/// Lines from bottom left to top right, ended at the box: clipping is not every painter's.
void hatch(QPainter& painter, const QRectF& box) {
  painter.fillRect(box, QColor(255, 255, 255, 140));
  painter.setPen(QPen(QColor(0, 0, 0, 170), 1.2));
  for (double sum = kHatch; sum < box.width() + box.height(); sum += kHatch) {
    const double x1 = std::max(0.0, sum - box.height()), x2 = std::min(box.width(), sum);
    painter.drawLine(box.topLeft() + QPointF(x1, sum - x1), box.topLeft() + QPointF(x2, sum - x2));
  }
}

void outline(QPainter& painter, const QRectF& box, const QColor& colour, double width) {
  painter.setBrush(Qt::NoBrush);
  painter.setPen(
      QPen(QColor(0, 0, 0, 150), width + 2, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
  painter.drawRect(box.adjusted(1, 1, -1, -1));
  painter.setPen(QPen(colour, width, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
  painter.drawRect(box.adjusted(1, 1, -1, -1));
}

/// A disc with a number, or a lozenge as long as a name, at a corner and inside of `where`.
void draw_tag(QPainter& painter, QPointF corner, const QRectF& where, const QString& name,
              bool labelled, const Palette& palette) {
  const QFont font = figure_font(11, QFont::Bold);
  const double text = QFontMetricsF(font).horizontalAdvance(name) + 1;
  const double width = labelled ? std::min(text + kTagPadding, where.width()) : kTag;
  QRectF tag(corner.x() - kTag / 2, corner.y() - kTag / 2, width, kTag);
  if (labelled) tag.moveRight(std::min(tag.right(), where.right()));
  painter.setPen(QPen(palette.tag_text, 1.2));
  painter.setBrush(palette.tag);
  painter.drawRoundedRect(tag, kTag / 2, kTag / 2);
  const double room = labelled ? (width - std::min(text, width)) / 2 : 0;
  draw_line(painter, tag.adjusted(room, 0, -room, 0), Qt::AlignHCenter, font, palette.tag_text,
            name);
}

void draw_marks(QPainter& painter, const QRectF& where, const AnswerEvidence& evidence,
                const FigureOptions& options) {
  const Palette& palette = options.palette();
  const auto box = [&](std::size_t region) {
    return region_box(where, evidence, evidence.regions[region]);
  };
  const double scale = overlay_scale(evidence, options);
  for (std::size_t i = 0; i < evidence.regions.size(); ++i) {
    if (evidence.regions[i].dropped) {
      hatch(painter, box(i));
    } else if (evidence.over_passes) {
      draw_hatching(painter, box(i),
                    variation_level(evidence.over_passes->spread.regions[i], scale));
    }
  }
  const std::vector<std::size_t> numbered = numbered_regions(evidence, options);
  for (const std::size_t region : numbered) outline(painter, box(region), Qt::white, 1.5);
  if (evidence.subject && !evidence.subject->is_word) {
    outline(painter, box(evidence.subject->place), palette.accent, 3);
  }
  // After all outlines, the first last, so that it lies on top.
  for (std::size_t i = numbered.size(); i-- > 0;) {
    draw_tag(painter, box(numbered[i]).topLeft() + QPointF(3, 3), where,
             display_text(region_name(evidence, numbered[i])),
             !evidence.regions[numbered[i]].label.empty(), palette);
  }
}

}  // namespace

QRectF region_box(const QRectF& picture, const AnswerEvidence& evidence,
                  const PictureRegion& region) {
  const double sx = picture.width() / std::max<double>(1, double(evidence.picture_width));
  const double sy = picture.height() / std::max<double>(1, double(evidence.picture_height));
  return {QPointF(picture.left() + region.x1 * sx, picture.top() + region.y1 * sy),
          QPointF(picture.left() + region.x2 * sx, picture.top() + region.y2 * sy)};
}

void draw_picture(QPainter& painter, const QRectF& where, const AnswerEvidence& evidence,
                  const QImage& picture, const FigureOptions& options) {
  if (painter.paintEngine()->type() == QPaintEngine::Raster) {
    draw_on_pixels(painter, where, evidence, picture, options);
  } else {
    draw_on_paper(painter, where, evidence, picture, options);
  }
  painter.setPen(QPen(options.palette().line, 1));
  painter.setBrush(Qt::NoBrush);
  painter.drawRect(where);
  draw_marks(painter, where, evidence, options);
}

}  // namespace vqalign
