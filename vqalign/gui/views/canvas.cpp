#include "vqalign/gui/views/canvas.h"

#include <QAccessible>
#include <QKeyEvent>
#include <QToolTip>

namespace vqalign {
namespace {

constexpr double kFaded = 0.35;

}  // namespace

std::string theme_of(const QWidget& widget) {
  return widget.palette().color(QPalette::Window).lightness() < 128 ? "dark" : "light";
}

Canvas::Canvas(Inspector& inspector, const QString& name, const QString& empty, QWidget* parent)
    : QWidget(parent), inspector_(inspector), empty_(empty) {
  setAccessibleName(name);
  setFocusPolicy(Qt::StrongFocus);
  setMouseTracking(true);
  connect(&inspector_, &Inspector::inspection_changed, this, qOverload<>(&QWidget::update));
  connect(&inspector_, &Inspector::state_changed, this, qOverload<>(&QWidget::update));
}

FigureOptions Canvas::options() const {
  return figure_options(inspector_.state(), "summary", theme_of(*this));
}

void Canvas::say(const QString& text) {
  if (accessibleDescription() == text) return;
  setAccessibleDescription(text);
  QAccessibleEvent event(this, QAccessible::DescriptionChanged);
  QAccessible::updateAccessibility(&event);
}

void Canvas::show_tip(QPoint at, const QString& text) {
  QToolTip::showText(mapToGlobal(at + QPoint(14, 14)), text, this);
}

void Canvas::paint_empty(QPainter& painter) {
  constexpr int kAroundText = 12;
  painter.setPen(options().palette().muted);
  painter.drawText(QRectF(rect()).adjusted(kAroundText, kAroundText, -kAroundText, -kAroundText),
                   Qt::AlignCenter | Qt::TextWordWrap,
                   inspector_.waiting() ? QString::fromUtf8("Being answered\u2026") : empty_);
}

void Canvas::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const FigureOptions drawn = options();
  painter.fillRect(rect(), drawn.palette().card);
  painter.setRenderHints(QPainter::Antialiasing | QPainter::SmoothPixmapTransform |
                         QPainter::TextAntialiasing);
  painter.save();
  if (inspector_.inspection()) {
    // What belongs to an older question is seen as such.
    if (inspector_.waiting() && inspector_.stale()) painter.setOpacity(kFaded);
    paint(painter);
  } else {
    paint_empty(painter);
  }
  painter.restore();
  if (!hasFocus()) return;
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(drawn.palette().bar, 2));
  painter.drawRect(QRectF(rect()).adjusted(1, 1, -1, -1));
}

bool Canvas::walk(int, int) {
  return false;
}

void Canvas::keyPressEvent(QKeyEvent* event) {
  const int key = event->key();
  const int dx = key == Qt::Key_Left ? -1 : key == Qt::Key_Right ? 1 : 0;
  const int dy = key == Qt::Key_Up ? -1 : key == Qt::Key_Down ? 1 : 0;
  if ((dx != 0 || dy != 0) && walk(dx, dy)) return;
  QWidget::keyPressEvent(event);
}

void Canvas::focusInEvent(QFocusEvent* event) {
  QWidget::focusInEvent(event);
  update();
}

void Canvas::focusOutEvent(QFocusEvent* event) {
  QWidget::focusOutEvent(event);
  update();
}

}  // namespace vqalign
