#pragma once

#include <vector>

#include "vqalign/data/scenes_objects.h"
#include "vqalign/data/scenes_shapes.h"

namespace vqalign::scenes {

/// What of every object stays visible at least, where overlaps are allowed.
inline constexpr double kLeastVisible = 0.85;

/// A scene whose objects have places: `origins[i]` is where the patch of `stamps[i]` lies.
struct Layout {
  Scene scene;
  std::vector<Stamp> stamps;
  std::vector<cv::Point> origins;

  /// Puts an object on top, the corner of what its stamp covers at `corner`.
  void add(SceneObject object, const Stamp& stamp, cv::Point corner);
};

/// Chooses the picture's size and a place for each object. An object that finds no place after
/// many tries is redrawn at the smallest size of `options`, and left out when that does not help
/// either (which the defaults never meet).
Layout place_objects(std::vector<SceneObject> objects, const SceneOptions& options, Random& random);

}  // namespace vqalign::scenes
