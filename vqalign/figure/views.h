#pragma once

#include <QPainter>
#include <QString>
#include <functional>

#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/figure_subject.h"

namespace vqalign {

/// What a view draws: the subject, and its evidence with the weights that are shown.
struct FigureInput {
  const FigureSubject& subject;
  const FigureOptions& options;
  AnswerEvidence shown;
  std::string explained;  ///< the answer that relevance speaks for; empty: none

  /// UsageError as figure_choice.h says.
  FigureInput(const FigureSubject& subject, const FigureOptions& options);
};

/// A view laid out, in units of a figure FigureLayout::kWidth wide. Lives no longer than its input.
struct View {
  double height = 0;
  std::function<void(QPainter&)> draw;
};

/// By options.view.
View lay_out_view(const FigureInput& input);

/// Question, words, picture and answers on a card, with warnings and the caveat.
View summary_view(const FigureInput& input);
/// Everything as lettered panels on plain ground.
View paper_view(const FigureInput& input);

/// A view inside a page's card.
View on_card(const Palette& palette, double content_height, std::function<void(QPainter&)> content);

/// The page's ground and its card of that height.
void draw_card(QPainter& painter, const QRectF& card, double page_height, const Palette& palette);

/// Where the contents of a card begin, and how wide they are.
constexpr double kPageMargin = 16;
constexpr double kCardPadding = 34;
constexpr double kContentLeft = kPageMargin + kCardPadding;
constexpr double kContentWidth = 1000 - 2 * kContentLeft;

/// What lies behind the figure of a view.
const QColor& ground_of(const FigureOptions& options);

/// "Shares tell where the model looked, ...": what a figure must not be read without.
QString caveat_text();

/// The overview with the head marked that options name, if they name one.
std::function<void(QPainter&)> heads_drawing(const FigureInput& input, QPointF top_left,
                                             double width, double* height);

/// The chosen map.
std::function<void(QPainter&)> matrix_drawing(const FigureInput& input, QPointF top_left,
                                              double width, double* height);

}  // namespace vqalign
