#include "vqalign/data/scenes_panels.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace vqalign::scenes {
namespace {

constexpr int kSquare = 1;
/// Longer side of a scattered object as a share of its panel's side, by size.
constexpr double kExtentShares[] = {0.11, 0.2, 0.3};
constexpr double kBlockShare = 0.2;
/// A square's side as a share of its extent (scenes_shapes.cpp).
constexpr double kSquareShare = 0.88;
constexpr uint32_t kMostScattered = 8;
constexpr uint32_t kMostStacked = 4;
constexpr int kTriesPerItem = 40;

std::vector<int> some_of(int64_t available, const std::vector<int>& counts, Random& random) {
  std::vector<int> values(static_cast<std::size_t>(available));
  std::iota(values.begin(), values.end(), 0);
  random.shuffle(values);
  const int count = pick(counts, random);
  values.resize(std::min(values.size(), static_cast<std::size_t>(count)));
  return values;
}

Palette sample_palette(const SceneOptions& options, bool towers, Random& random) {
  Palette palette;
  // Half of the pictures keep to circles, squares and triangles, the plainest shapes to turn up.
  const int64_t shapes = random.chance(0.5) ? std::min<int64_t>(options.shapes, 3) : options.shapes;
  palette.shapes = towers ? std::vector<int>{kSquare} : some_of(shapes, {2, 3, 3}, random);
  palette.colours = some_of(options.colours, {2, 3, 3, 3, 4}, random);
  palette.sizes = {0, 1, 2};
  if (towers || options.sizes == 1) palette.sizes = {1};
  if (!towers && options.sizes == 2) palette.sizes = {0, 2};
  return palette;
}

SceneObject sample_object(const Palette& palette, Random& random) {
  SceneObject object;
  object.shape = pick(palette.shapes, random);
  object.colour = pick(palette.colours, random);
  object.size = pick(palette.sizes, random);
  return object;
}

std::vector<SceneObject> sample_panel(const Palette& palette, bool towers, Random& random) {
  std::vector<SceneObject> objects(1 + random.below(towers ? kMostStacked : kMostScattered));
  for (SceneObject& object : objects) object = sample_object(palette, random);
  return objects;
}

std::vector<SceneObject> changed_panel(std::vector<SceneObject> objects, const Palette& palette,
                                       bool towers, Random& random) {
  for (SceneObject& object : objects) {
    if (random.chance(0.25)) object = sample_object(palette, random);
  }
  const uint32_t most = towers ? kMostStacked : kMostScattered;
  if (random.chance(0.3) && objects.size() > 1) objects.pop_back();
  if (random.chance(0.3) && objects.size() < most) {
    objects.push_back(sample_object(palette, random));
  }
  return objects;
}

class PanelPlacer {
 public:
  PanelPlacer(Layout& layout, Random& random) : layout_(layout), random_(random) {}

  void scatter(std::vector<SceneObject> objects, int panel) {
    // Small ones would leave no room for large ones.
    std::stable_sort(objects.begin(), objects.end(),
                     [](const SceneObject& a, const SceneObject& b) { return a.size > b.size; });
    for (SceneObject& object : objects) {
      object.extent = kExtentShares[object.size] * side(panel);
      const Stamp stamp = make_stamp(object, /*outlined=*/false);
      for (int attempt = 0; attempt < kTriesPerItem; ++attempt) {
        const cv::Point corner = random_corner(stamp.bounds.size(), panel);
        if (!is_free(cv::Rect(corner, stamp.bounds.size()))) continue;
        put(object, stamp, corner, panel);
        break;
      }
    }
  }

  void stack(const std::vector<SceneObject>& blocks, int panel) {
    const auto& bounds = panel_at(panel);
    const int block = static_cast<int>(kBlockShare * side(panel));
    const int room = side(panel) - block - 2 * kClearGap;
    const int x = bounds[0] + kClearGap + static_cast<int>(random_.below(room + 1));
    int bottom = bounds[3];
    for (SceneObject object : blocks) {
      object.extent = block / kSquareShare;
      const Stamp stamp = make_stamp(object, /*outlined=*/false);
      bottom -= stamp.bounds.height;
      put(object, stamp, {x, bottom}, panel);
      --bottom;  // or two blocks of one colour would look like one
    }
  }

