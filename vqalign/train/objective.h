#pragma once

#include <torch/types.h>

#include "vqalign/data/batch.h"
#include "vqalign/train/training_log.h"
#include "vqalign/train/training_setup.h"

namespace vqalign {

/// What training minimises, a value per sample: BCE on soft targets summed over answers, plus the
/// regulariser (align.weight), plus what labelled objects teach (train.object_weight). Fills the
/// loss and the distances of `result`.
/// @return float32 [B]
torch::Tensor sample_losses(TrainingSetup& setup, const RunOptions& options, const Batch& batch,
                            torch::Device device, DropoutStreams& streams, StepResult& result);

}  // namespace vqalign
