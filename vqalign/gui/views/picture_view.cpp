#include "vqalign/gui/views/picture_view.h"

#include <QApplication>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QMouseEvent>
#include <QWheelEvent>
#include <algorithm>
#include <cmath>

#include "vqalign/figure/draw_picture.h"
#include "vqalign/figure/hatching.h"
#include "vqalign/figure/text_block.h"
#include "vqalign/gui/models/edit_state.h"

namespace vqalign {
namespace {

constexpr double kMargin = 10;
constexpr double kMostZoom = 40;
constexpr double kStep = 1.25;

}  // namespace

PictureView::PictureView(Inspector& inspector, QWidget* parent)
    : Canvas(inspector, QString::fromUtf8("Picture"), {}, parent) {
  setMinimumSize(160, 120);
  connect(&inspector, &Inspector::shown_changed, this, qOverload<>(&QWidget::update));
  connect(&inspector, &Inspector::picture_shown, this, &PictureView::zoom_to_fit);
}

QRectF PictureView::picture_rect() const {
  const QImage& picture = inspector().picture();
  const QSizeF room(std::max(width() - 2 * kMargin, 1.0), std::max(height() - 2 * kMargin, 1.0));
  const QSizeF size(std::max(picture.width(), 1), std::max(picture.height(), 1));
  const double scale = std::min(room.width() / size.width(), room.height() / size.height()) * zoom_;
  QRectF where(QPointF(0, 0), size * scale);
  where.moveCenter(QRectF(rect()).center() + pan_);
  return where;
}

std::optional<std::size_t> PictureView::region_at(QPointF point) const {
  const AnswerEvidence& shown = inspector().shown();
  const QRectF where = picture_rect();
  std::optional<std::size_t> found;
  double smallest = 0;
  for (std::size_t i = 0; i < shown.regions.size(); ++i) {
    const QRectF box = region_box(where, shown, shown.regions[i]);
    const double area = box.width() * box.height();
    if (!box.contains(point) || (found && area >= smallest)) continue;
    found = i;
    smallest = area;
  }
  return found;
}

void PictureView::zoom_by(double factor, QPointF around) {
  const double before = zoom_;
  zoom_ = std::clamp(zoom_ * factor, 1.0, kMostZoom);
  const QPointF from_centre = around - QRectF(rect()).center();
  pan_ = zoom_ == 1 ? QPointF() : from_centre + (pan_ - from_centre) * (zoom_ / before);
  update();
}

void PictureView::zoom_to_fit() {
  zoom_ = 1;
  pan_ = {};
  update();
}

void PictureView::paint(QPainter& painter) {
  draw_picture(painter, picture_rect(), inspector().shown(), inspector().picture(), options());
}

void PictureView::paint_empty(QPainter& painter) {
  if (!inspector().picture().isNull()) painter.drawImage(picture_rect(), inspector().picture());
}

QString PictureView::tip(std::size_t region) const {
  const AnswerEvidence& shown = inspector().shown();
  const PictureRegion& box = shown.regions[region];
  const QString place = QString::fromUtf8("region %1, x %2 to %3, y %4 to %5")
                            .arg(display_text(region_name(shown, region)))
                            .arg(box.x1, 0, 'f', 0)
                            .arg(box.x2, 0, 'f', 0)
                            .arg(box.y1, 0, 'f', 0)
                            .arg(box.y2, 0, 'f', 0);
  if (box.dropped) return place + QString::fromUtf8(": covered up");
  if (shown.region_legend.of.empty()) return place;
  const QString passes = passes_text(shown, {false, region});
  return QString::fromUtf8("%1: %2 of %3")
             .arg(place, percent_text(box.weight), QString::fromStdString(shown.region_legend.of)) +
         (passes.isEmpty() ? passes : QString::fromUtf8("; ") + passes);
}

void PictureView::point_at(std::optional<std::size_t> region) {
  inspector().point_at(region ? std::optional<Token>({false, *region}) : std::nullopt);
  if (region) say(tip(*region));
}

void PictureView::mouseMoveEvent(QMouseEvent* event) {
  if (pressed_) {
    const QPoint moved = event->pos() - *pressed_;
    panning_ = panning_ || moved.manhattanLength() >= QApplication::startDragDistance();
    if (panning_ && zoom_ > 1) {
      pan_ = pan_before_ + moved;
      update();
    }
    return;
  }
  const auto region = region_at(event->position());
  point_at(region);
  if (region) {
    show_tip(event->pos(), tip(*region));
  } else {
    show_tip(event->pos(), {});
  }
}

void PictureView::mousePressEvent(QMouseEvent* event) {
  if (event->button() == Qt::RightButton) return;
  pressed_ = event->pos();
  pan_before_ = pan_;
  panning_ = false;
}

void PictureView::mouseReleaseEvent(QMouseEvent* event) {
  const bool clicked = pressed_ && !panning_ && event->button() == Qt::LeftButton;
  pressed_.reset();
  if (!clicked) return;
  if (const auto region = region_at(event->position())) keep(*region);
}

void PictureView::leaveEvent(QEvent*) {
  point_at({});
}

void PictureView::focusOutEvent(QFocusEvent* event) {
  point_at({});
  Canvas::focusOutEvent(event);
}

void PictureView::wheelEvent(QWheelEvent* event) {
  const double notches = event->angleDelta().y() / 120.0;
  if (notches != 0) zoom_by(std::pow(kStep, notches), event->position());
  event->accept();
}

void PictureView::keep(std::size_t region) {
  keep_subject(inspector(), {false, region});
}

void PictureView::toggle_dropped(std::size_t region) {
  toggle_dropped_token(inspector(), {false, region});
}

/// To the region whose centre is nearest in that direction.
bool PictureView::walk(int dx, int dy) {
  const AnswerEvidence& shown = inspector().shown();
  if (shown.regions.empty()) return true;
  const std::optional<Token> from = inspector().pointed();
  if (!from || from->is_word) {
    point_at(top_regions(shown, 1).front());
    return true;
  }
  const auto centre = [&](std::size_t i) {
    const PictureRegion& r = shown.regions[i];
    return QPointF(r.x1 + r.x2, r.y1 + r.y2) / 2;
  };
  const QPointF start = centre(from->place);
  std::optional<std::size_t> best;
  double least = 0;
  for (std::size_t i = 0; i < shown.regions.size(); ++i) {
    const QPointF way = centre(i) - start;
    const double along = way.x() * dx + way.y() * dy;
    const double aside = std::abs(way.x() * dy) + std::abs(way.y() * dx);
    if (along <= 0) continue;
    const double cost = along + 2 * aside;
    if (best && cost >= least) continue;
    best = i;
    least = cost;
  }
  if (best) point_at(best);
  return true;
}

void PictureView::keyPressEvent(QKeyEvent* event) {
  const std::optional<Token> on = inspector().pointed();
  const bool on_region = on && !on->is_word;
  const QPointF middle = QRectF(rect()).center();
  switch (event->key()) {
    case Qt::Key_Plus:
    case Qt::Key_Equal:
      return zoom_by(kStep, middle);
    case Qt::Key_Minus:
      return zoom_by(1 / kStep, middle);
    case Qt::Key_0:
      return zoom_to_fit();
    case Qt::Key_Return:
    case Qt::Key_Enter:
    case Qt::Key_Space:
      if (on_region) return keep(on->place);
      break;
    case Qt::Key_Delete:
      if (on_region && !event->isAutoRepeat()) toggle_dropped(on->place);
      if (on_region) return;
      break;
    default:
      break;
  }
  Canvas::keyPressEvent(event);
}

void PictureView::contextMenuEvent(QContextMenuEvent* event) {
  std::optional<std::size_t> region = region_at(event->pos());
  if (event->reason() == QContextMenuEvent::Keyboard) {
    const std::optional<Token> on = inspector().pointed();
    region = on && !on->is_word ? std::optional(on->place) : std::nullopt;
  }
  QMenu menu(this);
  if (region) {
    const AnswerEvidence& shown = inspector().shown();
    const bool dropped = shown.regions[*region].dropped;
    const QString name = display_text(region_name(shown, *region));
    if (!dropped) {
      menu.addAction(QString::fromUtf8("&Look at region %1").arg(name),
                     [this, region] { keep(*region); });
    }
    menu.addAction(
        QString::fromUtf8(dropped ? "&Uncover region %1" : "&Cover up region %1").arg(name),
        [this, region] { toggle_dropped(*region); });
    menu.addSeparator();
  }
  menu.addAction(QString::fromUtf8("&Fit picture"), [this] { zoom_to_fit(); });
  menu.exec(event->globalPos());
}

}  // namespace vqalign
