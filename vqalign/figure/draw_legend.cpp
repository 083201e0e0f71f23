#include <QFontMetricsF>
#include <QLinearGradient>

#include "vqalign/figure/colour_map.h"
#include "vqalign/figure/draw_picture.h"
#include "vqalign/figure/hatching.h"
#include "vqalign/figure/overlay.h"
#include "vqalign/figure/ramp.h"
#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr double kRampWidth = 130;
constexpr double kLegendLine = 22;
constexpr double kRampGap = 10;
constexpr double kListGap = 20;
constexpr int kDetailLines = 3;
constexpr int kListLines = 4;
constexpr int kHatchingLines = 3;
constexpr double kSwatch = 26;
constexpr double kSwatchGap = 8;

/// What the legend says and where it breaks.
struct Legend {
  QString scale;       // behind the ramp, or below it
  QString shares;      // of the numbered regions, behind the scale ...
  QStringList list;    // ... or, where they do not fit there, in lines below it
  TextBlock detail;    // below all of these
  TextBlock hatching;  // below all, beside a swatch
  bool scale_below = false;

  double lines() const { return 1.0 + (scale_below ? 1 : 0) + double(list.size()); }
  double height() const {
    return lines() * kLegendLine + (detail.lines.isEmpty() ? 0 : detail.height() + 2) +
           (hatching.lines.isEmpty() ? 0 : hatching.height() + 4);
  }
};

QFont legend_font() {
  return figure_font(12);
}

QString region_list(const AnswerEvidence& evidence, const FigureOptions& options) {
  const int decimals = percent_decimals(overlay_scale(evidence, options), 0);
  QStringList parts;
  for (const std::size_t region : numbered_regions(evidence, options)) {
    const QString part = QString::fromUtf8("%1 \u00b7 %2")
                             .arg(display_text(region_name(evidence, region)),
                                  percent_text(evidence.regions[region].weight, decimals));
    parts << QString(part).replace(QChar(' '), QChar(QChar::Nbsp));
  }
  return parts.join(QString::fromUtf8("    "));
}

Legend legend_of(const AnswerEvidence& evidence, double width, const FigureOptions& options) {
  Legend legend;
  const QFontMetricsF metrics(legend_font());
  const double scale = overlay_scale(evidence, options);
  legend.scale = QString::fromUtf8("0 to %1 of %2")
                     .arg(percent_text(scale, percent_decimals(scale, 1)),
                          display_text(evidence.region_legend.of));
  legend.shares = region_list(evidence, options);
  const double ramp_and_scale = kRampWidth + kRampGap + metrics.horizontalAdvance(legend.scale) + 1;
  const double shares = metrics.horizontalAdvance(legend.shares) + 1;
  legend.scale_below = ramp_and_scale > width;
  if (!legend.shares.isEmpty() &&
      (legend.scale_below || ramp_and_scale + kListGap + shares > width)) {
    legend.list = wrapped(legend.shares, legend_font(), width, kListLines).lines;
    legend.shares.clear();
  }
  const std::string& detail = evidence.region_legend.detail;
  if (!detail.empty()) {
    legend.detail = wrapped(display_text(detail), legend_font(), width, kDetailLines);
  }
  const QString hatching = hatching_text(evidence, scale);
  if (!hatching.isEmpty()) {
    legend.hatching = wrapped(hatching, legend_font(), std::max(width - kSwatch - kSwatchGap, 1.0),
                              kHatchingLines);
  }
  return legend;
}

}  // namespace

void draw_ramp(QPainter& painter, const QRectF& where, const FigureOptions& options,
               double opacity) {
  constexpr int kStops = 16;
  QLinearGradient gradient(where.topLeft(), where.topRight());
  for (int i = 0; i <= kStops; ++i) {
    const double value = double(i) / kStops;
    gradient.setColorAt(
        value, laid_over(overlay_colour(options.colours, value, opacity), options.palette().card));
  }
  painter.setPen(QPen(options.palette().line, 1));
  painter.setBrush(gradient);
  painter.drawRect(where);
}

double legend_height(const AnswerEvidence& evidence, double width, const FigureOptions& options) {
  return evidence.region_legend.of.empty() ? 0 : legend_of(evidence, width, options).height();
}

void draw_legend(QPainter& painter, const QRectF& where, const AnswerEvidence& evidence,
                 const FigureOptions& options) {
  if (evidence.region_legend.of.empty()) return;
  const Palette& palette = options.palette();
  const Legend legend = legend_of(evidence, where.width(), options);
  QRectF line(where.topLeft(), QSizeF(where.width(), kLegendLine));
  const double ramp = std::min(kRampWidth, where.width());
  draw_ramp(painter, QRectF(line.left(), line.center().y() - 5, ramp, 10), options,
            options.opacity);
  if (legend.scale_below) line.translate(0, kLegendLine);
  draw_line(painter, line.adjusted(legend.scale_below ? 0 : kRampWidth + kRampGap, 0, 0, 0),
            Qt::AlignLeft, legend_font(), palette.muted, legend.scale);
  draw_line(painter, line, Qt::AlignRight, legend_font(), palette.text, legend.shares);
  for (const QString& shares : legend.list) {
    line.translate(0, kLegendLine);
    draw_line(painter, line, Qt::AlignLeft, legend_font(), palette.text, shares);
  }
  legend.detail.draw(painter, line.bottomLeft() + QPointF(0, 1), palette.muted);
  if (legend.hatching.lines.isEmpty()) return;
  const QPointF below = line.bottomLeft() +
                        QPointF(0, legend.detail.lines.isEmpty() ? 2 : legend.detail.height() + 4);
  const QRectF swatch(below + QPointF(0, 2), QSizeF(kSwatch, 12));
  painter.fillRect(swatch,
                   laid_over(overlay_colour(options.colours, 0.5, options.opacity), palette.card));
  draw_hatching(painter, swatch, 2);
  legend.hatching.draw(painter, below + QPointF(kSwatch + kSwatchGap, 0), palette.muted);
}

}  // namespace vqalign
