#include <QFontMetricsF>

#include "vqalign/figure/draw_picture.h"
#include "vqalign/figure/layout.h"
#include "vqalign/figure/views.h"

namespace vqalign {
namespace {

void draw_warning(QPainter& painter, const PlacedText& warning, double right,
                  const Palette& palette) {
  const double left = warning.at.x() - 36;
  const QRectF box(left, warning.at.y() - 8, right - left, warning.text.height() + 16);
  painter.setPen(QPen(palette.warning_line, 1));
  painter.setBrush(palette.warning_ground);
  painter.drawRoundedRect(box, 6, 6);
  const QRectF sign(left + 10, warning.at.y() - 1, 18, 18);
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette.warning);
  painter.drawEllipse(sign);
  draw_line(painter, sign, Qt::AlignHCenter, figure_font(13, QFont::Bold), palette.warning_ground,
            QString::fromUtf8("!"));
  warning.text.draw(painter, warning.at, palette.warning);
}

void draw_footer(QPainter& painter, const QRectF& footer, const AnswerEvidence& evidence,
                 const Palette& palette) {
  painter.setPen(QPen(palette.line, 1));
  painter.drawLine(footer.topLeft(), footer.topRight());
  const QRectF line = footer.adjusted(0, 10, 0, 0);
  const QFont font = figure_font(11);
  const double width = QFontMetricsF(font).horizontalAdvance(caveat_text()) + 1;
  draw_line(painter, line, Qt::AlignRight, font, palette.muted, caveat_text());
  draw_line(painter, line.adjusted(0, 0, -width - 20, 0), Qt::AlignLeft, font, palette.muted,
            QString::fromUtf8("vqalign \u00b7 ") + display_text(evidence.model));
}

void draw_summary(QPainter& painter, const FigureLayout& layout, const FigureInput& input) {
  const AnswerEvidence& evidence = input.shown;
  const FigureOptions& options = input.options;
  const Palette& palette = options.palette();
  draw_card(painter, layout.card, layout.height, palette);
  layout.question.text.draw(painter, layout.question.at, palette.text);
  for (const WordChip& chip : layout.words.chips) draw_word(painter, chip, options);
  layout.word_legend.text.draw(painter, layout.word_legend.at, palette.muted);
  draw_picture(painter, layout.picture, evidence, input.subject.picture, options);
  draw_legend(painter, layout.legend, evidence, options);
  draw_answers(painter, layout.answers, evidence, options, input.explained);
  for (const PlacedText& warning : layout.warnings) {
    draw_warning(painter, warning, layout.footer.right(), palette);
  }
  draw_footer(painter, layout.footer, evidence, palette);
}

}  // namespace

View summary_view(const FigureInput& input) {
  const FigureLayout layout = lay_out(input.shown, input.subject.picture.size(), input.options);
  return {layout.height,
          [&input, layout](QPainter& painter) { draw_summary(painter, layout, input); }};
}

}  // namespace vqalign
