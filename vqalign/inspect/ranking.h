#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "vqalign/inspect/evidence.h"

namespace vqalign {

/// Fills in the `top` likeliest answers from probabilities [N, A] of one or more passes: their
/// means, of equals the first of the list; with several passes also spreads and certainty, of a
/// single answer none at p 1. Means
/// and what spreads are scaled by `temperature` (scaled_probability()); whether the two likeliest
/// differ is tested on what passes gave.
void rank_answers(AnswerEvidence& evidence, const torch::Tensor& passes,
                  const std::vector<std::string>& answers, const std::vector<float>& priors,
                  int64_t top, double temperature);

/// Marks the certainty of passes that cannot tell it (Certainty::told), with a warning: those of a
/// model without dropout or of a single answer.
void doubt_certainty(AnswerEvidence& evidence, bool has_dropout);

}  // namespace vqalign
