#pragma once

#include "vqalign/train/training_setup.h"

namespace vqalign {

/// What must be the same for a training to be resumed: recipe, seed, data, words, answers and every
/// option but those that change no number.
Json training_setting(const TrainRequest& request, const TrainingSetup& setup);

/// UsageError naming the state's file and the first field in which two settings differ, with both
/// values. An option that `before` does not have, as a state of an older version, had its default.
void check_same_setting(const Json& now, const Json& before, const std::string& file);

}  // namespace vqalign
