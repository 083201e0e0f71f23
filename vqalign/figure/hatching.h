#pragma once

#include <QPainter>
#include <QRectF>
#include <QString>

#include "vqalign/inspect/evidence.h"

namespace vqalign {

/// How far a weight varies over stochastic passes, beside the weight `scale` that has the last
/// colour: 0 where its standard deviation is below a tenth of the scale, 1 from a tenth on, 2 from
/// two tenths, 3 from four. Beside the scale and not beside its own mean, for it says how far the
/// colour may be trusted: a tenth of a percent that doubles in every pass is the same colour still.
int variation_level(double spread, double scale);

/// Diagonals from top left to bottom right, white with a dark edge, so that they are seen on every
/// colour: the denser the higher `level` (1 to 3; 0 draws nothing), those of neighbours and of
/// other levels in one line with each other. Ends at the box, for clipping is not every painter's.
void draw_hatching(QPainter& painter, const QRectF& box, int level);

/// "over 20 passes 38.1 ± 8.2 %" of a weight; empty where it is not told.
QString passes_text(const AnswerEvidence& evidence, const Token& token);

/// What hatching says, for legends: "hatched: varies over 20 passes by ± 4.1 % or more (a tenth of
/// the scale); denser from two and four tenths on"; empty where spreads are not told.
QString hatching_text(const AnswerEvidence& evidence, double scale);

}  // namespace vqalign
