#pragma once

#include <QImage>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "vqalign/core/json.h"
#include "vqalign/data/scene_picture.h"

namespace vqalign {

/// A shape of a sketch. Names and looks are those of the scene generator.
struct SketchShape {
  int64_t id = 0;  ///< its own within the sketch, above 0; stays the same while it is edited
  int shape = 0;   ///< index into scenes::shape_names()
  int colour = 0;  ///< index into scenes::colour_names()
  double x = 0;    ///< of its centre, in pixels of the picture; the centre lies inside
  double y = 0;
  double extent = 0;  ///< pixels of its longer side when upright
  double angle = 0;   ///< degrees, clockwise

  bool operator==(const SketchShape&) const = default;
};

/// A picture composed of shapes, as plain values.
struct Sketch {
  int width = scenes::kUsualSide;
  int height = scenes::kUsualSide;
  scenes::Rgb background = {scenes::kUsualTone, scenes::kUsualTone, scenes::kUsualTone};
  std::vector<SketchShape> shapes;  ///< in drawing order: later ones cover earlier ones

  bool operator==(const Sketch&) const = default;
};

// What a sketch may be.
inline constexpr int kLeastSketchSide = 32;
inline constexpr int kMostSketchSide = 512;
inline constexpr std::size_t kMostSketchShapes = 64;
inline constexpr double kLeastExtent = 8;
inline constexpr double kMostExtent = 160;

/// Error("`where`: what is wrong") when a value is out of range or no number, or two shapes share
/// an id.
void check_sketch(const Sketch& sketch, std::string_view where = "sketch");

/// The picture, drawn by the scene generator's own code: what a model trained on generated scenes
/// knows. Format_RGB888. The sketch must be valid.
QImage sketch_picture(const Sketch& sketch);
/// The same, sooner where it differs little from the painter's last picture.
QImage sketch_picture(const Sketch& sketch, scenes::PicturePainter& painter);

/// One shape on a transparent ground, as sketch_picture() draws it; its place does not matter.
QImage shape_picture(const SketchShape& shape);

/// {"format": "vqalign sketch", "width", "height", "background": [r, g, b], "shapes": [{"id",
/// "shape": "circle", "colour": "red", "x", "y", "extent", "angle"}]}.
Json sketch_json(const Sketch& sketch);

/// The sketch that sketch_json() gave. Error naming `where`, the shape and the value when something
/// is missing, of a wrong type, unknown or out of range.
Sketch sketch_from_json(const Json& json, std::string_view where = "sketch");

/// Index of the shape of that id; -1 when there is none.
int shape_index(const Sketch& sketch, int64_t id);
/// An id that no shape has.
int64_t free_id(const Sketch& sketch);

/// Whether the shape as drawn covers the pixel at (x, y).
bool shape_covers(const SketchShape& shape, double x, double y);

/// 0 small, 1 medium, 2 large: the generator's size (scenes::size_names()) that is nearest.
int size_class(double extent);

/// "red circle, medium, at 40, 52".
std::string describe(const SketchShape& shape);

}  // namespace vqalign
