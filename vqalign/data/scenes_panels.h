#pragma once

#include <vector>

#include "vqalign/data/scenes_layout.h"

namespace vqalign::scenes {

/// A picture of boxes side by side, called panels here since every object has a box of its own:
/// flat, upright shapes scattered in each, some touching a wall, or one tower of blocks in each.
struct PanelScene {
  bool towers = false;
  /// The objects of each panel; a tower's from its base up.
  std::vector<std::vector<SceneObject>> panels;
};

/// Two of them to be asked the same: of one manner and one palette, about half of the second's
/// panels being panels of the first with a few objects changed.
struct PanelPair {
  PanelScene first;
  PanelScene second;
};

PanelPair sample_panels(const SceneOptions& options, Random& random);

/// Chooses the picture's size and every object's place and size, and fills in Scene::panels and
/// SceneObject::panel. An object touches a wall of its panel (at most kTouchingGap pixels off) or
/// stays at least kClearGap away from it; objects never overlap; one that finds no place is left
/// out.
Layout place_panels(const PanelScene& scene, Random& random);
inline constexpr int kTouchingGap = 1;
inline constexpr int kClearGap = 4;

}  // namespace vqalign::scenes
