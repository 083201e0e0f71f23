#pragma once

#include <optional>
#include <string>
#include <vector>

#include "vqalign/data/scenes_objects.h"

namespace vqalign::scenes {

/// What a question asks. Several kinds make a family.
enum class Kind {
  kExist,     ///< is there an object like A
  kCount,     ///< how many objects like A
  kCountIs,   ///< are there exactly `number` objects like A
  kColour,    ///< the colour of the one object like A
  kColourIs,  ///< is it `value`
  kShape,
  kShapeIs,
  kSize,
  kSizeIs,
  kLarger,  ///< is the one A larger than the one B
  kSmaller,
  kPlace,           ///< the place of the one object like A
  kPlaceIs,         ///< is it at place `value`
  kRelationIs,      ///< is the one A left of (right of, above, below) the one B
  kRelationShape,   ///< the shape of the only object like B left of (...) the one A
  kRelationColour,  ///< its colour
  kMore,            ///< are there more A than B
  kFewer,
  kSame,       ///< as many A as B
  kWhichMore,  ///< which of A and B are there more of; never asked when equal
};

/// Attributes an object must have; -1 leaves one open.
struct Filter {
  int shape = -1;
  int colour = -1;
  int size = -1;

  bool operator==(const Filter&) const = default;
  bool matches(const SceneObject& object) const {
    return (shape < 0 || shape == object.shape) && (colour < 0 || colour == object.colour) &&
           (size < 0 || size == object.size);
  }
};

/// Where an object is. The first five are the places open questions are answered with; the halves
/// are only asked about. Between them lie margins where an object is at no place, so that no
/// question turns on a pixel.
enum Place {
  kTopLeft,
  kTopRight,
  kBottomLeft,
  kBottomRight,
  kCentre,
  kLeft,
  kRight,
  kTop,
  kBottom
};
inline constexpr int kPlaces = 9;
const std::string& place_name(int place);

enum Direction { kLeftOf, kRightOf, kAbove, kBelow };
inline constexpr int kDirections = 4;

struct Query {
  Kind kind = Kind::kExist;
  Filter a;
  Filter b;
  int value = 0;  ///< a colour, shape, size, place or direction, as the kind needs
  int number = 0;
  int phrasing = 0;  ///< chooses among the kind's phrasings and their variants
};

struct Truth {
  std::string answer;
  std::vector<int> about;           ///< the objects the question speaks of, ascending
  std::vector<std::string> others;  ///< other answers a person might give by mistake
};

/// Truths of two kinds; `about` in any order.
Truth yes_no(bool yes, std::vector<int> about);
Truth counted(int count, std::vector<int> about);

/// "yes/no", "number" or "other".
std::string answer_type(Kind kind);

/// The answer in that scene, or nothing where the question does not fit or is a close call.
std::optional<Truth> evaluate(const Query& query, const Scene& scene);

}  // namespace vqalign::scenes
