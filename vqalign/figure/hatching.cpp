#include "vqalign/figure/hatching.h"

#include <algorithm>
#include <cmath>

#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr double kLeastVariation = 0.1;
constexpr double kWidestSpacing = 16;
constexpr int kMostLines = 2000;  // of a box that is far larger than what is seen of it

}  // namespace

int variation_level(double spread, double scale) {
  if (!(scale > 0)) return 0;
  const double share = spread / scale;
  if (!(share >= kLeastVariation)) return 0;
  return share < 2 * kLeastVariation ? 1 : share < 4 * kLeastVariation ? 2 : 3;
}

void draw_hatching(QPainter& painter, const QRectF& box, int level) {
  if (level <= 0 || box.isEmpty()) return;
  const double spacing = std::max(kWidestSpacing / double(1 << (level - 1)),
                                  (box.width() + box.height()) / kMostLines);
  QList<QLineF> lines;
  // Each line has one x - y, a multiple of the spacing.
  const double first = std::ceil((box.left() - box.bottom()) / spacing) * spacing;
  for (double d = first; d < box.right() - box.top(); d += spacing) {
    const double from = std::max(box.left(), box.top() + d);
    const double to = std::min(box.right(), box.bottom() + d);
    if (from < to) lines << QLineF(from, from - d, to, to - d);
  }
  painter.setPen(QPen(QColor(0, 0, 0, 120), 2.4, Qt::SolidLine, Qt::FlatCap));
  painter.drawLines(lines);
  painter.setPen(QPen(QColor(255, 255, 255, 230), 1.1, Qt::SolidLine, Qt::FlatCap));
  painter.drawLines(lines);
}

QString passes_text(const AnswerEvidence& evidence, const Token& token) {
  if (!evidence.over_passes) return {};
  const auto of = [&](const TokenScores& scores) {
    return 100 * (token.is_word ? scores.words : scores.regions)[token.place];
  };
  const double mean = of(evidence.over_passes->mean), spread = of(evidence.over_passes->spread);
  return QString::fromUtf8("over %1 passes %2 \u00b1 %3 %")
      .arg(evidence.passes)
      .arg(mean, 0, 'f', 1)
      .arg(spread, 0, 'f', 1);
}

QString hatching_text(const AnswerEvidence& evidence, double scale) {
  if (!evidence.over_passes) return {};
  const double least = kLeastVariation * scale;
  return QString::fromUtf8(
             "hatched: varies over %1 passes by \u00b1 %2 or more (a tenth of the scale); "
             "denser from two and four tenths on")
      .arg(evidence.passes)
      .arg(percent_text(least, percent_decimals(least, 1)));
}

}  // namespace vqalign
