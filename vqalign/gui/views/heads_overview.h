#pragma once

#include <optional>

#include "vqalign/figure/heads_grid.h"
#include "vqalign/gui/views/canvas.h"

namespace vqalign {

/// Every head's map as a thumbnail with a statistic. A head under the pointer is shown in all views
/// without a model call; a click or Enter selects it; a double click silences all others of its
/// family, or none again; Space silences it or not.
class HeadsOverview : public Canvas {
  Q_OBJECT

 public:
  explicit HeadsOverview(Inspector& inspector, QWidget* parent = nullptr);

  /// Nothing: all families.
  void show_family(std::optional<AttentionFamily> family);
  std::optional<AttentionFamily> family() const { return family_; }
  QRectF head_box(const HeadSite& site) const;
  /// Heads in the order in which they stand.
  std::vector<HeadSite> order() const;

  bool hasHeightForWidth() const override { return true; }
  int heightForWidth(int width) const override;
  QSize sizeHint() const override { return {620, heightForWidth(620)}; }
  QSize minimumSizeHint() const override { return {220, 120}; }

 Q_SIGNALS:
  /// The keyboard came to a head, whose cell should be in sight.
  void walked_to(const QRectF& cell);

 protected:
  void paint(QPainter& painter) override;
  bool walk(int dx, int dy) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;
  void changeEvent(QEvent* event) override;

 private:
  HeadsView view() const;
  HeadsGrid grid_for(int width) const;
  std::optional<HeadSite> head_at(QPointF point) const;
  void point_at(std::optional<HeadSite> head);
  void forget_images();
  QString tip(const HeadSite& site) const;

  std::optional<AttentionFamily> family_;
  std::optional<HeadSite> current_;  // of the keyboard
  std::optional<HeadImages> images_;
  std::string images_look_;  // options that images_ were made with
};

}  // namespace vqalign
