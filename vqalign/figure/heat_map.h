#pragma once

#include <QImage>
#include <QPainter>
#include <QRectF>
#include <QString>

#include "vqalign/figure/figure_options.h"
#include "vqalign/inspect/attention_map.h"

namespace vqalign {

/// The weight that gets the colour map's last colour: options.scale, or the map's largest weight.
/// Never 0.
double map_scale(const AttentionMap& map, const FigureOptions& options);

/// One pixel a weight, row = query, column = key: the overlay's colours at full opacity, laid over
/// the card, which is what a weight of 0 shows. A null image for a map without weights.
QImage heat_map(const AttentionMap& map, double scale, const FigureOptions& options);

/// Draws a heat map with hard edges between its cells; cells smaller than a pixel are averaged.
void draw_cells(QPainter& painter, const QRectF& where, const QImage& cells);

/// "question self-attention", "image self-attention", "guided attention".
QString family_title(AttentionFamily family);

}  // namespace vqalign
