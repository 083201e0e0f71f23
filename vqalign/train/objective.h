#pragma once

#include <torch/types.h>

#include "vqalign/data/batch.h"
#include "vqalign/train/training_log.h"
#include "vqalign/train/training_setup.h"

namespace vqalign {

/// What training minimises, a value per sample: BCE on soft targets summed over answers, plus the
/// regulariser (align.weight), plus what labelled objects teach (train.object_weight) and what
/// is known of the regions that matter, times `relevance_weight` (0: left out). Fills the losses
/// and distances of `result`.
/// @return float32 [B]
torch::Tensor sample_losses(TrainingSetup& setup, const RunOptions& options, const Batch& batch,
                            double relevance_weight, torch::Device device, DropoutStreams& streams,
                            StepResult& result);

/// What a step minimises that teaches labelled objects alone: the guide's loss, times its weight,
/// as a scalar. `setup` has a guide. Fills the object loss of `result`.
torch::Tensor object_loss(TrainingSetup& setup, const RunOptions& options, const Batch& batch,
                          torch::Device device, StepResult& result);

}  // namespace vqalign
