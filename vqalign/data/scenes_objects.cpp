#include "vqalign/data/scenes_objects.h"

#include <algorithm>
#include <numbers>
#include <numeric>

namespace vqalign::scenes {

const std::vector<std::string>& shape_names() {
  static const std::vector<std::string> names = {"circle", "square", "triangle", "star",
                                                 "cross",  "ring",   "heart",    "crescent"};
  return names;
}

const std::vector<std::string>& colour_names() {
  static const std::vector<std::string> names = {"red",    "green", "blue",   "yellow", "black",
                                                 "purple", "white", "orange", "pink",   "brown"};
  return names;
}

const std::vector<std::string>& size_names() {
  static const std::vector<std::string> names = {"small", "medium", "large"};
  return names;
}

namespace {

std::vector<int> choose(std::vector<int> values, std::size_t count, Random& random) {
  random.shuffle(values);
  values.resize(std::min(values.size(), count));
  return values;
}

std::vector<int> first_values(int64_t count) {
  std::vector<int> values(static_cast<std::size_t>(count));
  std::iota(values.begin(), values.end(), 0);
  return values;
}

Palette sample_palette(const SceneOptions& options, Random& random) {
  static constexpr std::size_t kCounts[] = {2, 3, 3, 4, 5, 8, 10};
  constexpr auto kinds = static_cast<uint32_t>(std::size(kCounts));
  Palette palette;
  palette.shapes = choose(first_values(options.shapes), kCounts[random.below(kinds)], random);
  palette.colours = choose(first_values(options.colours), kCounts[random.below(kinds)], random);
  if (options.sizes == 1) {
    palette.sizes = {1};
  } else if (options.sizes == 2) {
    palette.sizes = {0, 2};
  } else {
    palette.sizes = choose({0, 1, 2}, random.chance(0.25) ? 2 : 3, random);
  }
  return palette;
}

void sample_form(SceneObject& object, const SceneOptions& options, Random& random) {
  object.extent = kSizeExtents[object.size] * random.uniform(1 - kSizeJitter, 1 + kSizeJitter);
  object.angle = options.rotations ? random.uniform(0, 2 * std::numbers::pi) : 0.0;
}

SceneObject sample_object(const Palette& palette, const SceneOptions& options, Random& random) {
  SceneObject object;
  object.shape = pick(palette.shapes, random);
  object.colour = pick(palette.colours, random);
  object.size = pick(palette.sizes, random);
  sample_form(object, options, random);
  return object;
}

}  // namespace

ObjectPair sample_objects(const SceneOptions& options, Random& random) {
  const Palette palette = sample_palette(options, random);
  const auto least = static_cast<int>(options.min_objects);
  const auto most = static_cast<int>(options.max_objects);
  const int count = least + static_cast<int>(random.below(static_cast<uint32_t>(most - least + 1)));
  ObjectPair pair;
  for (int i = 0; i < count; ++i) pair.first.push_back(sample_object(palette, options, random));

  pair.second = pair.first;
  for (SceneObject& object : pair.second) {
    if (random.chance(0.35)) object.colour = pick(palette.colours, random);
    if (random.chance(0.35)) object.shape = pick(palette.shapes, random);
    if (random.chance(0.35)) object.size = pick(palette.sizes, random);
    sample_form(object, options, random);
  }
  random.shuffle(pair.second);
  const int change = static_cast<int>(random.below(7)) - 3;
  const int wanted = std::clamp(count + change, least, most);
  while (static_cast<int>(pair.second.size()) > wanted) pair.second.pop_back();
  while (static_cast<int>(pair.second.size()) < wanted) {
    pair.second.push_back(sample_object(palette, options, random));
  }
  return pair;
}

}  // namespace vqalign::scenes
