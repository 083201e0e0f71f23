#include "vqalign/gui/sketch/sketch_icons.h"

#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <functional>

#include "vqalign/gui/sketch/sketch.h"

namespace vqalign {
namespace {

/// Drawings are made in a square of this side.
constexpr double kIconSide = 24;

using IconDrawing = std::function<void(QPainter&, QIcon::Mode)>;

class DrawnIcon : public QIconEngine {
 public:
  explicit DrawnIcon(IconDrawing drawing) : drawing_(std::move(drawing)) {}

  void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override {
    painter->save();
    painter->setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform);
    const double side = std::min(rect.width(), rect.height());
    painter->translate(rect.center() + QPointF(0.5 - side / 2, 0.5 - side / 2));
    painter->scale(side / kIconSide, side / kIconSide);
    drawing_(*painter, mode);
    painter->restore();
  }

  QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override {
    QPixmap pixmap(size);
    pixmap.fill(Qt::transparent);
    QPainter painter(&pixmap);
    paint(&painter, QRect({0, 0}, size), mode, state);
    return pixmap;
  }

  QIconEngine* clone() const override { return new DrawnIcon(drawing_); }

 private:
  IconDrawing drawing_;
};

QPainterPath polyline(std::initializer_list<QPointF> points) {
  QPainterPath path(*points.begin());
  for (const QPointF& point : points) path.lineTo(point);
  return path;
}

/// An arrow that turns back to the left.
QPainterPath undo_path() {
  QPainterPath path = polyline({{9, 5}, {4.5, 9.5}, {9, 14}});
  path.moveTo(4.5, 9.5);
  path.lineTo(14, 9.5);
  path.arcTo(QRectF(9.5, 9.5, 9, 9), 90, -180);
  path.lineTo(9, 18.5);
  return path;
}

/// Two sheets; the one in front is filled.
void draw_order(QPainter& painter, bool forward) {
  const QRectF back = forward ? QRectF(4, 4, 11, 11) : QRectF(9, 9, 11, 11);
  const QRectF front = forward ? QRectF(9, 9, 11, 11) : QRectF(4, 4, 11, 11);
  QPainterPath hidden, shown;
  hidden.addRect(front.adjusted(-1.5, -1.5, 1.5, 1.5));
  shown.addRect(back);
  painter.save();
  QPainterPath all;
  all.addRect(QRectF(0, 0, kIconSide, kIconSide));
  painter.setClipPath(all.subtracted(hidden));
  painter.drawPath(shown);
  painter.restore();
  if (forward) painter.fillRect(front, painter.pen().color());
  painter.drawRect(front);
  if (!forward) painter.fillRect(QRectF(15.5, 15.5, 4.5, 4.5), painter.pen().color());
}

void draw_lines(QPainter& painter, SketchIcon icon) {
  switch (icon) {
    case SketchIcon::kSelect:
      painter.drawPath(polyline({{6, 3.5},
                                 {6, 18.5},
                                 {10, 14.8},
                                 {12.8, 20.5},
                                 {15.3, 19.3},
                                 {12.6, 13.8},
                                 {18, 13.3},
                                 {6, 3.5}}));
      break;
    case SketchIcon::kAdd:
      painter.drawPath(polyline({{12, 4.5}, {12, 19.5}}));
      painter.drawPath(polyline({{4.5, 12}, {19.5, 12}}));
      break;
    case SketchIcon::kDelete:
      painter.drawPath(polyline({{4, 6.5}, {20, 6.5}}));
      painter.drawPath(polyline({{9, 6.5}, {9.6, 3.8}, {14.4, 3.8}, {15, 6.5}}));
      painter.drawPath(polyline({{6, 6.5}, {7, 20.2}, {17, 20.2}, {18, 6.5}}));
      painter.drawPath(polyline({{10.3, 10.5}, {10.6, 16.5}}));
      painter.drawPath(polyline({{13.7, 10.5}, {13.4, 16.5}}));
      break;
    case SketchIcon::kForward:
      draw_order(painter, true);
      break;
    case SketchIcon::kBackward:
      draw_order(painter, false);
      break;
    case SketchIcon::kUndo:
      painter.drawPath(undo_path());
      break;
    case SketchIcon::kRedo:
      painter.translate(kIconSide, 0);
      painter.scale(-1, 1);
      painter.drawPath(undo_path());
      break;
    case SketchIcon::kRandom:
      painter.drawRoundedRect(QRectF(4, 4, 16, 16), 3, 3);
      painter.setBrush(painter.pen().color());
      for (const QPointF& dot : {QPointF(8.5, 8.5), QPointF(12, 12), QPointF(15.5, 15.5)}) {
        painter.drawEllipse(dot, 0.7, 0.7);
      }
      break;
    case SketchIcon::kClear:
      painter.drawPath(polyline({{5.5, 5.5}, {18.5, 18.5}}));
      painter.drawPath(polyline({{18.5, 5.5}, {5.5, 18.5}}));
      break;
  }
}

}  // namespace

QIcon line_icon(SketchIcon icon, const QColor& colour) {
  return QIcon(new DrawnIcon([=](QPainter& painter, QIcon::Mode mode) {
    QColor shown = colour;
    if (mode == QIcon::Disabled) shown.setAlphaF(0.35F);
    painter.setPen(QPen(shown, 1.7, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    draw_lines(painter, icon);
  }));
}

QIcon shape_icon(int shape, int colour) {
  constexpr double kExtent = 44;
  const QImage picture = shape_picture({1, shape, colour, 0, 0, kExtent, 0});
  const auto [red, green, blue] = Sketch{}.background;
  const QColor ground(red, green, blue);
  return QIcon(new DrawnIcon([=](QPainter& painter, QIcon::Mode) {
    const QRectF square(0, 0, kIconSide, kIconSide);
    painter.setPen(Qt::NoPen);
    painter.setBrush(ground);
    painter.drawRoundedRect(square, 3, 3);
    painter.drawImage(square, picture);
  }));
}

QIcon colour_icon(int colour, const QColor& line) {
  const scenes::Rgb rgb = scenes::colour_rgb(colour);
  return QIcon(new DrawnIcon([=](QPainter& painter, QIcon::Mode) {
    painter.setPen(QPen(line, 1.5));
    painter.setBrush(QColor(rgb[0], rgb[1], rgb[2]));
    painter.drawRoundedRect(QRectF(2, 2, kIconSide - 4, kIconSide - 4), 4, 4);
  }));
}

}  // namespace vqalign
