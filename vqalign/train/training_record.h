#pragma once

#include "vqalign/train/trainer.h"
#include "vqalign/train/training_state.h"

namespace vqalign {

/// What data is called in model files: the dataset's folder and split, "vqa2/train2014".
std::string data_name(const DataSource& source, const Dataset& dataset);

/// How a model was trained, for its file's metadata "trained".
Json training_record(const TrainRequest& request, const Dataset& train, const TrainingProgress& at,
                     int64_t epochs, double minutes);

/// What a training that stands there tells when it ends.
TrainSummary training_summary(const TrainingProgress& at, int64_t epochs, double seconds,
                              double samples_per_second);

}  // namespace vqalign
