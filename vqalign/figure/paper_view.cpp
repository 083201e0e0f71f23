#include <algorithm>

#include "vqalign/figure/draw_picture.h"
#include "vqalign/figure/layout.h"
#include "vqalign/figure/views.h"

namespace vqalign {
namespace {

constexpr double kPaperMargin = 24;
constexpr double kPaperGap = 44;
constexpr double kPanelWidth = (FigureLayout::kWidth - 2 * kPaperMargin - kPaperGap) / 2;
constexpr double kLetterLine = 28;
constexpr double kPaperPicture = 480;  // at most so high
constexpr double kPanelGap = 28;       // below a panel
constexpr int kPaperQuestionLines = 8;

using Drawing = std::function<void(QPainter&)>;

/// A lettered part of the figure; contents begin below the letter.
struct Panel {
  QString letter;
  QPointF at;
  double height = 0;  // letter included
  Drawing draw = {};

  QPointF content() const { return at + QPointF(0, kLetterLine); }
};

void draw_letter(QPainter& painter, const Panel& panel, const Palette& palette) {
  draw_line(painter, QRectF(panel.at, QSizeF(kPanelWidth, kLetterLine - 6)), Qt::AlignLeft,
            figure_font(16, QFont::Bold), palette.text, panel.letter);
}

/// Question, words and picture.
Panel picture_panel(const FigureInput& input, QPointF at) {
  Panel panel{QString::fromUtf8("(a)"), at};
  const AnswerEvidence& evidence = input.shown;
  FigureLayout layout;
  double y = panel.content().y();
  layout.question = {wrapped(display_text(evidence.question), figure_font(18, QFont::DemiBold),
                             kPanelWidth, kPaperQuestionLines),
                     QPointF(at.x(), y)};
  y += layout.question.text.height() + 10;
  layout.words = lay_out_words(evidence, QPointF(at.x(), y), kPanelWidth);
  y += layout.words.height;
  layout.word_legend = {wrapped(word_legend_text(evidence), figure_font(12), kPanelWidth, 3),
                        QPointF(at.x(), y)};
  y += layout.word_legend.text.height() + 12;
  const QSizeF size = fitted(input.subject.picture.size(), kPanelWidth, kPaperPicture);
  layout.picture = QRectF(QPointF(at.x(), y), size);
  layout.legend = QRectF(at.x(), layout.picture.bottom() + 10, kPanelWidth,
                         legend_height(evidence, kPanelWidth, input.options));
  panel.height = layout.legend.bottom() - at.y();
  panel.draw = [&input, layout](QPainter& painter) {
    const Palette& palette = input.options.palette();
    layout.question.text.draw(painter, layout.question.at, palette.text);
    for (const WordChip& chip : layout.words.chips) draw_word(painter, chip, input.options);
    layout.word_legend.text.draw(painter, layout.word_legend.at, palette.muted);
    draw_picture(painter, layout.picture, input.shown, input.subject.picture, input.options);
    draw_legend(painter, layout.legend, input.shown, input.options);
  };
  return panel;
}

Panel answers_panel(const FigureInput& input, QPointF at) {
  Panel panel{QString::fromUtf8("(b)"), at};
  const AnswersLayout layout = lay_out_answers(input.shown, panel.content(), kPanelWidth);
  panel.height = kLetterLine + layout.height;
  panel.draw = [&input, layout](QPainter& painter) {
    draw_answers(painter, layout, input.shown, input.options, input.explained);
  };
  return panel;
}

Panel matrix_panel(const FigureInput& input, QPointF at) {
  Panel panel{QString::fromUtf8("(c)"), at};
  panel.draw = matrix_drawing(input, panel.content(), kPanelWidth, &panel.height);
  panel.height += kLetterLine;
  return panel;
}

Panel heads_panel(const FigureInput& input, QPointF at) {
  Panel panel{QString::fromUtf8("(d)"), at};
  panel.draw =
      heads_drawing(input, panel.content(), FigureLayout::kWidth - 2 * kPaperMargin, &panel.height);
  panel.height += kLetterLine;
  return panel;
}

/// Warnings, caveat and model below the panels, each in full.
std::vector<PlacedText> paper_notes(const AnswerEvidence& evidence, double top) {
  constexpr int kNoteLines = 6;
  QStringList texts;
  for (const std::string& warning : evidence.warnings) texts << display_text(warning);
  texts << caveat_text() + QString::fromUtf8(" \u00b7 vqalign \u00b7 ") +
               display_text(evidence.model);
  std::vector<PlacedText> notes;
  for (const QString& text : texts) {
    notes.push_back(
        {wrapped(text, figure_font(12), FigureLayout::kWidth - 2 * kPaperMargin, kNoteLines),
         QPointF(kPaperMargin, top)});
    top += notes.back().text.height() + 4;
  }
  return notes;
}

}  // namespace

View paper_view(const FigureInput& input) {
  const double right = kPaperMargin + kPanelWidth + kPaperGap;
  const auto below = [](const Panel& panel) { return panel.at.y() + panel.height + kPanelGap; };
  std::vector<Panel> panels = {picture_panel(input, QPointF(kPaperMargin, kPaperMargin)),
                               answers_panel(input, QPointF(right, kPaperMargin))};
  panels.push_back(matrix_panel(input, QPointF(right, below(panels[1]))));
  const double heads = std::max(below(panels[0]), below(panels[2]));
  panels.push_back(heads_panel(input, QPointF(kPaperMargin, heads)));
  const double end = below(panels.back()) - 8;
  const std::vector<PlacedText> notes = paper_notes(input.shown, end);
  const double height = notes.back().at.y() + notes.back().text.height() + kPaperMargin;
  return {height, [&input, panels, notes, height](QPainter& painter) {
            const Palette& palette = input.options.palette();
            painter.fillRect(QRectF(0, 0, FigureLayout::kWidth, height), palette.card);
            for (const Panel& panel : panels) {
              draw_letter(painter, panel, palette);
              panel.draw(painter);
            }
            for (const PlacedText& note : notes) note.text.draw(painter, note.at, palette.muted);
          }};
}

}  // namespace vqalign
