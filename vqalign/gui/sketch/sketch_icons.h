#pragma once

#include <QColor>
#include <QIcon>

namespace vqalign {

enum class SketchIcon {
  kSelect,
  kAdd,
  kDelete,
  kForward,
  kBackward,
  kUndo,
  kRedo,
  kRandom,
  kClear,
};

/// A line drawing in that colour, sharp at any size; paler when disabled.
QIcon line_icon(SketchIcon icon, const QColor& colour);

/// A shape of the generator on the sketch's ground.
QIcon shape_icon(int shape, int colour);

/// A chip of the generator's colour with a line around it.
QIcon colour_icon(int colour, const QColor& line);

}  // namespace vqalign
