#pragma once

#include <QImage>
#include <QPainter>

#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/layout.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {

/// Draws the picture under its overlay, the outlined regions with their numbers, and the legend.
void draw_picture(QPainter& painter, const FigureLayout& layout, const AnswerEvidence& evidence,
                  const QImage& picture, const FigureOptions& options);

}  // namespace vqalign
