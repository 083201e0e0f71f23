#include "vqalign/figure/draw_reliability.h"

#include <algorithm>
#include <cmath>

#include "vqalign/figure/colour_map.h"
#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr double kHeadingRow = 24;
constexpr double kAxisRow = 16;
constexpr double kLegendRow = 34;
constexpr double kAxisWidth = 34;
constexpr double kCountsShare = 0.16;  // of the height, for the counts
constexpr double kPlotGap = 10;

QRectF column_of(const ReliabilityLayout& layout, std::size_t bin) {
  const double width = layout.plot.width() / kCalibrationBins;
  return {layout.plot.left() + width * double(bin), layout.plot.top(), width,
          layout.counts.bottom() - layout.plot.top()};
}

void draw_axes(QPainter& painter, const ReliabilityLayout& layout, const Palette& palette) {
  const QRectF& plot = layout.plot;
  for (const int percent : {0, 25, 50, 75, 100}) {
    const double x = plot.left() + plot.width() * percent / 100;
    const double y = plot.bottom() - plot.height() * percent / 100;
    painter.setPen(QPen(palette.line, 1));
    painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    draw_line(painter, QRectF(plot.left() - kAxisWidth, y - 8, kAxisWidth - 5, 16), Qt::AlignRight,
              figure_font(11), palette.muted, QString::number(percent));
    draw_line(painter, QRectF(x - 20, layout.axis.top(), 40, layout.axis.height()),
              Qt::AlignHCenter, figure_font(11), palette.muted, QString::number(percent));
  }
}

void draw_bin(QPainter& painter, const ReliabilityLayout& layout, const QRectF& column,
              const ReliabilityBin& bin, std::size_t most, const Palette& palette) {
  const QRectF& plot = layout.plot;
  const double left = column.left() + 1, width = std::max(column.width() - 2, 1.0);
  const auto height = [&](double share) { return plot.height() * share; };
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette.bar);
  painter.drawRect(QRectF(left, plot.bottom() - height(bin.accuracy), width, height(bin.accuracy)));
  const double low = std::min(bin.accuracy, bin.confidence);
  const double high = std::max(bin.accuracy, bin.confidence);
  QColor gap = palette.accent;
  gap.setAlphaF(0.45F);
  painter.setBrush(laid_over(gap, palette.card));
  painter.drawRect(QRectF(left, plot.bottom() - height(high), width, height(high - low)));
  // Where the accuracy is the higher one, the gap covers the bar's end.
  painter.setBrush(palette.bar);
  painter.drawRect(QRectF(left, plot.bottom() - height(bin.accuracy), width,
                          std::min(height(bin.accuracy), 3.0)));
  const double share = layout.counts.height() * double(bin.count) / double(most);
  painter.setBrush(palette.pale_bar);
  painter.drawRect(
      QRectF(left, layout.counts.bottom() - std::max(share, 1.0), width, std::max(share, 1.0)));
}

/// A triangle above the column and its outline.
void draw_current(QPainter& painter, const QRectF& column, const Palette& palette) {
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(palette.accent, 2));
  painter.drawRect(column);
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette.accent);
  const QPointF tip(column.center().x(), column.top() - 1);
  painter.drawPolygon(QPolygonF({tip, tip + QPointF(-5, -8), tip + QPointF(5, -8)}));
}

QString answers_text(int64_t count) {
  return count == 1 ? QString::fromUtf8("1 answer") : QString::fromUtf8("%1 answers").arg(count);
}

}  // namespace

Reliability reliability_of(const std::vector<double>& confidences,
                           const std::vector<double>& accuracies) {
  return {reliability_bins(confidences, accuracies), int64_t(confidences.size()),
          expected_calibration_error(confidences, accuracies)};
}

ReliabilityLayout lay_out_reliability(const QRectF& where) {
  ReliabilityLayout layout;
  layout.heading = QRectF(where.topLeft(), QSizeF(where.width(), kHeadingRow));
  layout.legend = QRectF(where.left(), where.bottom() - kLegendRow, where.width(), kLegendRow);
  layout.axis = QRectF(where.left(), layout.legend.top() - kAxisRow, where.width(), kAxisRow);
  const double top = layout.heading.bottom() + kPlotGap;
  const double room = std::max(layout.axis.top() - top, 2 * kPlotGap);
  const double counts = kCountsShare * room;
  const double side = std::max(where.width() - kAxisWidth - kPlotGap, 1.0);
  layout.plot = QRectF(where.left() + kAxisWidth, top, side, room - counts - kPlotGap);
  layout.counts = QRectF(layout.plot.left(), layout.plot.bottom() + kPlotGap, side, counts);
  for (std::size_t i = 0; i < kCalibrationBins; ++i) layout.bins.push_back(column_of(layout, i));
  return layout;
}

void draw_reliability(QPainter& painter, const ReliabilityLayout& layout,
                      const Reliability& reliability, std::optional<double> current,
                      const Palette& palette) {
  draw_line(painter, layout.heading, Qt::AlignLeft, figure_font(13, QFont::DemiBold), palette.text,
            QString::fromUtf8("ECE %1 over %2")
                .arg(QString::number(reliability.ece, 'f', 4), answers_text(reliability.answers)));
  draw_axes(painter, layout, palette);
  std::size_t most = 1;
  for (const ReliabilityBin& bin : reliability.bins) most = std::max(most, bin.count);
  for (std::size_t i = 0; i < reliability.bins.size(); ++i) {
    const ReliabilityBin& bin = reliability.bins[i];
    if (bin.count > 0) draw_bin(painter, layout, layout.bins[i], bin, most, palette);
  }
  painter.setPen(QPen(palette.text, 1.2, Qt::DashLine));
  painter.drawLine(layout.plot.bottomLeft(), layout.plot.topRight());
  if (current) draw_current(painter, layout.bins[confidence_bin(*current)], palette);
  const QRectF first = layout.legend.adjusted(0, 0, 0, -layout.legend.height() / 2);
  draw_line(painter, first, Qt::AlignLeft, figure_font(11), palette.muted,
            QString::fromUtf8("accuracy in % against confidence in %"));
  draw_line(painter, first.translated(0, first.height()), Qt::AlignLeft, figure_font(11),
            palette.muted,
            QString::fromUtf8(current ? "orange: the gap, and this answer; below: counts"
                                      : "orange: the gap between them; below: counts"));
}

QString bin_text(const Reliability& reliability, std::size_t bin) {
  const ReliabilityBin& of = reliability.bins[bin];
  const auto edge = [](std::size_t i) {
    return QString::number(100.0 * double(i) / kCalibrationBins, 'f', 1);
  };
  const QString span = QString::fromUtf8("%1 to %2 %").arg(edge(bin), edge(bin + 1));
  if (of.count == 0) return span + QString::fromUtf8(": no answers");
  const double gap = 100 * (of.accuracy - of.confidence);
  return QString::fromUtf8("%1: %2, confidence %3, accuracy %4, which is %5 %6")
      .arg(span, answers_text(static_cast<int64_t>(of.count)), percent_text(of.confidence),
           percent_text(of.accuracy), QString::number(std::abs(gap), 'f', 1),
           QString::fromUtf8(gap < 0 ? "less" : "more"));
}

}  // namespace vqalign
