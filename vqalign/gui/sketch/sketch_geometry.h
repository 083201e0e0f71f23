#pragma once

#include <QPointF>
#include <array>

#include "vqalign/gui/sketch/sketch.h"

namespace vqalign {

/// Side of the square frame around a shape, in extents: the tips of every shape lie inside.
inline constexpr double kFrameShare = 1.2;

/// Corners of the frame in pixels of the picture: top left, top right, bottom right, bottom left of
/// the upright shape, turned with it.
std::array<QPointF, 4> frame_corners(const SketchShape& shape);

/// The direction from the shape's centre to its upper side, of length 1.
QPointF upward(const SketchShape& shape);

// Each returns the shape edited, its centre inside the picture and its values in range.
SketchShape moved(SketchShape shape, QPointF centre, const Sketch& sketch);
/// `corner` follows `pointer` along the diagonal; the opposite corner stays, unless that would push
/// the centre out of the picture. Whole pixels.
SketchShape resized(SketchShape shape, int corner, QPointF pointer, const Sketch& sketch);
SketchShape with_extent(SketchShape shape, double extent);
SketchShape with_angle(SketchShape shape, double degrees);
/// Its upper side towards `pointer`; in whole degrees, or in steps of 15 with `snap`.
SketchShape turned_to(SketchShape shape, QPointF pointer, bool snap);

/// Where the pointer hits: the topmost shape drawn there, or else the topmost whose middle is near
/// (the hole of a ring). 0 for none.
int64_t shape_at(const Sketch& sketch, QPointF point);

/// A place for one more shape: the middle, or beside it where another one has its centre there.
QPointF free_middle(const Sketch& sketch);

}  // namespace vqalign
