#include "vqalign/gui/sketch/sketch.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "vqalign/core/error.h"
#include "vqalign/data/scenes_objects.h"

namespace vqalign {
namespace {

scenes::PlacedShape placed(const SketchShape& shape) {
  return {shape.shape, shape.colour, shape.x,
          shape.y,     shape.extent, shape.angle * std::numbers::pi / 180};
}

/// Refuses NaN too.
void check_range(double value, double least, double most, const std::string& what) {
  if (value >= least && value <= most) return;
  fail(what, " is ", value, ", not from ", least, " to ", most);
}

void check_shape(const SketchShape& shape, const Sketch& sketch, const std::string& where) {
  const auto shapes = static_cast<double>(scenes::shape_names().size());
  const auto colours = static_cast<double>(scenes::colour_names().size());
  if (shape.id <= 0) fail(where, ": id is ", shape.id, ", not above 0");
  check_range(shape.shape, 0, shapes - 1, where + ": shape");
  check_range(shape.colour, 0, colours - 1, where + ": colour");
  check_range(shape.x, 0, sketch.width, where + ": x");
  check_range(shape.y, 0, sketch.height, where + ": y");
  check_range(shape.extent, kLeastExtent, kMostExtent, where + ": extent");
  check_range(shape.angle, -360, 360, where + ": angle");
}

}  // namespace

void check_sketch(const Sketch& sketch, std::string_view where) {
  const std::string file(where);
  check_range(sketch.width, kLeastSketchSide, kMostSketchSide, file + ": width");
  check_range(sketch.height, kLeastSketchSide, kMostSketchSide, file + ": height");
  if (sketch.shapes.size() > kMostSketchShapes) {
    fail(where, ": ", sketch.shapes.size(), " shapes, at most ", kMostSketchShapes);
  }
  std::set<int64_t> ids;
  for (std::size_t i = 0; i < sketch.shapes.size(); ++i) {
    const std::string place = concat(where, ": shape ", i + 1);
    check_shape(sketch.shapes[i], sketch, place);
    if (!ids.insert(sketch.shapes[i].id).second) {
      fail(place, ": id ", sketch.shapes[i].id, " is that of an earlier shape");
    }
  }
}

QImage sketch_picture(const Sketch& sketch) {
  scenes::PicturePainter painter;
  return sketch_picture(sketch, painter);
}

QImage sketch_picture(const Sketch& sketch, scenes::PicturePainter& painter) {
  std::vector<scenes::PlacedShape> shapes;
  shapes.reserve(sketch.shapes.size());
  for (const SketchShape& shape : sketch.shapes) shapes.push_back(placed(shape));
  const std::vector<uint8_t> rgb =
      painter.draw(sketch.width, sketch.height, sketch.background, shapes);
  return QImage(rgb.data(), sketch.width, sketch.height, 3 * sketch.width, QImage::Format_RGB888)
      .copy();
}

QImage shape_picture(const SketchShape& shape) {
  const scenes::ShapeIcon icon = scenes::draw_alone(placed(shape));
  return QImage(icon.rgba.data(), icon.side, icon.side, 4 * icon.side, QImage::Format_RGBA8888)
      .copy();
}

int shape_index(const Sketch& sketch, int64_t id) {
  const auto found = std::find_if(sketch.shapes.begin(), sketch.shapes.end(),
                                  [&](const SketchShape& shape) { return shape.id == id; });
  return found == sketch.shapes.end() ? -1 : static_cast<int>(found - sketch.shapes.begin());
}

int64_t free_id(const Sketch& sketch) {
  int64_t id = 1;
  while (shape_index(sketch, id) >= 0) ++id;
  return id;
}

bool shape_covers(const SketchShape& shape, double x, double y) {
  return scenes::covers(placed(shape), x, y);
}

int size_class(double extent) {
  const auto& extents = scenes::kSizeExtents;
  if (extent * extent < extents[0] * extents[1]) return 0;
  return extent * extent < extents[1] * extents[2] ? 1 : 2;
}

std::string describe(const SketchShape& shape) {
  return concat(scenes::colour_names().at(static_cast<std::size_t>(shape.colour)), " ",
                scenes::shape_names().at(static_cast<std::size_t>(shape.shape)), ", ",
                scenes::size_names().at(static_cast<std::size_t>(size_class(shape.extent))),
                ", at ", std::lround(shape.x), ", ", std::lround(shape.y));
}

}  // namespace vqalign
