#pragma once

#include "vqalign/train/training_setup.h"

namespace vqalign {

/// Finds the answers to choose from. Of the annotations, most of what a large set takes in memory,
/// keeps what a training asks about these. Error when no answer is left, or no question has one;
/// a warning when all have the same.
void prepare_answers(const TrainRequest& request, TrainingSetup& setup);

}  // namespace vqalign
