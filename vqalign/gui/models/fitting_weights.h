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

/// The choice with what the inspection does not have put back to its default.
inline WeightChoice fitting_weights(WeightChoice weights, const Inspection& inspection) {
  if (weights.map.layer >= inspection.layers) weights.map.layer = MapChoice::kLast;
  if (weights.map.head >= inspection.heads) weights.map.head = MapChoice::kMean;
  if (weights.subject && !is_there(inspection, *weights.subject)) weights.subject.reset();
  return weights;
}

}  // namespace vqalign
