#include "vqalign/figure/draw_words.h"

#include <QFontMetricsF>
#include <algorithm>

#include "vqalign/figure/colour_map.h"
#include "vqalign/figure/hatching.h"
#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr double kChipHeight = 27;
constexpr double kChipRow = 50;
constexpr double kChipSpace = 7;
constexpr double kNarrowestChip = 36;
constexpr double kChipPadding = 9;
constexpr double kHatchedStrip = 4;  // along a chip's lower edge, so that the word stays legible
constexpr std::size_t kMostCutChips = 8;
constexpr int kWordSize = 15;
constexpr int kShareSize = 11;

QString share_of(const AnswerEvidence& evidence, std::size_t place) {
  const QuestionWord& word = evidence.words[place];
  const bool weighed = !evidence.word_legend.of.empty();
  if (word.dropped) return QString::fromUtf8("dropped");
  if (word.cut) return QString::fromUtf8("not read");
  QString share = weighed ? percent_text(word.weight, 0) : QString();
  if (weighed && evidence.over_passes) {
    share += QString::fromUtf8(" \u00b1 %1")
                 .arg(evidence.over_passes->spread.words[place] * 100, 0, 'f', 0);
  }
  if (!word.known) share += QString::fromUtf8(share.isEmpty() ? "unknown" : " unknown");
  return share;
}

/// The weight that is tinted fully: words that all weigh alike are not drawn as if each stood out.
double full_weight(const AnswerEvidence& evidence) {
  double largest = 0, sum = 0;
  for (const QuestionWord& word : evidence.words) {
    largest = std::max(largest, word.weight);
    sum += word.weight;
  }
  if (largest <= 0) return 1;
  return std::max(largest, std::min(1.0, 2 * sum / double(evidence.words.size())));
}

std::vector<WordChip> chips_of(const AnswerEvidence& evidence) {
  const double full = full_weight(evidence);
  std::vector<WordChip> chips;
  std::size_t cut = 0;
  for (std::size_t place = 0; place < evidence.words.size(); ++place) {
    const QuestionWord& word = evidence.words[place];
    if (word.cut && ++cut > kMostCutChips) continue;
    WordChip chip;
    chip.text = display_text(word.text);
    chip.share = share_of(evidence, place);
    if (evidence.over_passes) {
      chip.variation = variation_level(evidence.over_passes->spread.words[place], full);
    }
    chip.strength = word.weight / full;
    chip.known = word.known;
    chip.cut = word.cut;
    chip.dropped = word.dropped;
    chip.subject = evidence.subject == Token{true, place};
    chip.word = place;
    chips.push_back(chip);
  }
  if (cut > kMostCutChips) {
    WordChip rest;
    rest.text = QString::fromUtf8("+ %1 more").arg(cut - kMostCutChips);
    rest.share = QString::fromUtf8("not read");
    chips.push_back(rest);
  }
  return chips;
}

QPen outline_of(const WordChip& chip, const Palette& palette) {
  if (chip.subject) return {palette.accent, 2.4};
  if (chip.known || chip.cut) return {palette.line, 1};
  return {palette.warning, 1.4, Qt::DashLine};
}

}  // namespace

WordsLayout lay_out_words(const AnswerEvidence& evidence, QPointF top_left, double width) {
  WordsLayout layout{chips_of(evidence)};
  const QFontMetricsF word(figure_font(kWordSize)), share(figure_font(kShareSize));
  double x = top_left.x(), y = top_left.y();
  for (WordChip& chip : layout.chips) {
    const double text = std::max(word.horizontalAdvance(chip.text) + 2 * kChipPadding,
                                 share.horizontalAdvance(chip.share) + 4);
    const double taken = std::min(std::max(text, kNarrowestChip), width);
    if (x > top_left.x() && x + taken > top_left.x() + width) {
      x = top_left.x();
      y += kChipRow;
    }
    chip.box = QRectF(x, y, taken, kChipHeight);
    x += taken + kChipSpace;
  }
  layout.height = layout.chips.empty() ? 0 : y - top_left.y() + kChipRow;
  return layout;
}

void draw_word(QPainter& painter, const WordChip& chip, const FigureOptions& options) {
  const Palette& palette = options.palette();
  const bool unread = chip.cut || chip.dropped;
  const QColor ground =
      laid_over(overlay_colour(options.colours, chip.strength, 1.0), palette.card);
  painter.setBrush(unread ? palette.page : ground);
  painter.setPen(outline_of(chip, palette));
  painter.drawRoundedRect(chip.box, 6, 6);
  QFont font = figure_font(kWordSize);
  font.setStrikeOut(unread);
  draw_hatching(painter,
                QRectF(chip.box.left() + 3, chip.box.bottom() - kHatchedStrip - 1.5,
                       chip.box.width() - 6, kHatchedStrip),
                unread ? 0 : chip.variation);
  draw_line(painter, chip.box.adjusted(6, 0, -6, 0), Qt::AlignHCenter, font,
            unread ? palette.muted : text_colour_on(ground), chip.text);
  const QRectF below(chip.box.left(), chip.box.bottom() + 1, chip.box.width(), 16);
  draw_line(painter, below, Qt::AlignHCenter, figure_font(kShareSize), palette.muted, chip.share);
}

QString word_legend_text(const AnswerEvidence& evidence) {
  const WeightLegend& legend = evidence.word_legend;
  if (legend.of.empty() || evidence.words.empty()) return {};
  QString text = QString::fromUtf8("Words: share of ") + display_text(legend.of);
  if (!legend.detail.empty()) text += QString::fromUtf8(" \u00b7 ") + display_text(legend.detail);
  if (evidence.over_passes) {
    text += QString::fromUtf8(" \u00b7 \u00b1 over %1 passes").arg(evidence.passes);
  }
  return text;
}

}  // namespace vqalign
