#pragma once

#include <optional>

#include "vqalign/gui/views/canvas.h"

namespace vqalign {

/// The picture under the weights of its regions. Wheel, + and - zoom, dragging pans, 0 fits. A
/// region under the pointer, or reached by the arrow keys, is pointed at; a click or Enter keeps it
/// as what attention is told of; Delete covers it up and asks again.
class PictureView : public Canvas {
  Q_OBJECT

 public:
  explicit PictureView(Inspector& inspector, QWidget* parent = nullptr);

  /// Where the whole picture is drawn, in the widget's coordinates.
  QRectF picture_rect() const;
  /// The smallest region at a point of the widget.
  std::optional<std::size_t> region_at(QPointF point) const;

  void zoom_by(double factor, QPointF around);
  void zoom_to_fit();
  double zoom() const { return zoom_; }

  QSize sizeHint() const override { return {560, 420}; }

 protected:
  void paint(QPainter& painter) override;
  bool walk(int dx, int dy) override;
  void paint_empty(QPainter& painter) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  void point_at(std::optional<std::size_t> region);
  void keep(std::size_t region);
  void toggle_dropped(std::size_t region);
  QString tip(std::size_t region) const;

  double zoom_ = 1;
  QPointF pan_;  // of the picture's centre from the view's
  std::optional<QPoint> pressed_;
  QPointF pan_before_;
  bool panning_ = false;
};

}  // namespace vqalign
