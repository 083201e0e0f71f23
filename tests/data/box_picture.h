#pragma once

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include "vqalign/core/json.h"

namespace vqalign::test {

/// An image entry of scenes_<split>.json that has boxes, as a reader of its statements needs it.
class BoxPicture {
 public:
  explicit BoxPicture(const Json& image) {
    for (const Json& box : image.at("boxes").as_array()) panels_.push_back(edges(box));
    for (const Json& object : image.at("objects").as_array()) {
      objects_.push_back({object.at("shape").as_string(), object.at("colour").as_string(),
                          edges(object.at("box")), 0});
      Thing& thing = objects_.back();
      while (thing.box[0] >= panels_.at(thing.panel)[2]) ++thing.panel;
    }
  }

  struct Thing {
    std::string shape, colour;
    std::vector<int64_t> box;
    std::size_t panel;
  };

  std::size_t panels() const { return panels_.size(); }
  const std::vector<Thing>& objects() const { return objects_; }
  /// Left, top, right, bottom.
  bool touches(const Thing& thing, std::size_t edge) const {
    return std::abs(thing.box[edge] - panels_[thing.panel][edge]) < 3;
  }
  /// Those in the thing's box that lie lower, and those that lie higher.
  std::vector<Thing> under(const Thing& thing) const { return beyond(thing, 1); }
  std::vector<Thing> over(const Thing& thing) const { return beyond(thing, -1); }

 private:
  static std::vector<int64_t> edges(const Json& box) {
    std::vector<int64_t> numbers;
    for (const Json& number : box.as_array()) numbers.push_back(number.as_int());
    return numbers;
  }
  std::vector<Thing> beyond(const Thing& thing, int64_t sign) const {
    std::vector<Thing> found;
    for (const Thing& other : objects_) {
      if (other.panel == thing.panel && sign * (other.box[1] - thing.box[1]) > 0) {
        found.push_back(other);
      }
    }
    return found;
  }

  std::vector<std::vector<int64_t>> panels_;
  std::vector<Thing> objects_;
};

}  // namespace vqalign::test
