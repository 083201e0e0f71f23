#pragma once

#include <cstdint>
#include <vector>

#include "vqalign/fusion/model_file.h"
#include "vqalign/inspect/inspection.h"

namespace vqalign {

/// A question of a batch asked by itself: what Answerer::inspect() and relevance() tell of a
/// picture's file, for whatever regions a dataset has. Words and labels of regions are not spelt.
struct Probe {
  Inspection inspection;  ///< with maps, statistics and poolings
  int64_t answer = 0;     ///< the likeliest, in the model's list
  TokenScores relevance;  ///< for that answer (relevance.h)
};

/// `question` is one question with one encoded picture, neither of them padded (question_alone()),
/// of a word and a region at least. Error as take_maps() says.
Probe probe(ModelBundle& bundle, const ModelInput& question);

/// What each region does for an answer: the answer's probability, by the model's calibration, less
/// that with the region masked as padding (positive: the region speaks for it), in the order of the
/// regions. All regions of a picture share a batch. Empty of a picture with one region, of which
/// nothing would be left.
std::vector<double> occlusion_effects(ModelBundle& bundle, const ModelInput& question,
                                      int64_t answer);

}  // namespace vqalign
