#pragma once

#include <optional>
#include <utility>

#include "vqalign/figure/matrix_view.h"
#include "vqalign/gui/views/canvas.h"

namespace vqalign {

/// One map, big: the chosen family, layer and head, or the head that is pointed at. The number of
/// the cell under the pointer, or reached by the arrow keys, is told; a click or Return keeps its
/// row as what attention is told of.
class MatrixPanel : public Canvas {
  Q_OBJECT

 public:
  explicit MatrixPanel(Inspector& inspector, QWidget* parent = nullptr);

  std::optional<MatrixContent> content() const;
  QRectF cell_box(int64_t query, int64_t key) const;
  QSize sizeHint() const override { return {480, 420}; }
  QSize minimumSizeHint() const override { return {220, 180}; }

 protected:
  void paint(QPainter& painter) override;
  bool walk(int dx, int dy) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  using Cell = std::pair<int64_t, int64_t>;

  MatrixLayout layout_of(const MatrixContent& content) const;
  void point_at(std::optional<Cell> cell, const MatrixContent& content);
  void keep_row(const Cell& cell, const MatrixContent& content);
  QString tip(const Cell& cell, const MatrixContent& content) const;

  std::optional<Cell> pointed_;
};

}  // namespace vqalign
