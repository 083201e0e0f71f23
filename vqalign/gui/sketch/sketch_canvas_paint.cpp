#include <QPainter>
#include <QPolygonF>

#include "vqalign/gui/sketch/sketch_canvas.h"
#include "vqalign/gui/sketch/sketch_geometry.h"

namespace vqalign {
namespace {

constexpr double kHandleSide = 9;
constexpr double kKnobRadius = 5.5;

/// White, under lines and handles, so that they are seen on every colour.
QPen halo(double width) {
  return {QColor(255, 255, 255, 230), width};
}

}  // namespace

void SketchCanvas::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
  const QRectF rect = picture_rect();
  painter.drawImage(rect, image_);
  const bool focused = hasFocus();
  painter.setPen(
      QPen(palette().color(focused ? QPalette::Highlight : QPalette::Mid), focused ? 2.5 : 1));
  painter.drawRect(rect.adjusted(-1.5, -1.5, 1.5, 1.5));
  if (state_.sketch.shapes.empty()) paint_hint(painter);
  if (armed_ && pointer_ && rect.contains(*pointer_)) paint_armed(painter);
  if (selected()) paint_selection(painter);
}

void SketchCanvas::paint_hint(QPainter& painter) const {
  const auto& [red, green, blue] = state_.sketch.background;
  const bool bright = qGray(red, green, blue) > 110;
  painter.setPen(bright ? QColor(30, 30, 30) : QColor(240, 240, 240));
  painter.drawText(picture_rect().adjusted(16, 16, -16, -16), Qt::AlignCenter | Qt::TextWordWrap,
                   QString::fromUtf8(armed_ ? "Click here to place the shape"
                                            : "Choose a shape above,\nthen click here"));
}

void SketchCanvas::paint_armed(QPainter& painter) const {
  const double scale = picture_rect().width() / state_.sketch.width;
  const QSizeF size = QSizeF(armed_picture_.size()) * scale;
  painter.save();
  painter.setClipRect(picture_rect());
  painter.setOpacity(0.55);
  const QPointF middle(size.width() / 2, size.height() / 2);
  painter.drawImage(QRectF(*pointer_ - middle, size), armed_picture_);
  painter.restore();
}

void SketchCanvas::paint_selection(QPainter& painter) const {
  const SketchShape& shape = *selected();
  QPolygonF frame;
  for (const QPointF& corner : frame_corners(shape)) frame << to_widget(corner);
  const Knob knob = place_knob();
  const QPointF side = knob.flipped ? (frame[2] + frame[3]) / 2 : (frame[0] + frame[1]) / 2;
  const QColor accent = palette().color(QPalette::Highlight);
  painter.setBrush(Qt::NoBrush);
  for (const QPen& pen : {halo(3.5), QPen(accent, 1.5)}) {
    painter.setPen(pen);
    painter.drawPolygon(frame);
    painter.drawLine(side, knob.place);
  }
  painter.setPen(QPen(accent, 1.5));
  painter.setBrush(Qt::white);
  for (const QPointF& corner : frame) {
    painter.drawRect(
        QRectF(corner - QPointF(kHandleSide, kHandleSide) / 2, QSizeF(kHandleSide, kHandleSide)));
  }
  painter.drawEllipse(knob.place, kKnobRadius, kKnobRadius);
}

}  // namespace vqalign
