#pragma once

#include <vector>

#include "vqalign/core/calibration.h"
#include "vqalign/train/evaluation.h"
#include "vqalign/train/evaluation_report.h"

namespace vqalign {

/// How well a model knows what it does not know, from repeated passes with dropout on.
struct Uncertainty {
  MeasuredPasses measured;       ///< pavpu: accuracy_versus_uncertainty() of core/calibration.h
  CalibrationFigures figures;    ///< of its confidences and accuracies
  std::vector<double> p_values;  ///< of every question, in the dataset's order
};

/// Answers every question `passes` (at least 2) times, as stochastic_passes() says, so that `ask`
/// with that seed gives the same. Pictures are encoded once, noise as `options` asks is added once.
/// The answer is the one with the highest mean probability, which
/// is its confidence; its accuracy is the official one, or where every question has a single answer
/// whether it matches that; Welch's t-test compares the probabilities of
/// the two answers with the highest means; where the model knows a single one p is 1. Confidences
/// are scaled by the model's calibration. The same seed gives the same figures.
Uncertainty measure_uncertainty(ModelBundle& bundle, const Dataset& dataset,
                                const EvaluationOptions& options, int64_t passes,
                                Progress& progress, const CancelToken& cancel);

}  // namespace vqalign
