#pragma once

#include <optional>

#include "vqalign/figure/draw_answers.h"
#include "vqalign/gui/views/canvas.h"

namespace vqalign {

/// The likeliest answers as bars, each with its share among the training answers. A click or Enter
/// explains an answer: relevance for it is shown.
class AnswersView : public Canvas {
  Q_OBJECT

 public:
  explicit AnswersView(Inspector& inspector, QWidget* parent = nullptr);

  QRectF answer_box(std::size_t answer) const;
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {220, 120}; }

 protected:
  void paint(QPainter& painter) override;
  bool walk(int dx, int dy) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  AnswersLayout layout_now() const;
  std::optional<std::size_t> answer_at(QPointF point) const;
  void explain(std::size_t answer);
  void fit_height();
  QString tip(std::size_t answer) const;

  std::optional<std::size_t> current_;  // of the keyboard
};

}  // namespace vqalign
