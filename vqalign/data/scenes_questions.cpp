#include "vqalign/data/scenes_questions.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "vqalign/data/scenes_phrasing.h"

namespace vqalign::scenes {
namespace {

/// Shares of the picture's width or height on each side of its middle: nearer than kCentreHalf is
/// in the centre, farther than kCornerMargin in a corner, farther than kHalfMargin clearly in a
/// half.
constexpr double kCentreHalf = 0.1;
constexpr double kCornerMargin = 0.13;
constexpr double kHalfMargin = 0.08;
/// Two objects stand left and right of each other when their centres lie that many pixels apart,
/// and at least this share of their distance across.
constexpr double kRelationMargin = 12;
constexpr double kRelationSlope = 0.35;
constexpr double kOtherSideMargin = 6;

/// "Clearly not", "clearly" and, as nothing, a close call.
using Verdict = std::optional<bool>;

std::vector<int> matching(const Filter& filter, const Scene& scene) {
  std::vector<int> found;
  for (std::size_t i = 0; i < scene.objects.size(); ++i) {
    if (filter.matches(scene.objects[i])) found.push_back(static_cast<int>(i));
  }
  return found;
}

/// The index of the one object that matches, or -1.
int only_match(const Filter& filter, const Scene& scene) {
  const std::vector<int> found = matching(filter, scene);
  return found.size() == 1 ? found[0] : -1;
}

Verdict is_at(const SceneObject& object, int place, const Scene& scene) {
  const double x = object.centre_x() / scene.width - 0.5;
  const double y = object.centre_y() / scene.height - 0.5;
  if (place >= kLeft) {
    const double along = place == kLeft || place == kRight ? x : y;
    if (std::abs(along) < kHalfMargin) return std::nullopt;
    return (along > 0) == (place == kRight || place == kBottom);
  }
  const bool centre = std::abs(x) <= kCentreHalf && std::abs(y) <= kCentreHalf;
  const bool corner = std::abs(x) >= kCornerMargin && std::abs(y) >= kCornerMargin;
  if (!centre && !corner) return std::nullopt;
  if (place == kCentre || centre) return centre == (place == kCentre);
  return (x > 0) == (place == kTopRight || place == kBottomRight) &&
         (y > 0) == (place == kBottomLeft || place == kBottomRight);
}

/// How far `a` lies from `b` in the direction, and across it.
std::pair<double, double> offset(int direction, const SceneObject& a, const SceneObject& b) {
  const double x = a.centre_x() - b.centre_x();
  const double y = a.centre_y() - b.centre_y();
  switch (direction) {
    case kLeftOf:
      return {-x, std::abs(y)};
    case kRightOf:
      return {x, std::abs(y)};
    case kAbove:
      return {-y, std::abs(x)};
    default:
      return {y, std::abs(x)};
  }
}

Verdict is_beside(int direction, const SceneObject& a, const SceneObject& b) {
  const auto [along, across] = offset(direction, a, b);
  if (std::abs(along) < std::max(kRelationMargin, kRelationSlope * across)) return std::nullopt;
  return along > 0;
}

/// The one object like `filter` that lies in the direction from `anchor` while all others like it
/// lie on the other side.
int only_beside(const Filter& filter, int direction, int anchor, const Scene& scene) {
  int found = -1;
  for (int i = 0; i < static_cast<int>(scene.objects.size()); ++i) {
    const SceneObject& other = object_at(scene, i);
    if (i == anchor || !filter.matches(other)) continue;
    if (is_beside(direction, other, object_at(scene, anchor)).value_or(false)) {
      if (found >= 0) return -1;
      found = i;
    } else if (offset(direction, other, object_at(scene, anchor)).first > -kOtherSideMargin) {
      return -1;
    }
  }
  return found;
}

/// A colour or shape; a person may mistake it for another one in the picture.
Truth named(const std::vector<std::string>& names, int SceneObject::*attribute, int index,
            std::vector<int> about, const Scene& scene) {
  const int value = object_at(scene, index).*attribute;
  std::vector<bool> seen(names.size(), false);
  for (const SceneObject& object : scene.objects) {
    seen[static_cast<std::size_t>(object.*attribute)] = true;
  }
  Truth truth{names[static_cast<std::size_t>(value)], std::move(about), {}};
  std::sort(truth.about.begin(), truth.about.end());
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (seen[i] && static_cast<int>(i) != value) truth.others.push_back(names[i]);
  }
  if (truth.others.empty()) truth.others.push_back(names[value == 0 ? 1 : 0]);
  return truth;
}

Truth sized(int index, const Scene& scene) {
  const int size = object_at(scene, index).size;
  Truth truth{size_names()[static_cast<std::size_t>(size)], {index}, {}};
  if (size > 0) truth.others.push_back(size_names()[static_cast<std::size_t>(size - 1)]);
  if (size < 2) truth.others.push_back(size_names()[static_cast<std::size_t>(size + 1)]);
  return truth;
}

std::optional<Truth> placed(int index, const Scene& scene) {
  for (int place = kTopLeft; place <= kCentre; ++place) {
    if (!is_at(object_at(scene, index), place, scene).value_or(false)) continue;
    Truth truth{place_name(place), {index}, {}};
    for (int other = kTopLeft; other <= kCentre; ++other) {
      const bool opposite = place != kCentre && other == kBottomRight - place;
      if (other != place && !opposite) truth.others.push_back(place_name(other));
    }
    return truth;
  }
  return std::nullopt;
}

std::string compared_name(const Filter& filter, const Filter& other) {
  if (filter.shape != other.shape) return plural_shape(filter.shape);
  if (filter.colour != other.colour) return colour_names()[static_cast<std::size_t>(filter.colour)];
  return size_names()[static_cast<std::size_t>(filter.size)];
}

std::optional<Truth> evaluate_compare(const Query& query, const Scene& scene) {
  std::vector<int> about = matching(query.a, scene);
  const std::vector<int> others = matching(query.b, scene);
  const std::size_t first = about.size();
  const std::size_t second = others.size();
  if (first + second == 0) return std::nullopt;
  about.insert(about.end(), others.begin(), others.end());
  switch (query.kind) {
    case Kind::kMore:
      return yes_no(first > second, about);
    case Kind::kFewer:
      return yes_no(first < second, about);
    case Kind::kSame:
      return yes_no(first == second, about);
    default:
      break;
  }
  if (first == second) return std::nullopt;
  std::sort(about.begin(), about.end());
  Truth truth{compared_name(query.a, query.b), about, {compared_name(query.b, query.a)}};
  if (first < second) std::swap(truth.answer, truth.others[0]);
  return truth;
}

std::optional<Truth> evaluate_two(const Query& query, const Scene& scene) {
  const int a = only_match(query.a, scene);
  const int b = only_match(query.b, scene);
  if (a < 0 || b < 0 || a == b) return std::nullopt;
  const SceneObject& first = object_at(scene, a);
  const SceneObject& second = object_at(scene, b);
  if (query.kind == Kind::kRelationIs) {
    const Verdict verdict = is_beside(query.value, first, second);
    if (!verdict) return std::nullopt;
    return yes_no(*verdict, {a, b});
  }
  if (first.size == second.size) return std::nullopt;
  return yes_no((first.size > second.size) == (query.kind == Kind::kLarger), {a, b});
}

/// The kinds that speak of one object, found by filter A.
std::optional<Truth> evaluate_one(const Query& query, const Scene& scene) {
  const int a = only_match(query.a, scene);
  if (a < 0) return std::nullopt;
  const SceneObject& object = object_at(scene, a);
  switch (query.kind) {
    case Kind::kColour:
      return named(colour_names(), &SceneObject::colour, a, {a}, scene);
    case Kind::kColourIs:
      return yes_no(object.colour == query.value, {a});
    case Kind::kShape:
      return named(shape_names(), &SceneObject::shape, a, {a}, scene);
    case Kind::kShapeIs:
      return yes_no(object.shape == query.value, {a});
    case Kind::kSize:
      return sized(a, scene);
    case Kind::kSizeIs:
      return yes_no(object.size == query.value, {a});
    case Kind::kPlace:
      return placed(a, scene);
    case Kind::kPlaceIs: {
      const Verdict verdict = is_at(object, query.value, scene);
      if (!verdict) return std::nullopt;
      return yes_no(*verdict, {a});
    }
    default:
      break;
  }
  const int beside = only_beside(query.b, query.value, a, scene);
  if (beside < 0) return std::nullopt;
  return query.kind == Kind::kRelationShape
             ? named(shape_names(), &SceneObject::shape, beside, {a, beside}, scene)
             : named(colour_names(), &SceneObject::colour, beside, {a, beside}, scene);
}

}  // namespace

