#include "vqalign/gui/views/legend_view.h"

#include "vqalign/figure/draw_picture.h"

namespace vqalign {
namespace {

constexpr int kHeight = 76;  // ramp, shares and detail below each other
constexpr int kHatchingHeight = 40;
constexpr double kLegendBeside = 10;
constexpr double kLegendAbove = 4;

}  // namespace

LegendView::LegendView(Inspector& inspector, QWidget* parent)
    : Canvas(inspector, QString::fromUtf8("Legend"), {}, parent) {
  setFocusPolicy(Qt::NoFocus);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&inspector, &Inspector::state_changed, this, &QWidget::updateGeometry);
  connect(&inspector, &Inspector::shown_changed, this, [this] {
    const WeightLegend& legend = this->inspector().shown().region_legend;
    update();
    say(QString::fromStdString(legend.of + (legend.detail.empty() ? "" : "; " + legend.detail)));
  });
}

QSize LegendView::sizeHint() const {
  return {400, kHeight + (inspector().state().passes > 0 ? kHatchingHeight : 0)};
}

void LegendView::paint(QPainter& painter) {
  draw_legend(painter,
              QRectF(rect()).adjusted(kLegendBeside, kLegendAbove, -kLegendBeside, -kLegendAbove),
              inspector().shown(), options());
}

}  // namespace vqalign
