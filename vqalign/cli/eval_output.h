#pragma once

#include <optional>
#include <string>

#include "vqalign/core/json.h"
#include "vqalign/data/question_prior.h"

namespace vqalign {

/// The prior of the split that `wanted` names, scored on the dataset. Empty `wanted` takes the
/// folder's training split, and none where there is no such split, where the dataset is that split
/// itself or where its files are not sound (with a warning); "none" takes none. Error when a split
/// that was asked for is not there or has no annotations.
std::optional<PriorScore> find_prior(const std::string& wanted, const DataSource& source,
                                     const Dataset& dataset, int threads);

/// {"split": .., "overall": .., "perAnswerType": {..}, "perQuestionType": {..}}
Json prior_json(const PriorScore& prior);

/// A score for people: overall, then answer types and question types with their number of
/// questions, the lowest accuracy first, beside the prior where there is one.
std::string eval_text(const Score& score, const PriorScore* prior, const Dataset& dataset);

}  // namespace vqalign
