#pragma once

#include <string>

#include "vqalign/core/json.h"
#include "vqalign/fusion/vqa_model.h"
#include "vqalign/train/uncertainty.h"

namespace vqalign {

/// {"pavpu", "ece", "brier", "passes", "ece_adaptive", "nll", "auroc", "aurc"}
Json uncertainty_json(const Uncertainty& uncertainty);
std::string uncertainty_text(const Uncertainty& uncertainty);

/// Warns where the passes of a model are all alike.
void warn_about_passes(const ModelConfig& config);

/// {"ece", "ece_adaptive", "brier", "nll", "auroc", "aurc"}
Json calibration_json(const CalibrationFigures& figures);
/// "ECE 0.0134 (adaptive bins 0.0141), Brier 0.0171, NLL .., AUROC .., AURC .."
std::string calibration_text(const CalibrationFigures& figures);

}  // namespace vqalign
