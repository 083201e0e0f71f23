#pragma once

#include <QPainter>
#include <QRectF>
#include <QString>
#include <optional>
#include <vector>

#include "vqalign/figure/figure_options.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {

/// A word of the question and where it is drawn.
struct WordChip {
  QRectF box;  ///< of the word; its share stands in the line below
  QString text;
  QString share;        ///< its weight, or why it has none
  double strength = 0;  ///< 0 to 1: how strongly it is tinted
  bool known = true;
  bool cut = false;
  bool dropped = false;
  int variation = 0;                ///< over passes, by variation_level(): a hatched strip
  bool subject = false;             ///< the weights speak of it
  std::optional<std::size_t> word;  ///< its place in evidence.words; nothing for "+ 492 more"
};

/// The words of a question in lines.
struct WordsLayout {
  std::vector<WordChip> chips;
  double height = 0;  ///< shares included
};

/// Words from left to right, in as many lines as they need; of words that were cut only the first
/// few, the others as "+ N more". Words wider than a line are elided when drawn.
WordsLayout lay_out_words(const AnswerEvidence& evidence, QPointF top_left, double width);

/// A word tinted by its weight, its share below: unknown words dashed, those that were cut or
/// dropped struck through, the subject outlined in the accent colour.
void draw_word(QPainter& painter, const WordChip& chip, const FigureOptions& options);

/// What the shares below the words are: "Words: share of question pooling"; empty when they are
/// none.
QString word_legend_text(const AnswerEvidence& evidence);

}  // namespace vqalign
