#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "vqalign/data/dataset.h"

namespace vqalign {

/// The attributes that every labelled object has, in this order.
inline constexpr std::array<const char*, 3> kObjectAttributes = {"shape", "colour", "size"};

struct LabelledObject {
  std::array<float, 4> box = {};        ///< x1 y1 x2 y2, pixels of the original picture
  std::array<int64_t, 3> classes = {};  ///< by attribute, an index into ObjectLabels::names

  /// Whether the box x1 y1 x2 y2 holds the object's centre (its left and top edge included).
  bool centre_in(const float* other) const;
};

/// What a dataset tells of the objects in its pictures, beyond questions and answers.
struct ObjectLabels {
  /// By attribute: the values that occur, in order of first appearance.
  std::array<std::vector<std::string>, 3> names;
  std::unordered_map<int64_t, std::vector<LabelledObject>> images;
  std::string files;  ///< that these were read from
  /// By question: the objects it speaks of, as indices into its picture's list.
  std::unordered_map<int64_t, std::vector<int64_t>> about;

  bool empty() const { return images.empty(); }
  /// The objects of a picture; none when it has no labels.
  const std::vector<LabelledObject>& of(int64_t image_id) const;
  /// Error naming the first question that is about an object which its picture does not have.
  void check(const Dataset& dataset) const;
};

/// Reads scenes_<subset>.json beside the questions of each split; splits without that file are
/// passed over. Error naming the file and the place when it is malformed or a box is no rectangle.
ObjectLabels read_object_labels(const std::vector<SplitPaths>& splits);

}  // namespace vqalign
