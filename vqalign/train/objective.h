#pragma once

#include <torch/types.h>

#include "vqalign/data/batch.h"
#include "vqalign/train/training_log.h"
#include "vqalign/train/training_setup.h"

namespace vqalign {

/// What a step minimises and what it tells, on the device, which nothing here waits for. The
/// scalars are those of StepResult; undefined: the step has none.
struct StepLosses {
  torch::Tensor minimised;  ///< float32 [B], or a scalar where labelled objects alone are taught
  torch::Tensor loss, distance, object_loss, relevance_loss;
  std::map<std::string, torch::Tensor> distances;
  double encoding_seconds = 0;

  /// Waits for the device, once, to read them and the norms of the gradients (float32 [n]).
  StepResult read(const torch::Tensor& gradient_norms) const;
};

/// What training minimises, a value per sample: BCE on soft targets summed over answers, plus the
/// regulariser (align.weight), plus what labelled objects teach (train.object_weight) and what
/// is known of the regions that matter, times `relevance_weight` (0: left out).
StepLosses sample_losses(TrainingSetup& setup, const RunOptions& options, const Batch& batch,
                         double relevance_weight, torch::Device device, DropoutStreams& streams);

/// What a step minimises that teaches labelled objects alone: the guide's loss, times its weight,
/// as a scalar. `setup` has a guide.
StepLosses object_losses(TrainingSetup& setup, const RunOptions& options, const Batch& batch,
                         torch::Device device);

}  // namespace vqalign
