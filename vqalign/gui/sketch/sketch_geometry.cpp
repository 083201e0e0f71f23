#include "vqalign/gui/sketch/sketch_geometry.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vqalign {
namespace {

QPointF rotated(QPointF point, double degrees) {
  const double radians = degrees * std::numbers::pi / 180;
  const double cosine = std::cos(radians);
  const double sine = std::sin(radians);
  return {cosine * point.x() - sine * point.y(), sine * point.x() + cosine * point.y()};
}

/// From the centre to a corner of the frame of an upright shape, in halves of the frame's side.
QPointF corner_direction(int corner) {
  return {corner == 0 || corner == 3 ? -1.0 : 1.0, corner < 2 ? -1.0 : 1.0};
}

}  // namespace

std::array<QPointF, 4> frame_corners(const SketchShape& shape) {
  std::array<QPointF, 4> corners;
  for (int i = 0; i < 4; ++i) {
    const QPointF offset = 0.5 * kFrameShare * shape.extent * corner_direction(i);
    corners[static_cast<std::size_t>(i)] = QPointF(shape.x, shape.y) + rotated(offset, shape.angle);
  }
  return corners;
}

QPointF upward(const SketchShape& shape) {
  return rotated({0, -1}, shape.angle);
}

SketchShape moved(SketchShape shape, QPointF centre, const Sketch& sketch) {
  shape.x = std::clamp(centre.x(), 0.0, static_cast<double>(sketch.width));
  shape.y = std::clamp(centre.y(), 0.0, static_cast<double>(sketch.height));
  return shape;
}

SketchShape resized(SketchShape shape, int corner, QPointF pointer, const Sketch& sketch) {
  const QPointF anchor = frame_corners(shape)[static_cast<std::size_t>((corner + 2) % 4)];
  const QPointF diagonal = rotated(corner_direction(corner), shape.angle) / std::numbers::sqrt2;
  const double length = QPointF::dotProduct(pointer - anchor, diagonal);
  shape = with_extent(shape, std::round(length / std::numbers::sqrt2 / kFrameShare));
  const double half = shape.extent * kFrameShare / std::numbers::sqrt2;
  return moved(shape, anchor + half * diagonal, sketch);
}

SketchShape with_extent(SketchShape shape, double extent) {
  shape.extent = std::clamp(extent, kLeastExtent, kMostExtent);
  return shape;
}

SketchShape with_angle(SketchShape shape, double degrees) {
  const double rest = std::fmod(degrees, 360);
  shape.angle = rest < 0 ? rest + 360 : rest;
  return shape;
}

SketchShape turned_to(SketchShape shape, QPointF pointer, bool snap) {
  const QPointF direction = pointer - QPointF(shape.x, shape.y);
  if (direction.isNull()) return shape;
  const double degrees = std::atan2(direction.x(), -direction.y()) * 180 / std::numbers::pi;
  const double step = snap ? 15 : 1;
  return with_angle(shape, step * std::round(degrees / step));
}

int64_t shape_at(const Sketch& sketch, QPointF point) {
  const auto from_top = [&](auto hits) {
    const auto found = std::find_if(sketch.shapes.rbegin(), sketch.shapes.rend(), hits);
    return found == sketch.shapes.rend() ? 0 : found->id;
  };
  const auto distance = [&](const SketchShape& shape) {
    return std::hypot(point.x() - shape.x, point.y() - shape.y);
  };
  const int64_t drawn = from_top([&](const SketchShape& shape) {
    return distance(shape) < shape.extent && shape_covers(shape, point.x(), point.y());
  });
  if (drawn != 0) return drawn;
  return from_top([&](const SketchShape& shape) { return distance(shape) < 0.45 * shape.extent; });
}

QPointF free_middle(const Sketch& sketch) {
  constexpr double kStep = 12;
  const QPointF middle(sketch.width / 2, sketch.height / 2);
  const auto taken = [&](QPointF point) {
    return std::any_of(sketch.shapes.begin(), sketch.shapes.end(), [&](const SketchShape& shape) {
      return std::hypot(point.x() - shape.x, point.y() - shape.y) < kStep / 2;
    });
  };
  // Rings around the middle, the nearest first.
  for (int ring = 0; ring * kStep < std::min(middle.x(), middle.y()); ++ring) {
    for (int i = 0; i < std::max(1, 8 * ring); ++i) {
      const double turn = 360.0 * i / std::max(1, 8 * ring) + 45;
      const QPointF offset = rotated({ring * kStep, 0}, turn);
      const QPointF point(std::round(middle.x() + offset.x()), std::round(middle.y() + offset.y()));
      if (!taken(point)) return point;
    }
  }
  return middle;
}

}  // namespace vqalign
