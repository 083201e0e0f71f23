#include "vqalign/figure/layout.h"

#include <algorithm>
#include <cmath>

#include "vqalign/figure/draw_picture.h"
#include "vqalign/figure/views.h"

namespace vqalign {
namespace {

constexpr double kGap = 36;  // between columns
constexpr double kPictureColumn = 540;
constexpr double kNarrowestColumn = 330;  // what a line of the legend needs
constexpr double kPictureHeight = 520;
constexpr std::size_t kMostBeside = 10;
constexpr int kQuestionLines = 6;

/// Picture, legend and answers from `top` on; their height.
double place_body(FigureLayout& layout, const AnswerEvidence& evidence, QSize picture, double top,
                  const FigureOptions& options) {
  const std::size_t answers = evidence.answers.size();
  const double aspect = double(std::max(picture.width(), 1)) / std::max(picture.height(), 1);
  const bool beside = aspect < 2.2 && answers <= kMostBeside;
  const QSizeF size = fitted(picture, beside ? kPictureColumn : kContentWidth, kPictureHeight);
  const double column = beside ? std::max(size.width(), kNarrowestColumn) : kContentWidth;
  const double indent = beside ? 0 : (kContentWidth - size.width()) / 2;
  layout.picture = QRectF(QPointF(kContentLeft + indent, top), size);
  layout.legend = QRectF(kContentLeft, layout.picture.bottom() + 10, column,
                         legend_height(evidence, column, options));
  const double picture_height = layout.legend.bottom() - top;
  if (beside) {
    const double x = kContentLeft + column + kGap;
    layout.answers =
        lay_out_answers(evidence, QPointF(x, top - 4), kContentLeft + kContentWidth - x);
    return std::max(picture_height, layout.answers.height);
  }
  const std::size_t columns = answers <= 3 ? 1 : answers <= 10 ? 2 : 3;
  layout.answers = lay_out_answers(evidence, QPointF(kContentLeft, top + picture_height + 24),
                                   kContentWidth, columns);
  return picture_height + 24 + layout.answers.height;
}

/// Words and what their shares are from `top` on; their height.
double place_words(FigureLayout& layout, const AnswerEvidence& evidence, double top) {
  layout.words = lay_out_words(evidence, QPointF(kContentLeft, top), kContentWidth);
  const QString legend = word_legend_text(evidence);
  if (legend.isEmpty()) return layout.words.height;
  layout.word_legend = {wrapped(legend, figure_font(12), kContentWidth, 2),
                        QPointF(kContentLeft, top + layout.words.height)};
  return layout.words.height + layout.word_legend.text.height() + 4;
}

double place_warnings(FigureLayout& layout, const AnswerEvidence& evidence, double top) {
  double y = top;
  for (const std::string& warning : evidence.warnings) {
    TextBlock text = wrapped(display_text(warning), figure_font(13), kContentWidth - 48, 4);
    layout.warnings.push_back({text, QPointF(kContentLeft + 36, y + 8)});
    y += text.height() + 16 + 8;
  }
  return y - top;
}

}  // namespace

QSizeF fitted(QSize picture, double width, double height) {
  const QSizeF size(std::max(picture.width(), 1), std::max(picture.height(), 1));
  const double scale = std::min(width / size.width(), height / size.height());
  return {std::max(size.width() * scale, 1.0), std::max(size.height() * scale, 1.0)};
}

FigureLayout lay_out(const AnswerEvidence& evidence, QSize picture, const FigureOptions& options) {
  FigureLayout layout;
  double y = kContentLeft - 6;
  layout.question = {wrapped(display_text(evidence.question), figure_font(24, QFont::DemiBold),
                             kContentWidth, kQuestionLines),
                     QPointF(kContentLeft, y)};
  y += layout.question.text.height() + 14;
  y += place_words(layout, evidence, y) + 12;
  y += place_body(layout, evidence, picture, y, options) + 22;
  y += place_warnings(layout, evidence, y) + (evidence.warnings.empty() ? 0 : 8);
  layout.footer = QRectF(kContentLeft, y, kContentWidth, 34);
  y += 34 + kCardPadding - 22;
  layout.card =
      QRectF(kPageMargin, kPageMargin, FigureLayout::kWidth - 2 * kPageMargin, y - kPageMargin);
  layout.height = y + kPageMargin;
  return layout;
}

}  // namespace vqalign
