#pragma once

#include <QPainter>
#include <QRectF>
#include <optional>
#include <string>
#include <vector>

#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/text_block.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {

/// What a row of the list takes, and of that its line of text and its bar.
constexpr double kAnswerRowHeight = 42;

/// A row of the list of answers.
struct AnswerRow {
  QRectF box;
  std::size_t answer = 0;  ///< its place in evidence.answers
};

/// The list of answers with its heading and what stands below it.
struct AnswersLayout {
  QRectF heading;
  std::vector<AnswerRow> rows;
  QRectF prior_legend;   ///< empty when no answer has a prior
  PlacedText certainty;  ///< without lines when there is nothing to say
  double height = 0;
};

/// Rows down `columns` columns of equal width.
AnswersLayout lay_out_answers(const AnswerEvidence& evidence, QPointF top_left, double width,
                              std::size_t columns = 1);

/// An answer, its probability as number and bar, its share among the training answers as a tick.
/// `marked`: the answer that is explained, with an arrow before it.
void draw_answer(QPainter& painter, const AnswerRow& row, const AnswerEvidence& evidence,
                 const FigureOptions& options, bool marked = false);

/// The whole list; the answer that reads `explained` is marked.
void draw_answers(QPainter& painter, const AnswersLayout& layout, const AnswerEvidence& evidence,
                  const FigureOptions& options, const std::string& explained = {});

}  // namespace vqalign
