#pragma once

#include <QImage>
#include <QPainter>
#include <QRectF>

#include "vqalign/figure/figure_options.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {

/// Where a region lies when the whole picture is drawn into `picture`.
QRectF region_box(const QRectF& picture, const AnswerEvidence& evidence,
                  const PictureRegion& region);

/// The picture under the weights of its regions, the largest of them outlined, numbered and
/// labelled, the region that the weights speak of outlined in the accent colour, dropped ones
/// whitened and hatched; where over_passes tells how weights vary over passes, those that vary much
/// are hatched the other way (hatching.h). Cheap enough to be called for every frame, also where
/// `where` is much larger than what is seen of it: the scaled picture is kept until another one is
/// drawn.
void draw_picture(QPainter& painter, const QRectF& where, const AnswerEvidence& evidence,
                  const QImage& picture, const FigureOptions& options);

/// What the colours over the picture mean: the ramp, what it tells of, and the shares of the
/// numbered regions. Says nothing where the regions have no weights (region_legend.of is empty).
/// Takes legend_height() of the width; what is higher stays empty.
void draw_legend(QPainter& painter, const QRectF& where, const AnswerEvidence& evidence,
                 const FigureOptions& options);
double legend_height(const AnswerEvidence& evidence, double width, const FigureOptions& options);

}  // namespace vqalign
