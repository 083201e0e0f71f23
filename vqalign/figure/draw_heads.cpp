#include <QFontMetricsF>
#include <algorithm>
#include <cmath>

#include "vqalign/figure/heads_grid.h"
#include "vqalign/figure/heat_map.h"
#include "vqalign/figure/ramp.h"
#include "vqalign/figure/text_block.h"

namespace vqalign {
namespace {

constexpr int kNumberSize = 10;

QString number_text(double value, HeadStatistic statistic) {
  if (std::isnan(value)) return QString::fromUtf8("\u2013");
  const bool fine = statistic == HeadStatistic::kAlignment || statistic == HeadStatistic::kEffect;
  return QString::number(value, 'f', fine ? 3 : 2);
}

/// Two lines from corner to corner, light on dark, so that they show on every map.
void cross_out(QPainter& painter, const QRectF& map) {
  for (const auto& [colour, width] :
       {std::pair{QColor(0, 0, 0, 200), 4.0}, std::pair{QColor(Qt::white), 1.8}}) {
    painter.setPen(QPen(colour, width, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(map.topLeft(), map.bottomRight());
    painter.drawLine(map.topRight(), map.bottomLeft());
  }
}

void draw_statistic(QPainter& painter, const HeadsGrid& grid, const HeadCell& cell,
                    const Palette& palette) {
  painter.setPen(Qt::NoPen);
  painter.fillRect(cell.bar, palette.track);
  if (!std::isnan(cell.value)) {
    const double share = std::min(std::abs(cell.value) / grid.full, 1.0);
    painter.fillRect(
        QRectF(cell.bar.topLeft(), QSizeF(cell.bar.width() * share, cell.bar.height())),
        palette.bar);
  }
  if (!cell.number.isEmpty()) {
    draw_line(painter, cell.number, Qt::AlignHCenter, figure_font(kNumberSize), palette.muted,
              number_text(cell.value, grid.statistic));
  }
}

void draw_cell(QPainter& painter, const HeadsGrid& grid, const HeadCell& cell, const QImage& image,
               bool silenced, const Palette& palette) {
  draw_cells(painter, cell.map, image);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(palette.line, 1));
  painter.drawRect(cell.map);
  if (silenced) cross_out(painter, cell.map);
  draw_statistic(painter, grid, cell, palette);
}

void frame(QPainter& painter, const QRectF& map, const QColor& colour, double width) {
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(colour, width, Qt::SolidLine, Qt::SquareCap, Qt::MiterJoin));
  painter.drawRect(map.adjusted(-1.5, -1.5, 1.5, 1.5));
}

void draw_grid_legend(QPainter& painter, const HeadsGrid& grid, const FigureOptions& options) {
  const QColor& ink = options.palette().muted;
  const double ramp = std::min(kHeadsRamp, grid.legend.width());
  draw_ramp(painter, QRectF(grid.legend.left(), grid.legend.top() + 3, ramp, 10), options, 1.0);
  grid.scale_text.text.draw(painter, grid.scale_text.at, ink);
  grid.value_text.text.draw(painter, grid.value_text.at, ink);
}

}  // namespace

HeadImages head_images(const Inspection& inspection, const FigureOptions& options) {
  HeadImages images;
  for (const AttentionMap& map : inspection.maps) {
    images.by_index.push_back(heat_map(map, map_scale(map, options), options));
  }
  return images;
}

void draw_heads(QPainter& painter, const HeadsGrid& grid, const Inspection& inspection,
                const HeadImages& images, const FigureOptions& options, const HeadMarks& marks) {
  const Palette& palette = options.palette();
  const auto& silenced = inspection.edits.silenced;
  const auto is_silenced = [&](const HeadSite& site) {
    return std::find(silenced.begin(), silenced.end(), site) != silenced.end();
  };
  for (const HeadLabel& label : grid.labels) {
    draw_line(painter, label.box, label.alignment,
              label.heading ? figure_font(13, QFont::DemiBold) : figure_font(11),
              label.heading ? palette.text : palette.muted, label.text);
  }
  for (const HeadCell& cell : grid.cells) {
    draw_cell(painter, grid, cell, images.by_index[inspection.index(cell.site)],
              is_silenced(cell.site), palette);
  }
  for (const HeadCell& cell : grid.cells) {
    if (marks.pointed == cell.site) frame(painter, cell.map, palette.text, 1.6);
    if (marks.selected == cell.site) frame(painter, cell.map, palette.accent, 3);
  }
  draw_grid_legend(painter, grid, options);
}

}  // namespace vqalign
