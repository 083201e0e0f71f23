#pragma once

#include <QImage>
#include <QPainter>

#include "vqalign/figure/figure_options.h"
#include "vqalign/inspect/evidence.h"
#include "vqalign/vision/picture.h"

namespace vqalign {

/// A decoded picture for drawing, made smaller when it is larger than any figure needs.
QImage picture_image(const Picture& picture);

/// The size that a figure takes at options.width, in pixels. Needs a QGuiApplication, as do all
/// functions here, for its fonts.
QSize figure_size(const AnswerEvidence& evidence, const QImage& picture,
                  const FigureOptions& options);

/// Draws the figure into `target` as large as fits, centred, on whatever the painter paints on: a
/// window, an image, an SVG. `picture` is the upright picture that was asked about, in any size;
/// regions are placed by evidence.picture_width and picture_height.
void draw_figure(QPainter& painter, const QRectF& target, const AnswerEvidence& evidence,
                 const QImage& picture, const FigureOptions& options);

}  // namespace vqalign
