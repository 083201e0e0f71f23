#pragma once

#include <algorithm>

#include "vqalign/inspect/weighing.h"

namespace vqalign {

/// How many answers the app asks for.
constexpr int64_t kAnswersAsked = 10;

/// Whether a word was read or a region seen.
inline bool is_there(const Inspection& inspection, const Token& token) {
  const auto& places = token.is_word ? inspection.read_words : inspection.seen_regions;
  return std::find(places.begin(), places.end(), token.place) != places.end();
}

/// The choice with what the inspection does not have put back to its default; layer and head are
/// those of `family`.
inline WeightChoice fitting_weights(WeightChoice weights, const Inspection& inspection,
                                    AttentionFamily family) {
  const FamilyShape shape = inspection.shape(family);
  if (weights.map.layer >= shape.layers) weights.map.layer = MapChoice::kLast;
  if (weights.map.head >= shape.heads) weights.map.head = MapChoice::kMean;
  if (weights.subject && !is_there(inspection, *weights.subject)) weights.subject.reset();
  return weights;
}

}  // namespace vqalign
