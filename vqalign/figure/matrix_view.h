#pragma once

#include <QPainter>
#include <QPointF>
#include <QRectF>
#include <QString>
#include <QStringList>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/text_block.h"
#include "vqalign/inspect/weighing.h"

namespace vqalign {

/// One map with what is written around it.
struct MatrixContent {
  AttentionMap map;
  QStringList query_labels;  ///< of rows: words by their spelling, regions by their number from 0
                             ///< and their label
  QStringList key_labels;    ///< of columns
  QString title;             ///< "guided attention, layer 2, mean over 4 heads"
  QString direction;         ///< what a row is, and whether it sums to 1
};

/// UsageError when the layer or head is not there.
MatrixContent matrix_content(const Inspection& inspection, AttentionFamily family,
                             const MapChoice& choice);

/// Of the labels, in units of the layout.
constexpr int kMatrixLabelSize = 11;

struct MatrixLabel {
  QRectF box;         ///< where it stands; of columns with long names higher than wide
  int64_t index = 0;  ///< row or column
};

/// Where everything of a matrix goes.
struct MatrixLayout {
  QRectF title, direction, legend;
  TextBlock title_text, direction_text;  ///< broken to the width
  QRectF cells;
  int64_t rows = 0, columns = 0;
  double cell_width = 0, cell_height = 0;
  std::vector<MatrixLabel> query_labels;  ///< only as many as have room
  std::vector<MatrixLabel> key_labels;
  bool upright = true;  ///< key labels read from left to right; else from bottom to top

  QRectF cell(int64_t query, int64_t key) const;
  /// Query and key of the cell at a point.
  std::optional<std::pair<int64_t, int64_t>> cell_at(QPointF point) const;
};

/// Fits a matrix into `area`: cells as large as possible up to a readable size, labels left out
/// where they would overlap, long words elided.
MatrixLayout lay_out_matrix(const MatrixContent& content, const QRectF& area);

/// The height at which the matrix is easy to read, for pages that grow with what is on them.
double matrix_height(const MatrixContent& content, double width);

/// Row and column of the pointed cell are marked; numbers stand inside cells that have room.
void draw_matrix(QPainter& painter, const MatrixLayout& layout, const MatrixContent& content,
                 const FigureOptions& options,
                 std::optional<std::pair<int64_t, int64_t>> pointed = {});

}  // namespace vqalign
