#pragma once

#include <torch/types.h>

#include <cstdint>
#include <string>

#include "vqalign/core/json.h"

namespace vqalign {

/// Temperature scaling (Guo et al., "On Calibration of Modern Neural Networks", ICML 2017) of a
/// model's probabilities, which are sigmoids: scaled_probability() of core/calibration.h. The mean
/// over passes with dropout is another estimate than a single pass and has a temperature of its
/// own, by which the mean is scaled. The order of answers changes by neither. As it stands in the
/// model file's metadata "calibration"; the default leaves probabilities as they are.
struct ModelCalibration {
  double temperature = 1;         ///< of a pass without dropout
  double passes_temperature = 1;  ///< of the mean over passes with dropout
  int64_t passes = 0;             ///< how many these were; 0: that temperature was not fitted
  int64_t questions = 0;          ///< how many it was fitted on; 0: it was not
  std::string data;               ///< what they were of

  bool fitted() const { return questions > 0; }
  bool fitted_for_passes() const { return fitted() && passes > 0; }

  /// Probabilities of logits from a pass without dropout: sigmoid(logits / temperature).
  torch::Tensor probabilities(const torch::Tensor& logits) const;

  /// {"temperature", "passes_temperature", "passes", "questions", "data"}; without the second and
  /// third where there were no passes.
  Json to_json() const;
  /// The same for people: "temperature 1.08, of the mean over 20 passes 0.93; fitted on 989
  /// questions of val2014"; "none".
  std::string text() const;
};

/// Error beginning with `where`: a temperature outside of kLeastTemperature to kMostTemperature
/// (core/calibration.h), a count out of range, a member missing or of another type.
ModelCalibration calibration_from(const Json& json, const std::string& where);

}  // namespace vqalign
