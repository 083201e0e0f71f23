#pragma once

#include <QImage>
#include <QRect>
#include <vector>

#include "vqalign/figure/figure_options.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {

/// The region weight that gets the colour map's last colour: options.scale, or the largest weight,
/// but at least four times the weight that all would have if none stood out, so that a model that
/// looked everywhere alike is not drawn as one that saw something everywhere, and at least 0.01, so
/// that next to nothing is not drawn as much. At most 1; 1 where nothing weighs anything.
double overlay_scale(const AnswerEvidence& evidence, const FigureOptions& options);

/// What the regions weigh, to be laid over the whole picture: every pixel has the overlay colour of
/// the largest weight among the regions that cover it, and nothing where none does. Regions may
/// overlap and may leave gaps.
QImage weight_overlay(const AnswerEvidence& evidence, QSize size, const FigureOptions& options);

/// The pixels of `part` alone, of an overlay that is `size` pixels in all.
QImage weight_overlay(const AnswerEvidence& evidence, QSize size, const QRect& part,
                      const FigureOptions& options);

/// The regions that are outlined and numbered: the options.regions with the largest weights, less
/// those without any.
std::vector<std::size_t> numbered_regions(const AnswerEvidence& evidence,
                                          const FigureOptions& options);

}  // namespace vqalign
