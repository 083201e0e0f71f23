#pragma once

#include "vqalign/train/adam.h"
#include "vqalign/train/loss_scale.h"
#include "vqalign/train/objective.h"
#include "vqalign/train/weight_average.h"

namespace vqalign {

/// What differs from step to step.
struct StepSettings {
  int64_t number = 1;         ///< from 1
  bool objects_only = false;  ///< whether labelled objects alone are taught
  double learning_rate = 0;
  double relevance_weight = 0;
};

/// Takes a training's steps: the loss of a batch, its gradient (clipped where train.gradient_clip
/// asks for it), one move of the optimiser, and of the weights' average where train.average keeps
/// one.
class Stepper {
 public:
  /// `setup` must outlive the stepper; `options` are the run's.
  Stepper(TrainingSetup& setup, const RunOptions& options, torch::Device device, uint64_t seed);

  /// One step. Error, with nothing moved, when a loss or the gradient is no number; where the
  /// scale of a float16 training's loss may be to blame for the gradient, nothing moves and
  /// StepResult::skipped says so.
  StepResult take(const Batch& batch, const StepSettings& settings);

  /// Error when a weight or a moment is no number, so that no such state is ever kept.
  void check_weights(int64_t step) const;

  /// What a state file keeps besides the weights: the optimiser's moments ("adam."), the average
  /// ("average.").
  NamedTensors state() const;
  WeightAverage& average() { return average_; }
  LossScale& loss_scale() { return scale_; }

  /// Where dropout and the loss's scale are, to and from a state's progress.
  void keep(TrainingProgress& progress) const;
  void restore(const TrainingProgress& progress);

 private:
  TrainingSetup& setup_;
  const RunOptions& options_;
  torch::Device device_;
  Adam adam_;
  WeightAverage average_;
  DropoutStreams streams_;
  LossScale scale_;
};

}  // namespace vqalign
