#pragma once

#include "vqalign/train/training_setup.h"

namespace vqalign {

/// Gives the classifier of a fresh model a start, as train.prior_bias and train.answer_vectors ask
/// for. The pretrained encoder of questions must be in place. UsageError where answers have no
/// vectors, for there is no such encoder.
void start_classifier(const TrainRequest& request, TrainingSetup& setup);

}  // namespace vqalign
