#include "vqalign/figure/views.h"

#include <algorithm>

#include "vqalign/figure/draw_answers.h"
#include "vqalign/figure/draw_picture.h"
#include "vqalign/figure/figure_choice.h"
#include "vqalign/figure/heads_grid.h"
#include "vqalign/figure/layout.h"
#include "vqalign/figure/matrix_view.h"

namespace vqalign {
namespace {

constexpr double kOverlayHeight = 760;

AnswerEvidence shown_of(const FigureSubject& subject, const WeightChoice& choice) {
  return weighed(subject.inspection, choice, subject.relevance ? &*subject.relevance : nullptr);
}

View overlay_view(const FigureInput& input) {
  const QSizeF size = fitted(input.subject.picture.size(), kContentWidth, kOverlayHeight);
  const QRectF picture(QPointF(kContentLeft + (kContentWidth - size.width()) / 2, kContentLeft),
                       size);
  const QRectF legend(kContentLeft, picture.bottom() + 12, kContentWidth,
                      legend_height(input.shown, kContentWidth, input.options));
  return on_card(input.options.palette(), legend.bottom() - kContentLeft,
                 [&input, picture, legend](QPainter& painter) {
                   draw_picture(painter, picture, input.shown, input.subject.picture,
                                input.options);
                   draw_legend(painter, legend, input.shown, input.options);
                 });
}

View answers_view(const FigureInput& input) {
  const AnswersLayout layout =
      lay_out_answers(input.shown, QPointF(kContentLeft, kContentLeft), kContentWidth);
  return on_card(input.options.palette(), layout.height, [&input, layout](QPainter& painter) {
    draw_answers(painter, layout, input.shown, input.options, input.explained);
  });
}

View heads_view_on_card(const FigureInput& input) {
  double height = 0;
  const auto draw =
      heads_drawing(input, QPointF(kContentLeft, kContentLeft - 6), kContentWidth, &height);
  return on_card(input.options.palette(), height - 6, draw);
}

View matrix_view_on_card(const FigureInput& input) {
  double height = 0;
  const auto draw =
      matrix_drawing(input, QPointF(kContentLeft, kContentLeft - 6), kContentWidth, &height);
  return on_card(input.options.palette(), height - 6, draw);
}

}  // namespace

FigureInput::FigureInput(const FigureSubject& of, const FigureOptions& with)
    : subject(of), options(with) {
  const WeightChoice choice = weight_choice(options, subject.inspection);
  shown = shown_of(subject, choice);
  if (choice.source == WeightSource::kRelevance) explained = choice.answer;
  if (choice.source != WeightSource::kPooling) shown.over_passes = subject.over_passes;
}

View lay_out_view(const FigureInput& input) {
  const std::string& view = input.options.view;
  if (view == "overlay") return overlay_view(input);
  if (view == "answers") return answers_view(input);
  if (view == "heads") return heads_view_on_card(input);
  if (view == "matrix") return matrix_view_on_card(input);
  if (view == "paper") return paper_view(input);
  return summary_view(input);
}

View on_card(const Palette& palette, double content_height,
             std::function<void(QPainter&)> content) {
  const double height = content_height + 2 * kContentLeft;
  return {height, [height, &palette, content = std::move(content)](QPainter& painter) {
            draw_card(painter,
                      QRectF(kPageMargin, kPageMargin, FigureLayout::kWidth - 2 * kPageMargin,
                             height - 2 * kPageMargin),
                      height, palette);
            content(painter);
          }};
}

void draw_card(QPainter& painter, const QRectF& card, double page_height, const Palette& palette) {
  painter.setPen(Qt::NoPen);
  painter.setBrush(palette.page);
  painter.drawRect(QRectF(0, 0, FigureLayout::kWidth, page_height));
  painter.setPen(QPen(palette.line, 1));
  painter.setBrush(palette.card);
  painter.drawRoundedRect(card, 14, 14);
}

const QColor& ground_of(const FigureOptions& options) {
  return options.view == "paper" ? options.palette().card : options.palette().page;
}

QString caveat_text() {
  return QString::fromUtf8(
      "Shares tell where the model looked, not by themselves why it answered so.");
}

std::function<void(QPainter&)> heads_drawing(const FigureInput& input, QPointF top_left,
                                             double width, double* height) {
  const Inspection& inspection = input.subject.inspection;
  HeadsGrid grid =
      lay_out_heads(inspection, heads_view(input.options), top_left, width, input.options);
  *height = grid.height;
  HeadMarks marks;
  const AttentionFamily family = matrix_family(input.options);
  const MapChoice choice = map_choice(input.options, inspection, family);
  if (choice.head >= 0) {
    const int64_t layer = choice.layer < 0 ? inspection.shape(family).layers - 1 : choice.layer;
    marks.selected = HeadSite{family, layer, choice.head};
  }
  return [&input, grid = std::move(grid), marks](QPainter& painter) {
    draw_heads(painter, grid, input.subject.inspection,
               head_images(input.subject.inspection, input.options), input.options, marks);
  };
}

std::function<void(QPainter&)> matrix_drawing(const FigureInput& input, QPointF top_left,
                                              double width, double* height) {
  const AttentionFamily family = matrix_family(input.options);
  const MatrixContent content =
      matrix_content(input.subject.inspection, family,
                     map_choice(input.options, input.subject.inspection, family));
  *height = matrix_height(content, width);
  const MatrixLayout layout = lay_out_matrix(content, QRectF(top_left, QSizeF(width, *height)));
  *height = layout.legend.bottom() - top_left.y();
  return [&input, content, layout](QPainter& painter) {
    draw_matrix(painter, layout, content, input.options);
  };
}

}  // namespace vqalign
