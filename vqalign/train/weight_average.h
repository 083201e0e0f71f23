#pragma once

#include <cstdint>

#include "vqalign/train/adam.h"

namespace vqalign {

/// The mean of a training's weights over its last steps, exponentially weighted (Polyak and
/// Juditsky 1992; Tarvainen and Valpola, "Mean teachers are better role models", NeurIPS 2017),
/// which is scored and stored in place of the last ones: it forgets the noise of single batches.
///
/// After step t (from 1) an average a of weights w becomes d a + (1 - d) w with
/// d = min(decay, t / (t + 9)), so that the first steps, far from where training leads, are soon
/// forgotten.
class WeightAverage {
 public:
  /// `weights` are the live ones. decay 0: no average is kept, nothing below does anything.
  WeightAverage(NamedTensors weights, double decay);

  /// To be called behind step `step`, from 1.
  void update(int64_t step);
  /// The live weights become the average, and the average what they were.
  void exchange();
  /// "NAME" of each weight, sharing memory with the average; empty where none is kept.
  NamedTensors state() const;

 private:
  NamedTensors weights_, averages_;
  double decay_ = 0;
};

/// While it lives, the live weights are the average.
class AveragedWeights {
 public:
  explicit AveragedWeights(WeightAverage& average) : average_(average) { average_.exchange(); }
  ~AveragedWeights() { average_.exchange(); }
  AveragedWeights(const AveragedWeights&) = delete;
  AveragedWeights& operator=(const AveragedWeights&) = delete;

 private:
  WeightAverage& average_;
};

}  // namespace vqalign
