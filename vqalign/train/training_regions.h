#pragma once

#include "vqalign/train/training_setup.h"

namespace vqalign {

/// Where a pretrained encoder is left as it is: makes the regions of all pictures, once for all
/// trainings (stored_encodings.h). The model must be complete and on its device.
void prepare_encodings(const TrainRequest& request, TrainingSetup& setup, Progress& progress,
                       const CancelToken& cancel);

/// Where a pretrained encoder of questions is left as it is, and its states fit in memory, reads
/// all questions once. The model must be complete and on its device.
void prepare_questions(const TrainRequest& request, TrainingSetup& setup, Progress& progress,
                       const CancelToken& cancel);

/// Keeps the regions of pictures in memory where another encoder will be left as it is, and they
/// fit.
void prepare_regions(const TrainRequest& request, TrainingSetup& setup);

}  // namespace vqalign
