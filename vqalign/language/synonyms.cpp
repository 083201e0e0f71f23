#include "vqalign/language/synonyms.h"

#include <algorithm>
#include <vector>

namespace vqalign {
namespace {

// A line a group. Only what may be exchanged in nearly every question is here: no "right" (it is
// not only "correct"), no words whose article would change with them ("a car", "an automobile").
constexpr std::string_view kGroups[] = {
    "picture photo",
    "pictures images photos",
    "things items objects",
    "color colour hue",
    "colors colours hues",
    "colored coloured",
    "gray grey",
    "purple violet",
    "kind type sort",
    "kinds types sorts",
    "shape form",
    "shapes forms",
    "big large",
    "bigger larger",
    "biggest largest",
    "small little tiny",
    "smaller tinier",
    "smallest tiniest",
    "circle disc disk",
    "circles discs disks",
    "above over",
    "below under beneath",
    "beside near",
    "see spot notice",
    "find locate",
    "show depict display",
    "shown depicted displayed",
    "number count",
    "part section portion",
    "middle center centre",
    "same identical",
    "man guy gentleman",
    "men guys gentlemen",
    "woman lady",
    "women ladies",
    "boy lad",
    "girl lass",
    "kid child",
    "kids children",
    "baby toddler",
    "people persons humans",
    "dog hound",
    "dogs hounds",
    "cat feline",
    "cats felines",
    "bike bicycle",
    "bikes bicycles",
    "cars automobiles",
    "truck lorry",
    "planes airplanes aircraft",
    "boat ship",
    "boats ships",
    "street road",
    "streets roads",
    "sidewalk pavement",
    "couch sofa",
    "tv television",
    "phone telephone",
    "fridge refrigerator",
    "sink basin",
    "lamp light",
    "rug carpet",
    "cup mug",
    "plate dish",
    "meal dinner",
    "rock stone",
    "rocks stones",
    "woods forest",
    "shirt top",
    "pants trousers",
    "hat cap",
    "glasses spectacles",
    "holding carrying",
    "watching viewing",
    "happy glad",
};

using Group = std::vector<std::string_view>;

std::vector<Group> all_groups() {
  std::vector<Group> groups;
  for (std::string_view line : kGroups) {
    Group& group = groups.emplace_back();
    while (!line.empty()) {
      const std::size_t end = std::min(line.find(' '), line.size());
      group.push_back(line.substr(0, end));
      line.remove_prefix(std::min(end + 1, line.size()));
    }
  }
  return groups;
}

}  // namespace

std::span<const std::string_view> synonyms_of(std::string_view word) {
  static const std::vector<Group> groups = all_groups();
  for (const Group& group : groups) {
    if (std::find(group.begin(), group.end(), word) != group.end()) return group;
  }
  return {};
}

}  // namespace vqalign
