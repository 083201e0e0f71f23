#pragma once

#include <cstdint>
#include <vector>

#include "vqalign/cli/model_run.h"

namespace vqalign {

/// How well a model knows what it does not know, from repeated passes with dropout on.
struct Uncertainty {
  int64_t passes = 0;
  double pavpu = 0;  ///< percent; accuracy_versus_uncertainty() of core/statistics.h
  double ece = 0;    ///< expected_calibration_error() with 15 bins
  double brier = 0;  ///< brier_score()
  // Of every question, in the dataset's order, what the figures are made of.
  std::vector<double> confidences;
  std::vector<double> accuracies;
  std::vector<double> p_values;

  /// {"pavpu", "ece", "brier", "passes"}
  Json to_json() const;
};

/// Answers every question `passes` (at least 2) times. Pictures are encoded once, noise as
/// `run.options` asks is added once. The answer is the one with the highest mean probability, which
/// is its confidence, its accuracy the official one; Welch's t-test compares the probabilities of
/// the two answers with the highest means. The same seed gives the same figures.
Uncertainty measure_uncertainty(ModelRun& run, int64_t passes, Progress& progress,
                                const CancelToken& cancel);

}  // namespace vqalign
