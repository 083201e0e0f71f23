#include "vqalign/data/scenes_sampling.h"

#include <array>
#include <vector>

namespace vqalign::scenes {
namespace {

struct KindShare {
  Kind kind;
  int family;
  double share;  ///< of the family's questions
};

/// Families in scene_families()'s order. The shares keep about two questions in five yes/no.
constexpr std::array<KindShare, 20> kShares = {
    {{Kind::kExist, 0, 1.0},           {Kind::kCount, 1, 0.8},      {Kind::kCountIs, 1, 0.2},
     {Kind::kColour, 2, 0.75},         {Kind::kColourIs, 2, 0.25},  {Kind::kShape, 3, 0.75},
     {Kind::kShapeIs, 3, 0.25},        {Kind::kSize, 4, 0.6},       {Kind::kSizeIs, 4, 0.2},
     {Kind::kLarger, 4, 0.1},          {Kind::kSmaller, 4, 0.1},    {Kind::kPlace, 5, 0.7},
     {Kind::kPlaceIs, 5, 0.3},         {Kind::kRelationIs, 6, 0.5}, {Kind::kRelationShape, 6, 0.25},
     {Kind::kRelationColour, 6, 0.25}, {Kind::kMore, 7, 0.22},      {Kind::kFewer, 7, 0.22},
     {Kind::kSame, 7, 0.22},           {Kind::kWhichMore, 7, 0.34}}};

constexpr int kTriesPerKind = 150;
constexpr int kKindTries = 4;

enum Attributes { kOfShape = 1, kOfColour = 2, kOfSize = 4 };

Filter describe(const SceneObject& object, int attributes) {
  return {(attributes & kOfShape) != 0 ? object.shape : -1,
          (attributes & kOfColour) != 0 ? object.colour : -1,
          (attributes & kOfSize) != 0 ? object.size : -1};
}

const SceneObject& any_object(const Scene& scene, Random& random) {
  return scene.objects[random.below(static_cast<uint32_t>(scene.objects.size()))];
}

/// Attributes for naming an object; `unless` is the one that the question is about.
int naming(int unless, Random& random) {
  static constexpr std::array<int, 10> kNamings = {kOfShape,
                                                   kOfShape,
                                                   kOfColour,
                                                   kOfColour,
                                                   kOfShape | kOfColour,
                                                   kOfShape | kOfColour,
                                                   kOfShape | kOfSize,
                                                   kOfColour | kOfSize,
                                                   kOfShape | kOfColour | kOfSize,
                                                   kOfSize};
  int attributes = 0;
  do {
    attributes = pick(kNamings, random);
  } while ((attributes & unless) != 0);
  return attributes;
}

/// Attributes for naming the second object of a relation.
int naming_other(Kind kind, Random& random) {
  if (kind == Kind::kRelationIs) return naming(0, random);
  if (random.chance(0.3)) return 0;
  return naming(kind == Kind::kRelationShape ? kOfShape : kOfColour, random);
}

int counting(Random& random) {
  static constexpr std::array<int, 10> kCountings = {0,
                                                     kOfShape,
                                                     kOfShape,
                                                     kOfShape,
                                                     kOfColour,
                                                     kOfColour,
                                                     kOfColour,
                                                     kOfSize,
                                                     kOfShape | kOfColour,
                                                     kOfShape | kOfSize};
  return pick(kCountings, random);
}

void propose_compare(Query& query, const SceneObject& first, const SceneObject& second,
                     Random& random) {
  static constexpr std::array<int, 5> kCompared = {kOfShape, kOfShape, kOfColour, kOfColour,
                                                   kOfSize};
  const int compared = pick(kCompared, random);
  query.a = describe(first, compared);
  query.b = describe(second, compared);
  if (!random.chance(0.2)) return;
  // Both sides share a further attribute: "more red circles than blue circles".
  const Filter shared = describe(first, compared == kOfShape ? kOfColour : kOfShape);
  for (Filter* side : {&query.a, &query.b}) {
    if (shared.shape >= 0) side->shape = shared.shape;
    if (shared.colour >= 0) side->colour = shared.colour;
  }
}

int place_of(const SceneObject& object, const Scene& scene, Random& random) {
  Query query;
  query.kind = Kind::kPlaceIs;
  query.a = {object.shape, object.colour, object.size};
  const Scene alone{scene.width, scene.height, {object}, {}, false};
  for (int attempt = 0; attempt < 8; ++attempt) {
    query.value = static_cast<int>(random.below(kPlaces));
    const auto truth = evaluate(query, alone);
    if (truth && truth->answer == "yes") break;
  }
  return query.value;
}

/// A question to which `scene` gives a telling answer; whether it fits is left to evaluate().
Query propose(Kind kind, const Scene& scene, const Scene& other, Random& random) {
  const SceneObject& object = any_object(scene, random);
  Query query;
  query.kind = kind;
  query.phrasing = static_cast<int>(random.below(1 << 16));
  switch (kind) {
    case Kind::kExist:
      query.a = describe(object, naming(0, random));
      break;
    case Kind::kCount:
    case Kind::kCountIs:
      query.a = describe(object, counting(random));
      for (const SceneObject& each : scene.objects) query.number += query.a.matches(each) ? 1 : 0;
      break;
    case Kind::kColour:
    case Kind::kColourIs:
      query.a = describe(object, naming(kOfColour, random));
      query.value = object.colour;
      break;
    case Kind::kShape:
    case Kind::kShapeIs:
      query.a = describe(object, naming(kOfShape, random));
      query.value = object.shape;
      break;
    case Kind::kSize:
    case Kind::kSizeIs:
      query.a = describe(object, naming(kOfSize, random));
      query.value = object.size;
      break;
    case Kind::kLarger:
    case Kind::kSmaller:
      query.a = describe(object, naming(kOfSize, random));
      query.b = describe(any_object(scene, random), naming(kOfSize, random));
      break;
    case Kind::kPlace:
      query.a = describe(object, naming(0, random));
      break;
    case Kind::kPlaceIs:
      query.a = describe(object, naming(0, random));
      query.value = place_of(object, scene, random);
      break;
    case Kind::kRelationIs:
    case Kind::kRelationShape:
    case Kind::kRelationColour:
      query.a = describe(object, naming(0, random));
      query.b = describe(any_object(scene, random), naming_other(kind, random));
      query.value = static_cast<int>(random.below(kDirections));
      break;
    default:
      propose_compare(query, object, any_object(random.chance(0.5) ? scene : other, random),
                      random);
  }
  return query;
}

bool telling(const Query& query, const Scene& first, const Scene& second) {
  const bool compares = family_of(query.kind) == 7;
  if (compares && query.a == query.b) return false;
  const auto answer = evaluate(query, first);
  if (!answer) return false;
  const auto other = evaluate(query, second);
  return other && other->answer != answer->answer;
}

/// Ones and twos come by themselves; taking some of them only keeps larger counts as frequent.
bool common_count(const Query& query, const Scene& first, const Scene& second) {
  if (query.kind != Kind::kCount) return false;
  return evaluate(query, first)->about.size() <= 2 && evaluate(query, second)->about.size() <= 2;
}

}  // namespace

int family_of(Kind kind) {
  for (const KindShare& share : kShares) {
    if (share.kind == kind) return share.family;
  }
  return -1;
}

std::optional<Query> sample_query(int family, const Scene& first, const Scene& second,
                                  Random& random) {
  if (first.objects.empty() || second.objects.empty()) return std::nullopt;
  for (int round = 0; round < kKindTries; ++round) {
    double draw = random.uniform();
    Kind kind = Kind::kExist;
    for (const KindShare& share : kShares) {
      if (share.family != family) continue;
      kind = share.kind;
      draw -= share.share;
      if (draw < 0) break;
    }
    for (int attempt = 0; attempt < kTriesPerKind; ++attempt) {
      const bool swap = random.chance(0.5);
      const Query query = propose(kind, swap ? second : first, swap ? first : second, random);
      if (!telling(query, first, second)) continue;
      if (common_count(query, first, second) && random.chance(0.7)) continue;
      return query;
    }
  }
  return std::nullopt;
}

}  // namespace vqalign::scenes
