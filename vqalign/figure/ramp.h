#pragma once

#include <QPainter>
#include <QRectF>

#include "vqalign/figure/figure_options.h"

namespace vqalign {

/// The colours from weight 0 on the left to the largest on the right, laid over the card.
void draw_ramp(QPainter& painter, const QRectF& where, const FigureOptions& options,
               double opacity);

}  // namespace vqalign
