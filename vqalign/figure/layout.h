#pragma once

#include <QRectF>
#include <QSize>
#include <vector>

#include "vqalign/figure/draw_answers.h"
#include "vqalign/figure/draw_words.h"
#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/text_block.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {

/// Where everything of the summary goes. Units are those of a figure 1000 wide.
struct FigureLayout {
  static constexpr double kWidth = 1000;

  double height = 0;
  QRectF card;
  PlacedText question;
  WordsLayout words;
  PlacedText word_legend;
  QRectF picture;
  QRectF legend;
  AnswersLayout answers;
  std::vector<PlacedText> warnings;
  QRectF footer;
};

/// Wide pictures and long lists of answers stand below each other, others side by side. Needs a
/// QGuiApplication, for the sizes of text.
FigureLayout lay_out(const AnswerEvidence& evidence, QSize picture, const FigureOptions& options);

/// The picture's size inside a width and a height, its aspect kept.
QSizeF fitted(QSize picture, double width, double height);

}  // namespace vqalign
