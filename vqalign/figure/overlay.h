#pragma once

#include <QImage>

#include "vqalign/figure/figure_options.h"
#include "vqalign/inspect/evidence.h"

namespace vqalign {

/// The region weight that gets the colour map's last colour: options.scale, or the largest weight,
/// but at least four times the weight that all would have if none stood out, so that a model that
/// looked everywhere alike is not drawn as one that saw something everywhere. At most 1.
double overlay_scale(const AnswerEvidence& evidence, const FigureOptions& options);

/// What region pooling looked at, to be laid over the whole picture: every pixel has the overlay
/// colour of the largest weight among the regions that cover it, and nothing where none does.
/// Regions may overlap and may leave gaps.
QImage weight_overlay(const AnswerEvidence& evidence, QSize size, const FigureOptions& options);

}  // namespace vqalign
