#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/core/philox.h"
#include "vqalign/data/scenes.h"

namespace vqalign::scenes {

/// The words of an object's three attributes; an object holds indices into these. A generator that
/// is set to fewer kinds uses the first ones (of sizes: medium alone, or small and large).
const std::vector<std::string>& shape_names();
const std::vector<std::string>& colour_names();
const std::vector<std::string>& size_names();

/// The longer side, in pixels, of an upright object of each size before jitter. Far enough apart
/// that no shape, turn or jitter makes two sizes look alike.
inline constexpr double kSizeExtents[] = {16, 27, 44};
inline constexpr double kSizeJitter = 0.04;

struct SceneObject {
  int shape = 0;
  int colour = 0;
  int size = 0;
  double angle = 0;           ///< radians
  double extent = 0;          ///< pixels, jittered
  int box[4] = {0, 0, 0, 0};  ///< x1, y1, x2, y2 in pixels, x2 and y2 exclusive
  int panel = -1;             ///< which of Scene::panels it is in, where there are some

  double centre_x() const { return 0.5 * (box[0] + box[2]); }
  double centre_y() const { return 0.5 * (box[1] + box[3]); }
};

struct Scene {
  int width = 0;
  int height = 0;
  std::vector<SceneObject> objects;  ///< in drawing order: later ones cover earlier ones
  /// The boxes that the picture shows side by side, x1 y1 x2 y2 like an object's; mostly none.
  std::vector<std::array<int, 4>> panels;
  bool towers = false;  ///< the panels hold a tower of blocks each, from its base up
};

inline const SceneObject& object_at(const Scene& scene, int index) {
  return scene.objects[static_cast<std::size_t>(index)];
}

/// One of the values, each as likely; there must be some.
template <typename Values>
auto pick(const Values& values, Random& random) {
  return values[random.below(static_cast<uint32_t>(values.size()))];
}

/// The attribute values one pair of pictures draws from: fewer than all, so that attributes repeat
/// and counts above one are common.
struct Palette {
  std::vector<int> shapes;
  std::vector<int> colours;
  std::vector<int> sizes;
};

/// Two pictures to be asked the same questions, without positions yet: the second is the first with
/// objects dropped, added and repainted, so that most words fit both while the answers differ.
struct ObjectPair {
  std::vector<SceneObject> first;
  std::vector<SceneObject> second;
};

ObjectPair sample_objects(const SceneOptions& options, Random& random);

}  // namespace vqalign::scenes