const std::string& place_name(int place) {
  static const std::array<std::string, kPlaces> names = {"top left",     "top right", "bottom left",
                                                         "bottom right", "center",    "left",
                                                         "right",        "top",       "bottom"};
  return names.at(static_cast<std::size_t>(place));
}

Truth yes_no(bool yes, std::vector<int> about) {
  std::sort(about.begin(), about.end());
  return {yes ? "yes" : "no", std::move(about), {yes ? "no" : "yes"}};
}

Truth counted(int count, std::vector<int> about) {
  std::sort(about.begin(), about.end());
  Truth truth{std::to_string(count), std::move(about), {std::to_string(count + 1)}};
  if (count > 0) truth.others.push_back(std::to_string(count - 1));
  return truth;
}

std::string answer_type(Kind kind) {
  switch (kind) {
    case Kind::kCount:
      return "number";
    case Kind::kColour:
    case Kind::kShape:
    case Kind::kSize:
    case Kind::kPlace:
    case Kind::kRelationShape:
    case Kind::kRelationColour:
    case Kind::kWhichMore:
      return "other";
    default:
      return "yes/no";
  }
}

std::optional<Truth> evaluate(const Query& query, const Scene& scene) {
  switch (query.kind) {
    case Kind::kExist: {
      const std::vector<int> found = matching(query.a, scene);
      return yes_no(!found.empty(), found);
    }
    case Kind::kCount: {
      const std::vector<int> found = matching(query.a, scene);
      return counted(static_cast<int>(found.size()), found);
    }
    case Kind::kCountIs: {
      const std::vector<int> found = matching(query.a, scene);
      return yes_no(static_cast<int>(found.size()) == query.number, found);
    }
    case Kind::kMore:
    case Kind::kFewer:
    case Kind::kSame:
    case Kind::kWhichMore:
      return evaluate_compare(query, scene);
    case Kind::kLarger:
    case Kind::kSmaller:
    case Kind::kRelationIs:
      return evaluate_two(query, scene);
    default:
      return evaluate_one(query, scene);
  }
}

}  // namespace vqalign::scenes