 private:
  const std::array<int, 4>& panel_at(int panel) const {
    return layout_.scene.panels[static_cast<std::size_t>(panel)];
  }
  int side(int panel) const { return panel_at(panel)[2] - panel_at(panel)[0]; }

  /// Along one axis: flush with the low or the high wall, or clear of both.
  int coordinate(int low, int high, int extent, int wall) {
    const int gap = static_cast<int>(random_.below(kTouchingGap + 1));
    if (wall < 0) return low + gap;
    if (wall > 0) return high - extent - gap;
    const int room = high - low - extent - 2 * kClearGap;
    return low + kClearGap + static_cast<int>(random_.below(static_cast<uint32_t>(room + 1)));
  }

  cv::Point random_corner(cv::Size size, int panel) {
    const auto& bounds = panel_at(panel);
    const int wall_x = random_.chance(0.2) ? (random_.chance(0.5) ? -1 : 1) : 0;
    const int wall_y = random_.chance(0.2) ? (random_.chance(0.5) ? -1 : 1) : 0;
    const int x = coordinate(bounds[0], bounds[2], size.width, wall_x);
    return {x, coordinate(bounds[1], bounds[3], size.height, wall_y)};
  }

  bool is_free(const cv::Rect& place) const {
    const cv::Rect wide(place.x - 1, place.y - 1, place.width + 2, place.height + 2);
    return std::none_of(layout_.scene.objects.begin(), layout_.scene.objects.end(),
                        [&](const SceneObject& object) {
                          const auto& [x1, y1, x2, y2] = object.box;
                          return (wide & cv::Rect(x1, y1, x2 - x1, y2 - y1)).area() > 0;
                        });
  }

  void put(SceneObject object, const Stamp& stamp, cv::Point corner, int panel) {
    object.panel = panel;
    layout_.add(object, stamp, corner);
  }

  Layout& layout_;
  Random& random_;
};

}  // namespace

PanelPair sample_panels(const SceneOptions& options, Random& random) {
  PanelPair pair;
  pair.first.towers = pair.second.towers = random.chance(0.4);
  const bool towers = pair.first.towers;
  const Palette palette = sample_palette(options, towers, random);
  const int panels = random.chance(0.8) ? 3 : 2;
  for (int i = 0; i < panels; ++i) {
    pair.first.panels.push_back(sample_panel(palette, towers, random));
    pair.second.panels.push_back(
        random.chance(0.5) ? changed_panel(pair.first.panels.back(), palette, towers, random)
                           : sample_panel(palette, towers, random));
  }
  random.shuffle(pair.second.panels);
  return pair;
}

Layout place_panels(const PanelScene& scene, Random& random) {
  static constexpr std::array<int, 4> kSides = {80, 90, 100, 100};
  static constexpr std::array<int, 4> kGaps = {20, 30, 40, 50};
  const int side = pick(kSides, random);
  const int gap = pick(kGaps, random);
  const auto count = static_cast<int>(scene.panels.size());
  Layout layout;
  layout.scene.towers = scene.towers;
  layout.scene.width = count * side + (count - 1) * gap;
  layout.scene.height = side;
  for (int i = 0; i < count; ++i) {
    const int left = i * (side + gap);
    layout.scene.panels.push_back({left, 0, left + side, side});
  }
  PanelPlacer placer(layout, random);
  for (int i = 0; i < count; ++i) {
    const std::vector<SceneObject>& objects = scene.panels[static_cast<std::size_t>(i)];
    if (scene.towers) {
      placer.stack(objects, i);
    } else {
      placer.scatter(objects, i);
    }
  }
  return layout;
}

}  // namespace vqalign::scenes
