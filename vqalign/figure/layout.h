#pragma once

#include <QRectF>
#include <QSize>
#include <QString>
#include <vector>

#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/text_block.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {

/// A word of the question and where it is drawn.
struct WordChip {
  QRectF box;
  QString text;
  QString share;        ///< its weight, below the word
  double strength = 0;  ///< 0 to 1: how strongly it is tinted
  bool known = true;
  bool cut = false;
};

/// A row of the list of answers.
struct AnswerRow {
  QRectF box;
  std::size_t answer = 0;
};

struct PlacedText {
  TextBlock text;
  QPointF at;
};

/// Where everything of the pooling view goes. Units are those of a figure 1000 wide.
struct FigureLayout {
  static constexpr double kWidth = 1000;

  double height = 0;
  QRectF card;
  PlacedText question;
  std::vector<WordChip> chips;
  QRectF picture;
  QRectF legend;
  int legend_lines = 1;
  QRectF answers_heading;
  std::vector<AnswerRow> rows;
  QRectF prior_legend;  ///< empty when no answer has a prior
  PlacedText certainty;
  std::vector<PlacedText> warnings;
  QRectF footer;
};

/// Wide pictures and long lists of answers stand below each other, others side by side. Needs a
/// QGuiApplication, for the sizes of text.
FigureLayout lay_out(const AnswerEvidence& evidence, QSize picture);

}  // namespace vqalign
