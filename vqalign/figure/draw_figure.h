#pragma once

#include <QImage>
#include <QPainter>
#include <QSize>

#include "vqalign/figure/figure_options.h"
#include "vqalign/figure/figure_subject.h"
#include "vqalign/vision/picture.h"

namespace vqalign {

/// A decoded picture for drawing, made smaller when it is larger than any figure needs.
QImage picture_image(const Picture& picture);

/// The size that a figure takes at options.width, in pixels. Needs a QGuiApplication, as do all
/// functions here, for its fonts. UsageError as figure_choice.h says.
QSize figure_size(const FigureSubject& subject, const FigureOptions& options);

/// Draws the figure into `target` as large as fits, centred, on whatever the painter paints on: a
/// window, an image, an SVG.
void draw_figure(QPainter& painter, const QRectF& target, const FigureSubject& subject,
                 const FigureOptions& options);

}  // namespace vqalign
