#include <QFontMetricsF>
#include <algorithm>

#include "vqalign/figure/colour_map.h"
#include "vqalign/figure/heat_map.h"
#include "vqalign/figure/matrix_view.h"
#include "vqalign/figure/ramp.h"
#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr double kNumberWidth = 32;  // a cell with less has no room for a number
constexpr double kNumberHeight = 14;

bool has_numbers(const MatrixLayout& layout) {
  return layout.cell_width >= kNumberWidth && layout.cell_height >= kNumberHeight;
}

void draw_numbers(QPainter& painter, const MatrixLayout& layout, const MatrixContent& content,
                  double scale, const FigureOptions& options) {
  const QFont font = figure_font(10);
  const QFontMetricsF metrics(font);
  const double baseline = (metrics.ascent() - metrics.descent()) / 2;
  painter.setFont(font);
  for (int64_t row = 0; row < layout.rows; ++row) {
    for (int64_t column = 0; column < layout.columns; ++column) {
      const double weight = content.map.at(row, column);
      const QColor ground =
          laid_over(overlay_colour(options.colours, weight / scale, 1.0), options.palette().card);
      const QString text = QString::number(weight * 100, 'f', 1);
      const QPointF centre = layout.cell(row, column).center();
      painter.setPen(text_colour_on(ground));
      painter.drawText(centre + QPointF(-metrics.horizontalAdvance(text) / 2, baseline), text);
    }
  }
}

/// A label of a column whose name is wider than the column, from bottom to top.
void draw_rotated(QPainter& painter, const QRectF& box, const QFont& font, const QColor& colour,
                  const QString& text) {
  painter.save();
  painter.translate(box.bottomLeft());
  painter.rotate(-90);
  draw_line(painter, QRectF(0, 0, box.height(), box.width()), Qt::AlignLeft, font, colour, text);
  painter.restore();
}

void draw_labels(QPainter& painter, const MatrixLayout& layout, const MatrixContent& content,
                 const Palette& palette) {
  const QFont font = figure_font(kMatrixLabelSize);
  for (const MatrixLabel& label : layout.query_labels) {
    draw_line(painter, label.box, Qt::AlignRight, font, palette.muted,
              content.query_labels[label.index]);
  }
  for (const MatrixLabel& label : layout.key_labels) {
    const QString& text = content.key_labels[label.index];
    if (layout.upright) {
      draw_line(painter, label.box, Qt::AlignHCenter, font, palette.muted, text);
    } else {
      draw_rotated(painter, label.box, font, palette.muted, text);
    }
  }
}

/// The names of the pointed cell over those around them, which they may lie on.
void draw_pointed_labels(QPainter& painter, const MatrixLayout& layout,
                         const MatrixContent& content, std::pair<int64_t, int64_t> pointed,
                         const Palette& palette) {
  const QFont font = figure_font(kMatrixLabelSize, QFont::Bold);
  const auto moved = [](QRectF box, QPointF centre, bool across) {
    across ? box.moveCenter(QPointF(box.center().x(), centre.y()))
           : box.moveCenter(QPointF(centre.x(), box.center().y()));
    return box;
  };
  const QRectF cell = layout.cell(pointed.first, pointed.second);
  const QRectF query = moved(layout.query_labels.front().box, cell.center(), true);
  painter.fillRect(query, palette.card);
  draw_line(painter, query, Qt::AlignRight, font, palette.accent,
            content.query_labels[pointed.first]);
  const QRectF key = moved(layout.key_labels.front().box, cell.center(), false);
  painter.fillRect(key, palette.card);
  const QString& text = content.key_labels[pointed.second];
  if (layout.upright) {
    draw_line(painter, key, Qt::AlignHCenter, font, palette.accent, text);
  } else {
    draw_rotated(painter, key, font, palette.accent, text);
  }
}

void mark(QPainter& painter, const MatrixLayout& layout, std::pair<int64_t, int64_t> pointed,
          const Palette& palette) {
  const QRectF cell = layout.cell(pointed.first, pointed.second);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(palette.accent, 1.4));
  painter.drawRect(QRectF(layout.cells.left(), cell.top(), layout.cells.width(), cell.height()));
  painter.drawRect(QRectF(cell.left(), layout.cells.top(), cell.width(), layout.cells.height()));
  painter.setPen(QPen(palette.accent, 2.6));
  painter.drawRect(cell);
}

void draw_matrix_legend(QPainter& painter, const MatrixLayout& layout, double scale,
                        const FigureOptions& options) {
  constexpr double kRamp = 80;
  const QRectF& line = layout.legend;
  const double ramp = std::min(kRamp, line.width());
  draw_ramp(painter, QRectF(line.left(), line.center().y() - 5, ramp, 10), options, 1.0);
  QString text = QString::fromUtf8("0 to %1").arg(percent_text(scale));
  if (options.scale <= 0) text += QString::fromUtf8(", the largest weight");
  if (has_numbers(layout)) text += QString::fromUtf8(" \u00b7 cells in %");
  draw_line(painter, line.adjusted(kRamp + 10, 0, 0, 0), Qt::AlignLeft, figure_font(12),
            options.palette().muted, text);
}

}  // namespace

void draw_matrix(QPainter& painter, const MatrixLayout& layout, const MatrixContent& content,
                 const FigureOptions& options, std::optional<std::pair<int64_t, int64_t>> pointed) {
  const Palette& palette = options.palette();
  const double scale = map_scale(content.map, options);
  layout.title_text.draw(painter, layout.title.topLeft(), palette.text);
  layout.direction_text.draw(painter, layout.direction.topLeft(), palette.muted);
  if (layout.rows == 0 || layout.columns == 0) return;
  draw_cells(painter, layout.cells, heat_map(content.map, scale, options));
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(palette.line, 1));
  painter.drawRect(layout.cells);
  if (has_numbers(layout)) draw_numbers(painter, layout, content, scale, options);
  draw_labels(painter, layout, content, palette);
  if (pointed) {
    mark(painter, layout, *pointed, palette);
    draw_pointed_labels(painter, layout, content, *pointed, palette);
  }
  draw_matrix_legend(painter, layout, scale, options);
}

}  // namespace vqalign
