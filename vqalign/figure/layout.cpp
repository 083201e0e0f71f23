#include "vqalign/figure/layout.h"

#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

namespace vqalign {
namespace {

constexpr double kPage = 16;     // around the card
constexpr double kPadding = 34;  // inside the card
constexpr double kLeft = kPage + kPadding;
constexpr double kContent = FigureLayout::kWidth - 2 * kLeft;
constexpr double kGap = 36;  // between columns
constexpr double kPictureColumn = 540;
constexpr double kNarrowestColumn = 330;  // what a line of the legend needs
constexpr double kOneLineLegend = 510;    // what all of it needs
constexpr double kPictureHeight = 520;
constexpr double kLegendHeight = 22;
constexpr double kHeading = 24;
constexpr double kRow = 42;
constexpr double kSmallLine = 18;
constexpr double kChipHeight = 27;
constexpr double kChipRow = 50;
constexpr std::size_t kMostBeside = 10;
constexpr std::size_t kMostCutChips = 8;
constexpr int kQuestionLines = 6;

/// The picture's size inside a width and a height, its aspect kept.
QSizeF fitted(QSize picture, double width, double height) {
  const QSizeF size(std::max(picture.width(), 1), std::max(picture.height(), 1));
  const double scale = std::min(width / size.width(), height / size.height());
  return {std::max(size.width() * scale, 1.0), std::max(size.height() * scale, 1.0)};
}

WordChip chip_of(const QuestionWord& word, double full) {
  WordChip chip;
  chip.text = display_text(word.text);
  chip.share = word.cut ? QString::fromUtf8("not read") : percent_text(word.weight, 0);
  if (!word.known && !word.cut) chip.share += QString::fromUtf8(" unknown");
  chip.strength = word.weight / full;
  chip.known = word.known;
  chip.cut = word.cut;
  return chip;
}

std::vector<WordChip> chips_of(const AnswerEvidence& evidence) {
  // Words that all weigh alike are not drawn as if each stood out.
  double full = std::min(1.0, 2.0 / std::max<double>(1, double(evidence.words.size())));
  for (const QuestionWord& word : evidence.words) full = std::max(full, word.weight);
  std::vector<WordChip> chips;
  std::size_t cut = 0;
  for (const QuestionWord& word : evidence.words) {
    if (word.cut && ++cut > kMostCutChips) continue;
    chips.push_back(chip_of(word, full));
  }
  if (cut > kMostCutChips) {
    WordChip rest;
    rest.text = QString::fromUtf8("+ %1 more").arg(cut - kMostCutChips);
    rest.share = QString::fromUtf8("not read");
    chips.push_back(rest);
  }
  return chips;
}

/// Sets the chips in lines from `top` on; the height they take.
double place_chips(std::vector<WordChip>& chips, double top) {
  const QFontMetricsF word(figure_font(15)), share(figure_font(11));
  constexpr double kSpace = 7;
  double x = kLeft, y = top;
  for (WordChip& chip : chips) {
    const double text =
        std::max(word.horizontalAdvance(chip.text) + 18, share.horizontalAdvance(chip.share) + 4);
    const double width = std::min(std::max(text, 36.0), kContent);
    if (x > kLeft && x + width > kLeft + kContent) {
      x = kLeft;
      y += kChipRow;
    }
    chip.box = QRectF(x, y, width, kChipHeight);
    x += width + kSpace;
  }
  return chips.empty() ? 0 : y - top + kChipRow;
}

/// Rows down the columns; the height of the longest column.
double place_rows(FigureLayout& layout, std::size_t answers, QRectF area, std::size_t columns) {
  const std::size_t each = (answers + columns - 1) / columns;
  const double width = (area.width() - kGap * double(columns - 1)) / double(columns);
  for (std::size_t i = 0; i < answers; ++i) {
    const auto column = double(i / each), row = double(i % each);
    layout.rows.push_back(
        {QRectF(area.left() + column * (width + kGap), area.top() + row * kRow, width, kRow), i});
  }
  return double(each) * kRow;
}

/// The list of answers with what stands below it; its height.
double place_answers(FigureLayout& layout, const AnswerEvidence& evidence, QPointF at, double width,
                     std::size_t columns) {
  double y = at.y();
  layout.answers_heading = QRectF(at.x(), y, width, kHeading);
  y += kHeading;
  y += place_rows(layout, evidence.answers.size(), QRectF(at.x(), y, width, 0), columns);
  const bool priors = std::any_of(evidence.answers.begin(), evidence.answers.end(),
                                  [](const RankedAnswer& answer) { return answer.prior > 0; });
  if (priors) {
    layout.prior_legend = QRectF(at.x(), y, width, kSmallLine);
    y += kSmallLine + 4;
  }
  if (evidence.certainty) {
    const Certainty& certainty = *evidence.certainty;
    const QString text =
        QString::fromUtf8("%1: over %2 passes with dropout the two likeliest answers %3 (p %4).")
            .arg(certainty.certain ? "Certain" : "Not certain")
            .arg(evidence.passes)
            .arg(certainty.certain ? "differ" : "do not differ")
            .arg(certainty.p_value < 1e-4
                     ? QString::fromUtf8("< 0.0001")
                     : QString::fromUtf8("= ") + QString::number(certainty.p_value, 'g', 2));
    layout.certainty = {wrapped(text, figure_font(12), width, 4), QPointF(at.x(), y + 2)};
    y += layout.certainty.text.height() + 4;
  }
  return y - at.y();
}

/// Picture, legend and answers from `top` on; their height.
double place_body(FigureLayout& layout, const AnswerEvidence& evidence, QSize picture, double top) {
  const std::size_t answers = evidence.answers.size();
  const double aspect = double(std::max(picture.width(), 1)) / std::max(picture.height(), 1);
  const bool beside = aspect < 2.2 && answers <= kMostBeside;
  const QSizeF size = fitted(picture, beside ? kPictureColumn : kContent, kPictureHeight);
  const double column = beside ? std::max(size.width(), kNarrowestColumn) : kContent;
  layout.picture = QRectF(QPointF(kLeft + (beside ? 0 : (kContent - size.width()) / 2), top), size);
  layout.legend_lines = column < kOneLineLegend ? 2 : 1;
  layout.legend =
      QRectF(kLeft, layout.picture.bottom() + 10, column, kLegendHeight * layout.legend_lines);
  const double picture_height = layout.legend.bottom() - top;
  if (beside) {
    const double x = kLeft + column + kGap;
    return std::max(picture_height,
                    place_answers(layout, evidence, QPointF(x, top - 4), kLeft + kContent - x, 1));
  }
  const std::size_t columns = answers <= 3 ? 1 : answers <= 10 ? 2 : 3;
  return picture_height + 24 +
         place_answers(layout, evidence, QPointF(kLeft, top + picture_height + 24), kContent,
                       columns);
}

double place_warnings(FigureLayout& layout, const AnswerEvidence& evidence, double top) {
  double y = top;
  for (const std::string& warning : evidence.warnings) {
    TextBlock text = wrapped(display_text(warning), figure_font(13), kContent - 48, 4);
    layout.warnings.push_back({text, QPointF(kLeft + 36, y + 8)});
    y += text.height() + 16 + 8;
  }
  return y - top;
}

}  // namespace

FigureLayout lay_out(const AnswerEvidence& evidence, QSize picture) {
  FigureLayout layout;
  double y = kPage + kPadding - 6;
  layout.question = {wrapped(display_text(evidence.question), figure_font(24, QFont::DemiBold),
                             kContent, kQuestionLines),
                     QPointF(kLeft, y)};
  y += layout.question.text.height() + 14;
  layout.chips = chips_of(evidence);
  y += place_chips(layout.chips, y) + 12;
  y += place_body(layout, evidence, picture, y) + 22;
  y += place_warnings(layout, evidence, y) + (evidence.warnings.empty() ? 0 : 8);
  layout.footer = QRectF(kLeft, y, kContent, 34);
  y += 34 + kPadding - 22;
  layout.card = QRectF(kPage, kPage, FigureLayout::kWidth - 2 * kPage, y - kPage);
  layout.height = y + kPage;
  return layout;
}

}  // namespace vqalign
