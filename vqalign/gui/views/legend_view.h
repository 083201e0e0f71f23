#pragma once

#include "vqalign/gui/views/canvas.h"

namespace vqalign {

/// What the colours over the picture mean: the ramp, what it tells of, the largest shares.
class LegendView : public Canvas {
  Q_OBJECT

 public:
  explicit LegendView(Inspector& inspector, QWidget* parent = nullptr);

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {200, sizeHint().height()}; }

 protected:
  void paint(QPainter& painter) override;
};

}  // namespace vqalign
