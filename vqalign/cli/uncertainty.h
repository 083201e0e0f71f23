#pragma once

#include <cstdint>
#include <vector>

#include "vqalign/cli/model_run.h"
#include "vqalign/core/calibration.h"
#include "vqalign/train/evaluation_report.h"

namespace vqalign {

/// How well a model knows what it does not know, from repeated passes with dropout on.
struct Uncertainty {
  MeasuredPasses measured;       ///< pavpu: accuracy_versus_uncertainty() of core/calibration.h
  CalibrationFigures figures;    ///< of its confidences and accuracies
  std::vector<double> p_values;  ///< of every question, in the dataset's order

  /// {"pavpu", "ece", "brier", "passes", "ece_adaptive", "nll", "auroc", "aurc"}
  Json to_json() const;
  std::string to_text() const;
};

/// {"ece", "ece_adaptive", "brier", "nll", "auroc", "aurc"}
Json calibration_json(const CalibrationFigures& figures);
/// "ECE 0.0134 (adaptive bins 0.0141), Brier 0.0171, NLL .., AUROC .., AURC .."
std::string calibration_text(const CalibrationFigures& figures);

/// Answers every question `passes` (at least 2) times, as stochastic_passes() says, so that `ask`
/// with that seed gives the same. Pictures are encoded once, noise as
/// `run.options` asks is added once. The answer is the one with the highest mean probability, which
/// is its confidence; its accuracy is the official one, or where every question has a single answer
/// whether it matches that; Welch's t-test compares the probabilities of
/// the two answers with the highest means. Confidences are scaled by the model's calibration. The
/// same seed gives the same figures.
Uncertainty measure_uncertainty(ModelRun& run, int64_t passes, Progress& progress,
                                const CancelToken& cancel);

}  // namespace vqalign
