#pragma once

#include <QPainter>
#include <QToolButton>

namespace vqalign {

/// A tool button that shows in the accent colour when it is checked (filled) and when it has the
/// keyboard's focus (outlined): styles mark both too faintly on dark grounds.
class SketchButton : public QToolButton {
 public:
  using QToolButton::QToolButton;

 protected:
  void paintEvent(QPaintEvent* event) override {
    QToolButton::paintEvent(event);
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QColor accent = palette().color(QPalette::Highlight);
    QColor veil = accent;
    veil.setAlphaF(0.18F);
    painter.setPen(isChecked() ? QPen(accent, 1) : QPen(Qt::NoPen));
    painter.setBrush(isChecked() ? QBrush(veil) : QBrush(Qt::NoBrush));
    painter.drawRoundedRect(QRectF(rect()).adjusted(1.5, 1.5, -1.5, -1.5), 3, 3);
    if (!hasFocus()) return;
    painter.setPen(QPen(accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRoundedRect(QRectF(rect()).adjusted(1, 1, -1, -1), 3, 3);
  }
};

}  // namespace vqalign
