#pragma once

#include <optional>
#include <string>

#include "vqalign/cli/model_run.h"
#include "vqalign/core/calibration.h"
#include "vqalign/train/evaluation_report.h"

namespace vqalign {

/// What fitting temperatures gave: they, and the figures before and after on the questions that
/// they were not fitted on.
struct TemperatureFit {
  ModelCalibration calibration;
  int64_t reported = 0;  ///< questions that the figures are of
  CalibrationFigures before, after;
  std::optional<CalibrationFigures> passes_before, passes_after;

  /// Whether the other half's NLL, which is what was fitted, got worse by it, of the single pass or
  /// of the mean over passes: then it fits the questions that it was fitted on and no others.
  bool fits_no_others() const;
  /// What got worse on the other half, "NLL 0.5123 to 0.5210, ECE of passes 0.0310 to 0.0402";
  /// empty where neither NLL nor ECE did.
  std::string worsened_text() const;

  /// {"temperature", "passes_temperature", "fitted_on", "reported_on", "before":
  /// calibration_json(), "after", "passes_before", "passes_after"}; without those of passes where
  /// there were none.
  Json to_json() const;
  std::string to_text() const;
};

/// Whether a picture's questions are fitted on, as those of about half of the pictures are: the
/// lowest bit of philox4x32's first word for the counter {id's lower 32 bits, its upper ones, 0,
/// 0} and the key {0, 0} is 0. So no picture lies on both sides, and a split always falls in the
/// same halves.
bool is_fitted_on(int64_t image_id);

/// Fits the temperature of the single pass to the `confidences` of that pass in answers that count
/// `accuracies`, and another one to `passes` where there are some; all before any calibration, in
/// the dataset's order. Error naming the dataset where a half has under ten questions, and where no
/// temperature fits (fitted_temperature()).
TemperatureFit fit_temperatures(const Dataset& dataset, const std::vector<double>& confidences,
                                const std::vector<double>& accuracies,
                                const MeasuredPasses* passes);

}  // namespace vqalign
