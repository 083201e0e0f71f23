#pragma once

#include <optional>

#include "vqalign/figure/draw_words.h"
#include "vqalign/gui/views/canvas.h"

namespace vqalign {

/// The question's words as they were read, tinted by their weights. A word under the pointer, or
/// reached by the arrow keys, is pointed at; a click or Enter keeps it as what attention is told
/// of; Delete takes it out of the question and asks again.
class WordsView : public Canvas {
  Q_OBJECT

 public:
  explicit WordsView(Inspector& inspector, QWidget* parent = nullptr);

  std::optional<std::size_t> word_at(QPointF point) const;
  /// Where a word is drawn; empty when it is not.
  QRectF word_box(std::size_t word) const;

  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override;

 Q_SIGNALS:
  /// The words take that height now.
  void fitted(int height);

 protected:
  void paint(QPainter& painter) override;
  bool walk(int dx, int dy) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;

 private:
  WordsLayout layout_for(int width) const;
  void point_at(std::optional<std::size_t> word);
  void fit_height();
  QString tip(std::size_t word) const;
};

}  // namespace vqalign
