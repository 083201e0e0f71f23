#pragma once

#include <QLabel>
#include <QPushButton>

#include "vqalign/figure/draw_reliability.h"
#include "vqalign/gui/views/canvas.h"

namespace vqalign {

/// Confidences and accuracies of many answers, and whose they are.
struct Evaluation {
  QString name = {};            ///< where it is from, for people
  std::string model_hash = {};  ///< SHA-256 of the model's file; empty: not told
  std::vector<double> confidences = {}, accuracies = {};
};

/// The reliability diagram of an evaluation, with a mark where the answer is that is shown now.
/// Arrow keys walk over its bins.
class ReliabilityView : public Canvas {
  Q_OBJECT

 public:
  explicit ReliabilityView(Inspector& inspector, QWidget* parent = nullptr);

  void set_reliability(const std::optional<Reliability>& reliability);
  /// Whether the answer is marked: not where another model gives it.
  void set_marked(bool marked);
  bool marked() const { return marked_; }
  const std::optional<Reliability>& reliability() const { return reliability_; }
  QSize sizeHint() const override { return {380, 380}; }
  QSize minimumSizeHint() const override { return {240, 200}; }

 protected:
  void paint(QPainter& painter) override;
  void paint_empty(QPainter& painter) override;
  bool walk(int dx, int dy) override;
  void mouseMoveEvent(QMouseEvent* event) override;

 private:
  ReliabilityLayout layout_now() const;

  std::optional<Reliability> reliability_;
  bool marked_ = true;
  std::optional<std::size_t> current_;  // bin of the keyboard
};

/// "How well calibrated": the diagram, whose evaluation it is, and two ways to get one. It stays
/// when another model is loaded, and then says that it is not of that one.
class ReliabilityPanel : public QWidget {
  Q_OBJECT

 public:
  explicit ReliabilityPanel(Inspector& inspector, QWidget* parent = nullptr);

  void set_evaluation(const Evaluation& evaluation);

 Q_SIGNALS:
  void file_wanted();
  void browser_wanted();

 private:
  void tell();

  Inspector& inspector_;
  std::optional<Evaluation> evaluation_;
  QLabel* name_;
  ReliabilityView* view_;
};

}  // namespace vqalign
